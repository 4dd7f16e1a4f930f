import { keyAlgs } from '../clients/values.ts';
import { Problem } from '../lib/problem.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import type { KeyAlg } from './key-algorithms.ts';
import { type KeyTimes, newKey, type Ring, resealed, timesOf } from './key-ring.ts';

export interface Rotation {
  /** Default: all of them. */
  algs?: readonly KeyAlg[];
  /** For keys that somebody else may have: nothing that they signed is to verify any more. */
  at_once?: boolean;
}

/** Seconds. */
export interface Spans {
  /** How long a key is in the JWKS before it signs. */
  published: number;
  /** How long it stays there when it signs no more. */
  keep: number;
  /** How long it signs; 0: until somebody rotates it. */
  signs: number;
}

/** Of one algorithm, so that the JWKS stays small however often somebody rotates. */
const MOST_KEYS = 25;

export const everyAlg: readonly KeyAlg[] = keyAlgs;

/** Without those that are gone. */
export const present = (ring: Ring, keep: number): KeyTimes[] =>
  timesOf(ring, keep).filter(({ state }) => state !== 'gone');

/** Algorithms whose key has signed for long enough, so that the next one is to be published. */
export function overdue(ring: Ring, { published, keep, signs }: Spans): KeyAlg[] {
  if (signs === 0) return [];
  const times = timesOf(ring, keep);
  return everyAlg.filter((alg) => {
    const last = times.findLast((key) => key.alg === alg);
    return last?.state === 'active' && last.active_at + signs - published <= epoch();
  });
}

/** The ring without what is gone, all of it sealed with the newest key. */
export function pruned(ring: Ring, keep: number, vault: Vault): Ring {
  const kids = new Set(present(ring, keep).map(({ kid }) => kid));
  return { keys: ring.keys.filter(({ kid }) => kids.has(kid)).map((key) => resealed(key, vault)) };
}

/** @throws {Problem} `conflict` where every algorithm has a key that waits already, or too many */
export async function rotated(
  ring: Ring,
  { algs = everyAlg, at_once = false }: Rotation,
  { published, keep }: Spans,
  vault: Vault,
): Promise<Ring> {
  const times = present(ring, keep);
  const of = (alg: KeyAlg) => times.filter((key) => key.alg === alg);
  const waits = (alg: KeyAlg) => of(alg).some(({ state }) => state === 'published');
  const due = at_once ? algs : algs.filter((alg) => !waits(alg));
  if (due.length === 0) {
    throw new Problem(
      'conflict',
      'The next key is published already and signs from its active_at on; to be rid of the present one now, say at_once.',
    );
  }
  if (!at_once && due.some((alg) => of(alg).length >= MOST_KEYS)) {
    throw new Problem('conflict', `There are ${MOST_KEYS} keys: wait until the oldest is gone.`);
  }
  // Rounded up: no key is published for less than it must be.
  const active = at_once ? undefined : Math.ceil(Date.now() / 1000) + published;
  const made = await Promise.all(due.map((alg) => newKey(alg, vault, active)));
  const { keys } = pruned(ring, keep, vault);
  const kept = keys.filter(({ alg }) => !(at_once && due.includes(alg)));
  return { keys: [...kept, ...made] };
}
