/**
 * What a client's FAPI profile asks of its requests, beyond what the engine does for the profile
 * that it is told. The profile itself is data (`clients/profiles.ts`); here it meets the engine.
 */
import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { type Profile, profileOf } from '../clients/profiles.ts';
import type { ExtraProperties } from './client.ts';
import { isTyped } from './jwt-types.ts';
import { isTokenRequest } from './token-responses.ts';

/** The profile of a client as the engine has it. */
export const profileOfClient = (client: unknown): Profile | undefined =>
  client ? profileOf(client as ExtraProperties) : undefined;

/** `features.fapi.profile` */
export const fapiProfile = (_ctx: KoaContextWithOIDC, client: unknown) =>
  profileOfClient(client)?.engine;

/**
 * Assertions are for this server alone, are nothing else, and signed with what the profile allows.
 * @source CVE-2025-27370 (one for several is one that each of them can present); FAPI 2.0 Security Profile, 5.3.2.1 and 5.4.1
 */
export const checkAssertion = (
  issuer: string,
): NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']> => {
  return (ctx, { aud }, header, client) => {
    const ours = ctx.oidc.clientJwtAuthExpectedAudience();
    const alone = [aud].flat().every((one) => ours.has(String(one)));
    if (ctx.oidc.isFapi('2.0') ? aud !== issuer : !alone) {
      throw new errors.InvalidClientAuth('the assertion must be for this server alone');
    }
    if (!isTyped(header.typ, 'client-authentication+jwt')) {
      throw new errors.InvalidClientAuth('the assertion has the type of another kind of JWT');
    }
    const allowed = profileOfClient(client)?.assertionAlgs;
    if (allowed && !allowed.includes(String(header.alg))) {
      throw new errors.InvalidClientAuth(`the assertion must be signed with ${allowed.join(', ')}`);
    }
  };
};

/**
 * A nonce with openid, a state without, where the engine does not ask for it by itself.
 * @source FAPI 1.0 Part 1 Baseline, 5.2.2.2 and 5.2.2.3
 */
export function checkNonceOrState(ctx: KoaContextWithOIDC): void {
  const profile = profileOfClient(ctx.oidc.client);
  if (!profile?.nonceOrState) return;
  const needed = ctx.oidc.requestParamScopes.has('openid') ? 'nonce' : 'state';
  if (!ctx.oidc.params?.[needed]) {
    throw new errors.InvalidRequest(`missing required parameter(s) '${needed}'`);
  }
  // The engine fills in the only one that is registered, so what was sent is looked at.
  const sent = (ctx.oidc.body ?? ctx.query) as Record<string, unknown>;
  if (!sent.request && !sent.request_uri && !sent.redirect_uri) {
    throw new errors.InvalidRequest("missing required parameter(s) 'redirect_uri'");
  }
}

/** @source FAPI 2.0 Message Signing, 5.5.1: RFC 9701 alone */
export function checkIntrospectionType(ctx: KoaContextWithOIDC, client: unknown): void {
  if (!profileOfClient(client)?.signedIntrospection) return;
  const jwt = 'application/token-introspection+jwt';
  if (ctx.accepts('json', jwt) === jwt) return;
  throw new errors.InvalidRequest(`ask for ${jwt} in the Accept header`);
}

/**
 * PKCE for every code, unless a confidential client may do without. FAPI 1.0 Advanced has signed
 * requests and asks for it with PAR alone (5.2.2-18).
 */
export function pkceRequired(ctx: KoaContextWithOIDC, client: unknown): boolean {
  if (isTokenRequest(ctx)) return false;
  const profile = profileOfClient(client);
  if (profile?.engine === '1.0 Final') return ctx.oidc.route === 'pushed_authorization_request';
  const { require_pkce, clientAuthMethod } = client as ExtraProperties & {
    clientAuthMethod?: string;
  };
  return profile !== undefined || clientAuthMethod === 'none' || require_pkce !== false;
}
