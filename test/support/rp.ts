/** A relying party on `openid-client`: it knows the issuer and its own registration, nothing else. */
import * as client from 'openid-client';
import { type Agent, type Choice, type Credentials, createAgent, leftFor } from './agent.ts';
import type { TestClient } from './op.ts';

export { client as openid };

type Parameters = Record<string, string>;

/** What a relying party remembers between sending a person away and seeing them back. */
export interface Started {
  url: URL;
  checks: {
    pkceCodeVerifier: string;
    expectedState: string;
    expectedNonce: string;
    idTokenExpected: true;
  };
}

export type Tokens = client.TokenEndpointResponse & client.TokenEndpointResponseHelpers;

export interface SignedIn {
  tokens: Tokens;
  claims: client.IDToken;
  agent: Agent;
  /** Where the browser came back to. */
  callback: URL;
}

export interface RelyingParty {
  config: client.Configuration;
  /** An authorization request with code, PKCE, state and nonce; scope `openid` unless given. */
  start(parameters?: Parameters): Promise<Started>;
  /** Tokens for the code in the address that the browser came back to. */
  redeem(callback: URL, started: Started, parameters?: Parameters): Promise<Tokens>;
  /** The whole way, in a fresh browser unless one is given. */
  signIn(person: Credentials & Choice, parameters?: Parameters, agent?: Agent): Promise<SignedIn>;
  refresh(token: string, parameters?: Parameters): Promise<Tokens>;
  userInfo(tokens: Tokens): Promise<client.UserInfoResponse>;
}

const byMethod: Readonly<Record<string, (secret?: string) => client.ClientAuth>> = {
  none: () => client.None(),
  client_secret_basic: client.ClientSecretBasic,
  client_secret_post: client.ClientSecretPost,
  client_secret_jwt: client.ClientSecretJwt,
};

/** The authentication that a client is registered with, unless it takes a key. */
const authOf = ({ token_endpoint_auth_method, client_secret }: TestClient) =>
  byMethod[String(token_endpoint_auth_method)]?.(client_secret);

/** Discovers the server by its issuer alone. @param auth needed for `private_key_jwt` */
export async function createRp(
  issuer: string,
  registered: TestClient,
  auth: client.ClientAuth | undefined = authOf(registered),
): Promise<RelyingParty> {
  const { client_id, client_secret, id_token_signed_response_alg } = registered;
  const metadata = {
    ...(client_secret !== undefined && { client_secret }),
    ...(typeof id_token_signed_response_alg === 'string' && { id_token_signed_response_alg }),
  };
  const config = await client.discovery(new URL(issuer), client_id, metadata, auth, {
    execute: [client.allowInsecureRequests],
  });
  const redirect_uri = registered.redirect_uris[0] ?? '';

  const start: RelyingParty['start'] = async (parameters = {}) => {
    const checks: Started['checks'] = {
      pkceCodeVerifier: client.randomPKCECodeVerifier(),
      expectedState: client.randomState(),
      expectedNonce: client.randomNonce(),
      idTokenExpected: true,
    };
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri,
      scope: 'openid',
      code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      ...parameters,
    });
    return { url, checks };
  };

  const redeem: RelyingParty['redeem'] = (callback, { checks }, parameters) =>
    client.authorizationCodeGrant(config, callback, checks, parameters);

  return {
    config,
    start,
    redeem,
    async signIn(person, parameters = {}, agent = createAgent(issuer)) {
      const started = await start(parameters);
      const callback = leftFor(await agent.authorize(started.url, person));
      const tokens = await redeem(callback, started, {
        ...(parameters.resource && { resource: parameters.resource }),
      });
      const claims = tokens.claims();
      if (!claims) throw new Error('no ID token');
      return { tokens, claims, agent, callback };
    },
    refresh: (token, parameters) => client.refreshTokenGrant(config, token, parameters),
    userInfo: (tokens) =>
      client.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? ''),
  };
}
