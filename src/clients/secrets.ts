/**
 * Client secrets. A secret is 256 random bits and shown once. Where the method only compares, a
 * SHA-256 of it is kept (nothing slower is needed for what cannot be guessed); where the server must
 * know it (RFC 7523: an HMAC key; symmetric encryption) it is sealed. Several may be valid at once,
 * so that one can be exchanged for the next without an outage.
 */
import { timingSafeEqual } from 'node:crypto';
import { digest, newId } from '../lib/ids.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import type { ClientMetadata } from './metadata.ts';
import { usesSecretAsKey } from './rules/secret-algorithms.ts';

/** A secret as it is stored: `hash` or `sealed`, never the secret. */
export interface ClientSecret {
  id: string;
  /** What people call it. */
  name?: string;
  /** The first characters, to tell secrets apart. */
  prefix: string;
  hash?: string;
  sealed?: string;
  /** Seconds since the epoch. */
  created: number;
  expires?: number;
}

export const MAX_SECRETS = 10;

const comparing: readonly string[] = ['client_secret_basic', 'client_secret_post'];

/** How a client's secrets are kept: not at all, as a hash, or sealed. */
const keptAs = (metadata: ClientMetadata): 'hash' | 'sealed' | undefined => {
  if (usesSecretAsKey(metadata)) return 'sealed';
  return comparing.includes(metadata.token_endpoint_auth_method) ? 'hash' : undefined;
};

const context = (clientId: string, id: string) => `client_secret:${clientId}:${id}`;

/** Whether a client of this metadata holds a secret at all. */
export const needsSecret = (metadata: ClientMetadata): boolean => keptAs(metadata) !== undefined;

/** A stored form of `plain` (a fresh secret by default) and the secret itself, to be shown once. */
export function makeSecret(
  vault: Vault,
  clientId: string,
  metadata: ClientMetadata,
  { plain = newId(256), ...more }: { plain?: string; name?: string; expires?: number } = {},
): { stored: ClientSecret; plain: string } {
  const id = newId(64);
  const kept =
    keptAs(metadata) === 'sealed'
      ? { sealed: vault.seal(plain, context(clientId, id)) }
      : { hash: digest(plain) };
  return { stored: { id, ...more, prefix: plain.slice(0, 4), created: epoch(), ...kept }, plain };
}

export const isValid = ({ expires }: ClientSecret, now = epoch()): boolean =>
  expires === undefined || expires > now;

/** Which of its secrets a client keeps with this metadata: what was only hashed cannot be known again. */
export const keptSecrets = (
  secrets: readonly ClientSecret[],
  metadata: ClientMetadata,
): readonly ClientSecret[] => {
  const kept = keptAs(metadata);
  if (kept === 'sealed') return secrets.filter(({ sealed }) => sealed !== undefined);
  return kept === undefined ? [] : secrets;
};

/** The same in the form for this metadata: what is not needed readable any more is hashed. */
export const secretsFor = (
  vault: Vault,
  clientId: string,
  secrets: readonly ClientSecret[],
  metadata: ClientMetadata,
): ClientSecret[] => {
  const kept = keptSecrets(secrets, metadata);
  if (keptAs(metadata) === 'sealed') return [...kept];
  return kept.map(({ sealed, ...secret }) =>
    sealed === undefined
      ? secret
      : { ...secret, hash: digest(vault.open(sealed, context(clientId, secret.id))) },
  );
};

/** The secret itself, where the server may know it. */
export const openSecret = (
  vault: Vault,
  clientId: string,
  { id, sealed }: ClientSecret,
): string | undefined => sealed && vault.open(sealed, context(clientId, id));

/** Secrets under the newest key of SECRETS_KEY; undefined when all are already. @throws {SealError} */
export const resealedSecrets = (
  vault: Vault,
  clientId: string,
  secrets: readonly ClientSecret[],
): ClientSecret[] | undefined => {
  const isStale = ({ sealed }: ClientSecret) => sealed !== undefined && !vault.isNewest(sealed);
  if (!secrets.some(isStale)) return undefined;
  return secrets.map((secret) => {
    const plain = isStale(secret) ? openSecret(vault, clientId, secret) : undefined;
    const place = context(clientId, secret.id);
    return plain === undefined ? secret : { ...secret, sealed: vault.seal(plain, place) };
  });
};

const hashOf = (vault: Vault, clientId: string, secret: ClientSecret): string =>
  secret.hash ?? digest(openSecret(vault, clientId, secret) ?? '');

/**
 * The id of the secret that was presented, if any is. Compares in constant time against every valid
 * secret, whether or not an earlier one matched.
 */
export function matchSecret(
  vault: Vault,
  clientId: string,
  secrets: readonly ClientSecret[],
  presented: string,
): string | undefined {
  const given = Buffer.from(digest(presented));
  let matched: string | undefined;
  for (const secret of secrets) {
    const equal = timingSafeEqual(given, Buffer.from(hashOf(vault, clientId, secret)));
    if (equal && isValid(secret)) matched ??= secret.id;
  }
  return matched;
}

/** The newest valid secret that the server may know, for HMACs and symmetric encryption. */
export function readSecret(
  vault: Vault,
  clientId: string,
  secrets: readonly ClientSecret[],
): string | undefined {
  const newest = secrets.findLast((secret) => secret.sealed !== undefined && isValid(secret));
  return newest && openSecret(vault, clientId, newest);
}

/** When the newest secret expires, seconds since the epoch, 0 when never (RFC 7591, section 3.2.1). */
export const secretExpiry = (secrets: readonly ClientSecret[]): number =>
  secrets.some(({ expires }) => expires === undefined)
    ? 0
    : Math.max(0, ...secrets.map(({ expires = 0 }) => expires));
