import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import type { Entry } from '../store/store.ts';
import {
  type EncryptionAlg,
  isEncryptionAlg,
  type KeyAlg,
  type SigningAlg,
} from './key-algorithms.ts';
import {
  type KeyTimes,
  openKey,
  type Ring,
  type StoredKey,
  signerAmong,
  succession,
  timesOf,
} from './key-ring.ts';

/** A key as this process has it in memory. */
export interface OpenKey {
  kid: string;
  alg: KeyAlg;
  private: KeyObject;
  public: KeyObject;
  /** As the JWKS has it (RFC 7517, section 4). */
  jwk: JsonWebKey;
}

function open(stored: StoredKey, vault: Vault): OpenKey {
  const jwk = JSON.parse(openKey(stored, vault)) as JsonWebKey;
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const visible = createPublicKey(key);
  const { kid, alg } = stored;
  return {
    kid,
    alg,
    private: key,
    public: visible,
    jwk: {
      ...visible.export({ format: 'jwk' }),
      use: isEncryptionAlg(alg) ? 'enc' : 'sig',
      kid,
      alg,
    },
  };
}

/** When a key becomes something else; never for the last state that is known. */
const changesOf = ({ active_at, gone_at = Number.POSITIVE_INFINITY }: KeyTimes): number[] => [
  active_at,
  gone_at,
];

/**
 * Keys that verify are shown before they sign and for as long as what they signed is of use. One that
 * is encrypted to is shown while it is active: before, not every process may know it; afterwards
 * nothing new is to be encrypted to it, and what was is decrypted until it is gone.
 */
const isShown = ({ alg, state }: KeyTimes): boolean => !isEncryptionAlg(alg) || state === 'active';

/** The ring as this process knows it. */
export interface OpenRing {
  readonly version: number;
  /** A key that may have signed something of use, or may yet. */
  find(kid: string): OpenKey | undefined;
  /** The key that signs now. */
  signer(alg: SigningAlg): OpenKey;
  /** Keys that something may have been encrypted to, the newest first: all, or the one that is named. */
  decrypting(alg: EncryptionAlg, kid?: string): OpenKey[];
  /** The JWK Set now; the same object until it changes. */
  jwks(): { keys: JsonWebKey[] };
}

/**
 * @param keep seconds that a key stays when it signs no more
 * @param known keys that need not be opened again
 * @throws {SealError} when SECRETS_KEY does not open a key
 */
export function openRing(
  { version, value: ring }: Entry<Ring>,
  keep: number,
  vault: Vault,
  known?: OpenRing,
): OpenRing {
  const keys = new Map(
    ring.keys.map((stored) => [stored.kid, known?.find(stored.kid) ?? open(stored, vault)]),
  );
  const ordered = new Map(ring.keys.map(({ alg }) => [alg, succession(ring, alg)]));
  let kept = new Set<string>();
  let jwks: { keys: JsonWebKey[] } = { keys: [] };
  /** When that changes. */
  let until = 0;

  function look(): void {
    const now = epoch();
    if (now < until) return;
    const times = timesOf(ring, keep, now).filter(({ state }) => state !== 'gone');
    until = Math.min(...times.flatMap(changesOf).filter((at) => at > now));
    kept = new Set(times.map(({ kid }) => kid));
    jwks = { keys: times.filter(isShown).map(({ kid }) => (keys.get(kid) as OpenKey).jwk) };
  }

  return {
    version,
    find(kid) {
      look();
      return kept.has(kid) ? keys.get(kid) : undefined;
    },
    signer(alg) {
      const stored = signerAmong(ordered.get(alg) ?? [], epoch());
      if (!stored) throw new Error(`there is no signing key for ${alg}`);
      return keys.get(stored.kid) as OpenKey;
    },
    decrypting(alg, kid) {
      look();
      return (ordered.get(alg) ?? [])
        .filter((stored) => kept.has(stored.kid) && (kid === undefined || stored.kid === kid))
        .map((stored) => keys.get(stored.kid) as OpenKey)
        .reverse();
    },
    jwks() {
      look();
      return jwks;
    },
  };
}
