/**
 * Client secrets. A secret is 256 random bits and shown once. Where the method only compares, a
 * SHA-256 of it is kept (nothing slower is needed for what cannot be guessed); where the server must
 * know it (`client_secret_jwt`, RFC 7523: an HMAC key) it is sealed. Several may be valid at once.
 */
import { timingSafeEqual } from 'node:crypto';
import { digest, newId } from '../lib/ids.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import type { ClientMetadata } from './metadata.ts';

/** A secret as it is stored: `hash` or `sealed`, never the secret. */
export interface ClientSecret {
  id: string;
  /** The first characters, to tell secrets apart. */
  prefix: string;
  hash?: string;
  sealed?: string;
  /** Seconds since the epoch. */
  created: number;
  expires?: number;
}

const keptAs: Readonly<
  Record<ClientMetadata['token_endpoint_auth_method'], 'hash' | 'sealed' | undefined>
> = {
  none: undefined,
  private_key_jwt: undefined,
  client_secret_basic: 'hash',
  client_secret_post: 'hash',
  client_secret_jwt: 'sealed',
};

const context = (clientId: string, id: string) => `client_secret:${clientId}:${id}`;

/** Whether clients of this method hold a secret at all. */
export const needsSecret = (method: ClientMetadata['token_endpoint_auth_method']): boolean =>
  keptAs[method] !== undefined;

/** A stored form of `plain` (a fresh secret by default) and the secret itself, to be shown once. */
export function makeSecret(
  vault: Vault,
  clientId: string,
  method: ClientMetadata['token_endpoint_auth_method'],
  plain: string = newId(256),
): { stored: ClientSecret; plain: string } {
  const id = newId(64);
  const kept =
    keptAs[method] === 'sealed'
      ? { sealed: vault.seal(plain, context(clientId, id)) }
      : { hash: digest(plain) };
  return { stored: { id, prefix: plain.slice(0, 4), created: epoch(), ...kept }, plain };
}

/** What of these secrets a client may keep when its method becomes `method`. */
export const secretsFor = (
  secrets: readonly ClientSecret[],
  method: ClientMetadata['token_endpoint_auth_method'],
): ClientSecret[] =>
  secrets.filter((secret) => keptAs[method] !== undefined && secret[keptAs[method]] !== undefined);

const valid = (secret: ClientSecret) => secret.expires === undefined || secret.expires > epoch();

/** Compares in constant time against every valid secret, whether or not an earlier one matched. */
export function matchesSecret(secrets: readonly ClientSecret[], presented: string): boolean {
  const given = Buffer.from(digest(presented));
  let matched = false;
  for (const secret of secrets) {
    const equal = timingSafeEqual(given, Buffer.from(secret.hash ?? digest('')));
    matched = (equal && secret.hash !== undefined && valid(secret)) || matched;
  }
  return matched;
}

/** The newest valid secret that the server may know, for HMACs. */
export function readSecret(
  vault: Vault,
  clientId: string,
  secrets: readonly ClientSecret[],
): string | undefined {
  const newest = secrets.findLast((secret) => secret.sealed !== undefined && valid(secret));
  return newest?.sealed && vault.open(newest.sealed, context(clientId, newest.id));
}
