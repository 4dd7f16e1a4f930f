/**
 * A relying party on `openid-client` that does what its registration asks of it: pushes requests,
 * signs them, proves possession, reads signed responses.
 */
import { createAgent, leftFor } from './agent.ts';
import type { ClientKeys } from './keys.ts';
import type { TestAccount, TestClient } from './op.ts';
import { openid } from './rp.ts';

export interface ProfileRp {
  config: openid.Configuration;
  dpop?: openid.DPoPHandle;
  /** The address to send a person to, and what to check when they come back. */
  start(parameters?: Record<string, string>): Promise<{ url: URL; checks: Checks }>;
  signIn(
    person: TestAccount,
    parameters?: Record<string, string>,
  ): Promise<openid.TokenEndpointResponse & openid.TokenEndpointResponseHelpers>;
}

interface Checks {
  pkceCodeVerifier: string;
  expectedState: string;
  expectedNonce: string;
}

/** @param headers sent with every request, such as the certificate that a proxy would pass on */
export async function createProfileRp(
  issuer: string,
  client: TestClient,
  keys: ClientKeys,
  headers: Record<string, string> = {},
): Promise<ProfileRp> {
  const key = { key: keys.privateKey, kid: keys.kid };
  const jarm = [client.response_modes].flat().includes('jwt');
  const { id_token_signed_response_alg, authorization_signed_response_alg } = client;
  const config = await openid.discovery(
    new URL(issuer),
    client.client_id,
    {
      id_token_signed_response_alg,
      authorization_signed_response_alg,
      introspection_signed_response_alg: client.introspection_signed_response_alg,
    } as Record<string, string>,
    openid.PrivateKeyJwt(key),
    {
      execute: [openid.allowInsecureRequests, ...(jarm ? [openid.useJwtResponseMode] : [])],
      [openid.customFetch]: (url: string, options: RequestInit) =>
        fetch(url, { ...options, headers: { ...(options.headers as object), ...headers } }),
    } as openid.DiscoveryRequestOptions,
  );
  const dpop = client.dpop_bound_access_tokens
    ? openid.getDPoPHandle(config, await openid.randomDPoPKeyPair())
    : undefined;
  const bound = dpop && { DPoP: dpop };

  const start: ProfileRp['start'] = async (more = {}) => {
    const checks: Checks = {
      pkceCodeVerifier: openid.randomPKCECodeVerifier(),
      expectedState: openid.randomState(),
      expectedNonce: openid.randomNonce(),
    };
    const parameters = {
      redirect_uri: client.redirect_uris[0] ?? '',
      scope: 'openid email',
      code_challenge: await openid.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      ...more,
    };
    const signed = client.require_signed_request_object
      ? await openid.buildAuthorizationUrlWithJAR(config, parameters, key)
      : openid.buildAuthorizationUrl(config, parameters);
    const url = client.require_pushed_authorization_requests
      ? await openid.buildAuthorizationUrlWithPAR(config, signed.searchParams, bound)
      : signed;
    return { url, checks };
  };

  return {
    config,
    ...(dpop && { dpop }),
    start,
    async signIn(person, parameters) {
      const { url, checks } = await start(parameters);
      const callback = leftFor(await createAgent(issuer).authorize(url, person));
      return openid.authorizationCodeGrant(config, callback, checks, undefined, bound);
    },
  };
}
