/**
 * Changes tried on all clients that nobody waits for: asked again and again, each tells how far it has
 * come and what it has found. With few clients it is at the end by the first answer. Each process tries
 * for itself, and what was found is good for ten times as long as finding it took.
 */
import { epoch } from '../lib/time.ts';
import type { DryRunParts } from './dry-run.ts';
import { type FleetOutcome, tryOnAll } from './fleet.ts';
import type { Swept } from './sweep.ts';

/** How a trial stands; what it has found so far is in the order of the clients' ids. */
export type Trial = Omit<FleetOutcome, 'next'> & Swept;

interface Running {
  trial: Trial;
  /** When the first clients were looked at, or it failed. */
  begun: Promise<unknown>;
  /** Until when it is good enough, by `performance.now()`. */
  until: number;
}

/** Trials that are kept; one more, and the oldest gives way, at its end or not. */
const KEPT = 4;
const WORTH = 10;

/**
 * @returns how a trial stands, which begins when it is asked for; whoever is reading what was found
 *   reads it to its end, however old it is by then
 */
export function createTrials(
  parts: DryRunParts,
): (patch: unknown, reading?: boolean) => Promise<Trial> {
  const kept = new Map<string, Running>();

  async function run(key: string, running: Running, patch: unknown, begin: () => void) {
    const { trial } = running;
    const started = performance.now();
    for await (const { next, ...found } of tryOnAll(parts, patch)) {
      Object.assign(trial, found, { at: epoch(), complete: next === undefined });
      begin();
      if (kept.get(key) !== running) return;
    }
    running.until = performance.now() + (performance.now() - started) * WORTH;
  }

  function begin(key: string, patch: unknown): Running {
    const [oldest] = kept.keys();
    if (kept.size >= KEPT && oldest !== undefined) kept.delete(oldest);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const trial = { clients: 0, refused: 0, items: [], complete: false, at: epoch() };
    const running = { trial, begun: promise, until: Number.POSITIVE_INFINITY };
    kept.set(key, running);
    run(key, running, patch, resolve).catch((error) => {
      // Whoever waits is told; who does not, asks again and begins anew.
      if (kept.get(key) === running) kept.delete(key);
      reject(error);
    });
    promise.catch(() => {});
    return running;
  }

  return async (patch, reading = false) => {
    const key = JSON.stringify(patch);
    const known = kept.get(key);
    if (known && !reading && known.until <= performance.now()) kept.delete(key);
    const running = kept.get(key) ?? begin(key, patch);
    await running.begun;
    return running.trial;
  };
}
