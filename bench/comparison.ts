import { rate, runBatch } from './batch.ts';
import { type Operation, prepare } from './operations.ts';
import type { Options } from './options.ts';
import { type Spread, spreadOf } from './spread.ts';
import type { Target } from './target.ts';

/** An operation of both servers, in operations per CPU-second. */
export interface Comparison {
  operation: string;
  plain: Spread;
  ours: Spread;
  /** Ours to plain, of batches that followed each other. */
  ratio: Spread;
  floor: number;
}

/**
 * Batches of each server before it counts, at least and at most: V8 goes on optimizing for thousands of
 * operations, and the server with more code for longer, so each has to have stopped getting faster.
 */
const WARM_UPS = { least: 3, most: 10 };
/** What a batch may be better than the one before it when that is over. */
const SETTLED = 1.03;

/** Warms both servers up, then lets them take turns. */
export async function compare(
  operation: Operation,
  plain: Target,
  ours: Target,
  { seconds, rounds, lanes }: Options,
): Promise<Comparison> {
  // Anew for each batch: the in-memory adapter keeps only the last thousand or two of what it is given.
  const batch = async (target: Target) =>
    rate(await runBatch(target, await prepare(operation, target, lanes), seconds));
  for (const target of [plain, ours]) {
    let best = 0;
    for (let round = 0; round < WARM_UPS.most; round += 1) {
      const rated = await batch(target);
      if (round >= WARM_UPS.least && rated < best * SETTLED) break;
      best = Math.max(best, rated);
    }
  }

  const rates: { plain: number; ours: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rates.push({ plain: await batch(plain), ours: await batch(ours) });
  }
  return {
    operation: operation.name,
    plain: spreadOf(rates.map((pair) => pair.plain)),
    ours: spreadOf(rates.map((pair) => pair.ours)),
    ratio: spreadOf(rates.map((pair) => pair.ours / pair.plain)),
    floor: operation.floor,
  };
}
