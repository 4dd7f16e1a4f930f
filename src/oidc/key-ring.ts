/**
 * The ring of keys: one document, so that every process sees the same keys, and for each key
 * the moment from which it signs. Everything else follows from those moments, so all processes change
 * over by themselves and at the same time: a key is published until it signs, active until the next
 * one of its algorithm does, retired for as long as anything that it signed is of use, and then gone.
 */
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import type { CollectionSpec } from '../store/store.ts';
import { createKey, type KeyAlg } from './key-algorithms.ts';

export const keysCollection: CollectionSpec = { name: 'signing_keys' };

export const RING = 'ring';

export interface StoredKey {
  kid: string;
  alg: KeyAlg;
  /** The private JWK, sealed. */
  sealed: string;
  /** Seconds since the epoch. */
  created: number;
  /** Signs from then on, seconds since the epoch; absent: since it was made. */
  active?: number;
}

export interface Ring {
  keys: StoredKey[];
}

/** A key in the course of time; never with its private part. Seconds since the epoch. */
export interface KeyTimes {
  kid: string;
  alg: KeyAlg;
  /** published: in the JWKS and does not sign yet. retired: in the JWKS and signs no more. */
  state: 'published' | 'active' | 'retired' | 'gone';
  created_at: number;
  active_at: number;
  /** Absent while no other is to follow. */
  retired_at?: number;
  gone_at?: number;
}

const activeAt = ({ active, created }: StoredKey) => active ?? created;

/** The keys of an algorithm in the order in which they sign. */
export const succession = ({ keys }: Ring, alg: KeyAlg): StoredKey[] =>
  keys
    .filter((key) => key.alg === alg)
    .sort((one, other) => activeAt(one) - activeAt(other) || (one.kid < other.kid ? -1 : 1));

/**
 * The key that signs at a moment. Where the clock is behind that of the process which made the first
 * key, that one.
 */
export const signerAmong = (ordered: readonly StoredKey[], now: number): StoredKey | undefined =>
  ordered.findLast((key) => activeAt(key) <= now) ?? ordered[0];

/** The state of a key that does not sign. */
function stateAt({ active_at, gone_at }: { active_at: number; gone_at?: number }, now: number) {
  if (active_at > now) return 'published';
  return gone_at !== undefined && gone_at <= now ? 'gone' : 'retired';
}

/** @param keep seconds that a key stays when it signs no more */
export function timesOf(ring: Ring, keep: number, now = epoch()): KeyTimes[] {
  const algs = [...new Set(ring.keys.map(({ alg }) => alg))];
  return algs.flatMap((alg) => {
    const ordered = succession(ring, alg);
    const signer = signerAmong(ordered, now);
    return ordered.map((key, place): KeyTimes => {
      const next = ordered[place + 1];
      const retired_at = next && activeAt(next);
      const times = {
        kid: key.kid,
        alg,
        created_at: key.created,
        active_at: activeAt(key),
        ...(retired_at !== undefined && { retired_at, gone_at: retired_at + keep }),
      };
      return { ...times, state: key === signer ? 'active' : stateAt(times, now) };
    });
  });
}

const context = (kid: string) => `signing_key:${kid}`;

/** @param active when it begins to sign, seconds since the epoch; absent: now */
export async function newKey(alg: KeyAlg, vault: Vault, active?: number): Promise<StoredKey> {
  const created = epoch();
  const { privateKey } = await createKey(alg);
  const jwk = privateKey.export({ format: 'jwk' });
  // RFC 7638: a key's name follows from the key.
  const kid = await calculateJwkThumbprint(jwk as JWK);
  const sealed = vault.seal(JSON.stringify(jwk), context(kid));
  return { kid, alg, sealed, created, ...(active !== undefined && { active }) };
}

/** The private JWK as text. @throws {SealError} */
export const openKey = ({ kid, sealed }: StoredKey, vault: Vault): string =>
  vault.open(sealed, context(kid));

/** The same key under the newest key of SECRETS_KEY. @throws {SealError} */
export const resealed = (key: StoredKey, vault: Vault): StoredKey => ({
  ...key,
  sealed: vault.seal(openKey(key, vault), context(key.kid)),
});
