/**
 * Proof of possession for the grants of this folder: the engine checks it for its own grants alone
 * and offers no way to ask it for more. What is taken and refused here is what it takes and refuses.
 */
import { hash, type X509Certificate } from 'node:crypto';
import {
  type AccessToken,
  type ClientCredentials,
  errors,
  type TokenEndpointGrantContext,
} from 'oidc-provider';
import type { ExtraProperties } from '../client.ts';
import { isFirstUse, readProof } from '../dpop.ts';
import type { Nonces } from '../dpop-nonces.ts';
import type { FindCertificate } from '../mtls.ts';

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

/** What this request proves; refused when the client's own tokens need more. */
export type Prove = (ctx: TokenEndpointGrantContext) => Promise<Proven>;

export function createProver(nonces: Nonces, find: FindCertificate | undefined): Prove {
  async function readDpop(ctx: TokenEndpointGrantContext): Promise<string | undefined> {
    const header = ctx.get('DPoP');
    if (!header) return undefined;
    const { client, provider } = ctx.oidc;
    ctx.set('DPoP-Nonce', nonces.next());
    const proof = await readProof(header, {
      method: ctx.method,
      uri: ctx.oidc.urlFor('token'),
      nonces,
      needsNonce: (client as unknown as ExtraProperties).dpop_require_nonce === true,
    });
    if (!(await isFirstUse(provider, client.clientId, proof))) {
      throw new errors.InvalidGrant('DPoP proof JWT Replay detected');
    }
    return proof.jkt;
  }

  return async (ctx) => {
    const { client } = ctx.oidc;
    const jkt = await readDpop(ctx);
    const certificate = find?.(ctx.req)?.certificate;
    if (client.dpopBoundAccessTokens && jkt === undefined) {
      throw new errors.InvalidGrant('DPoP proof JWT not provided');
    }
    if (client.tlsClientCertificateBoundAccessTokens && !certificate) {
      throw new errors.InvalidGrant('mutual TLS client certificate not provided');
    }
    return { ...(jkt !== undefined && { jkt }), ...(certificate && { certificate }) };
  };
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
