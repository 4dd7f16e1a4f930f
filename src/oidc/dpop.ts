/**
 * DPoP (RFC 9449). The engine checks proofs at its own endpoints and for its own grants; what it
 * leaves – our grants, our API – is checked here, and takes and refuses what the engine does.
 */
import { hash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, jwtVerify } from 'jose';
import { type Configuration, errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import type { Clients } from '../clients/clients.ts';
import { epoch } from '../lib/time.ts';
import { enabledJWA } from './algorithms.ts';
import { around } from './around.ts';
import type { ExtraProperties } from './client.ts';
import type { Nonces } from './dpop-nonces.ts';

/** Seconds that a proof's `iat` may be off, and that its `jti` is remembered; the engine's own. */
export const WINDOW = 300;

/** What proofs may be signed with. */
export const proofAlgs: readonly string[] = enabledJWA.dPoPSigningAlgValues ?? [];

/** What a proof must be for. */
export interface Occasion {
  method: string;
  /** The request's own address; a query or fragment is not looked at. */
  uri: string;
  nonces: Nonces;
  needsNonce: boolean;
  /** Presented with it. */
  accessToken?: string;
}

export interface Proof {
  /** The thumbprint of the key that it was signed with (section 6.1). */
  jkt: string;
  jti: string;
}

const refuse = (description: string) => new errors.InvalidDpopProof(description);

const plain = (uri: unknown): string | undefined => {
  const url = typeof uri === 'string' ? URL.parse(uri) : null;
  return url ? url.origin + url.pathname : undefined;
};

/**
 * Whether it was used before is the caller's to ask, once it knows whose it is.
 * @throws {InvalidDpopProof} | {UseDpopNonce}
 * @source RFC 9449, section 4.3
 */
export async function readProof(proof: string, occasion: Occasion): Promise<Proof> {
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    algorithms: [...proofAlgs],
    typ: 'dpop+jwt',
  }).catch(() => {
    throw refuse('invalid DPoP key binding');
  });
  const { iat, jti, htm, htu, nonce, ath } = payload;
  const { nonces, accessToken } = occasion;
  if (typeof jti !== 'string' || !jti) throw refuse('DPoP proof must have a jti string property');
  if (typeof iat !== 'number' || !iat) throw refuse('DPoP proof must have a iat number property');
  if (nonce !== undefined && typeof nonce !== 'string') {
    throw refuse('DPoP proof nonce must be a string');
  }
  // A nonce says when the proof was made, whatever the clock of its maker (section 11.3).
  if (!nonce && Math.abs(epoch() - iat) > WINDOW) {
    throw new errors.UseDpopNonce('DPoP proof iat is not recent enough, use a DPoP nonce instead');
  }
  if (htm !== occasion.method) throw refuse('DPoP proof htm mismatch');
  if (plain(htu) === undefined || plain(htu) !== plain(occasion.uri)) {
    throw refuse('DPoP proof htu mismatch');
  }
  if (accessToken !== undefined && ath !== hash('sha256', accessToken, 'base64url')) {
    throw refuse('DPoP proof ath mismatch');
  }
  if (!nonce && occasion.needsNonce) {
    throw new errors.UseDpopNonce('nonce is required in the DPoP proof');
  }
  if (nonce && !nonces.accepts(nonce)) throw new errors.UseDpopNonce('invalid nonce in DPoP proof');
  return { jkt: await calculateJwkThumbprint(protectedHeader.jwk as JWK), jti };
}

/** Whether nobody used it before, in any process; from then on somebody did (section 11.1). */
export const isFirstUse = (provider: Provider, clientId: string, { jti }: Proof) =>
  provider.ReplayDetection.unique(clientId, jti, epoch() + WINDOW);

/** Requests for UserInfo by clients that need a nonce; the engine asks before it knows the client. */
const needed = new WeakSet<object>();

/** The engine's feature. @param nonceSecret 32 bytes, the same in every process */
export const dPoP = (nonceSecret: Buffer) =>
  ({
    enabled: true,
    nonceSecret,
    requireNonce: ({ req, oidc: { client } }: KoaContextWithOIDC): boolean =>
      needed.has(req) || (client as ExtraProperties | undefined)?.dpop_require_nonce === true,
  }) satisfies NonNullable<Configuration['features']>['dPoP'];

/** Lets clients decide at UserInfo, too. @param path of it */
export function requireNonces(provider: Provider, clients: Clients, path: string): void {
  const look = async (authorization: string, request: object) => {
    const token = await provider.AccessToken.find(authorization.split(' ')[1] ?? '');
    const client = token?.clientId === undefined ? undefined : await clients.find(token.clientId);
    if (client?.metadata.dpop_require_nonce) needed.add(request);
  };
  around(provider, [path], (ctx, next) => {
    const asks = ctx.get('DPoP') !== '';
    return asks ? look(ctx.get('authorization'), ctx.req).then(next) : next();
  });
}
