import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import type { Entry } from '../store/store.ts';
import type { SigningAlg } from './key-algorithms.ts';
import {
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
  alg: SigningAlg;
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
    jwk: { ...visible.export({ format: 'jwk' }), use: 'sig', kid, alg },
  };
}

/** The ring as this process knows it. */
export interface OpenRing {
  readonly version: number;
  /** A key that may have signed something of use, or may yet. */
  find(kid: string): OpenKey | undefined;
  /** The key that signs now. */
  signer(alg: SigningAlg): OpenKey;
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
  /** When the next of them is gone. */
  let until = 0;

  function look(): void {
    const now = epoch();
    if (now < until) return;
    const times = timesOf(ring, keep, now).filter(({ state }) => state !== 'gone');
    until = Math.min(...times.map(({ gone_at = Number.POSITIVE_INFINITY }) => gone_at));
    kept = new Set(times.map(({ kid }) => kid));
    jwks = { keys: times.map(({ kid }) => (keys.get(kid) as OpenKey).jwk) };
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
    jwks() {
      look();
      return jwks;
    },
  };
}
