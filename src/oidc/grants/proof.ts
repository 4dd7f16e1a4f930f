/**
 * Proof of possession for the grants of this folder: the engine checks it for its own grants alone
 * and offers no way to ask it for more. What is taken and refused here is what it takes and refuses.
 */
import { hash, type X509Certificate } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, jwtVerify } from 'jose';
import {
  type AccessToken,
  type ClientCredentials,
  errors,
  type TokenEndpointGrantContext,
} from 'oidc-provider';
import { epoch } from '../../lib/time.ts';
import { enabledJWA } from '../algorithms.ts';
import type { FindCertificate } from '../mtls.ts';

/** Seconds that a proof's `iat` may be off; the engine's own. */
const WINDOW = 300;

/** What the sender of a request has shown that they hold. */
export interface Proven {
  /** The thumbprint of the key that a DPoP proof was signed with (RFC 9449, section 6.1). */
  jkt?: string;
  certificate?: X509Certificate;
}

/** What a token is bound to (RFC 7800, section 3.1). */
export interface Confirmation {
  jkt?: string | undefined;
  'x5t#S256'?: string | undefined;
}

const refuse = (description: string) => new errors.InvalidDpopProof(description);

/** @source RFC 9449, section 4.3 */
async function checkDpop(ctx: TokenEndpointGrantContext): Promise<string | undefined> {
  const proof = ctx.get('DPoP');
  if (!proof) return undefined;
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    algorithms: [...(enabledJWA.dPoPSigningAlgValues ?? [])],
    typ: 'dpop+jwt',
  }).catch(() => {
    throw refuse('invalid DPoP key binding');
  });
  const { iat, jti, htm, htu, nonce } = payload;
  if (typeof jti !== 'string' || !jti) throw refuse('DPoP proof must have a jti string property');
  if (nonce !== undefined) throw refuse('DPoP nonces are not supported');
  if (typeof iat !== 'number' || Math.abs(epoch() - iat) > WINDOW) {
    throw refuse('DPoP proof iat is not recent enough');
  }
  if (htm !== ctx.method) throw refuse('DPoP proof htm mismatch');
  const target = typeof htu === 'string' ? URL.parse(htu) : null;
  if (!target) throw refuse('DPoP proof htu mismatch');
  target.search = '';
  target.hash = '';
  if (target.href !== new URL(ctx.oidc.urlFor('token')).href) {
    throw refuse('DPoP proof htu mismatch');
  }
  const { ReplayDetection } = ctx.oidc.provider;
  if (!(await ReplayDetection.unique(ctx.oidc.client.clientId, jti, epoch() + WINDOW))) {
    throw new errors.InvalidGrant('DPoP proof JWT Replay detected');
  }
  return calculateJwkThumbprint(protectedHeader.jwk as JWK);
}

/** What this request proves; refused when the client's own tokens need more. */
export async function provePossession(
  ctx: TokenEndpointGrantContext,
  find: FindCertificate | undefined,
): Promise<Proven> {
  const { client } = ctx.oidc;
  const jkt = await checkDpop(ctx);
  const certificate = find?.(ctx.req)?.certificate;
  if (client.dpopBoundAccessTokens && jkt === undefined) {
    throw new errors.InvalidGrant('DPoP proof JWT not provided');
  }
  if (client.tlsClientCertificateBoundAccessTokens && !certificate) {
    throw new errors.InvalidGrant('mutual TLS client certificate not provided');
  }
  return { ...(jkt !== undefined && { jkt }), ...(certificate && { certificate }) };
}

/** Whether that is what a token is bound to; a token that is bound to nothing asks for nothing. */
export function holds({ jkt, certificate }: Proven, bound: Confirmation): boolean {
  const thumbprint = certificate && hash('sha256', certificate.raw, 'base64url');
  return (
    (bound.jkt === undefined || bound.jkt === jkt) &&
    (bound['x5t#S256'] === undefined || bound['x5t#S256'] === thumbprint)
  );
}

/** Binds a new token, as the engine binds those of its own grants. */
export function bind(
  { oidc: { client } }: TokenEndpointGrantContext,
  token: AccessToken | ClientCredentials,
  { jkt, certificate }: Proven,
): void {
  if (client.tlsClientCertificateBoundAccessTokens && certificate) {
    token.setThumbprint('x5t', certificate);
  }
  if (jkt !== undefined) token.setThumbprint('jkt', jkt);
}
