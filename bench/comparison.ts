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

/** Batches before it counts: V8 goes on optimizing for some seconds. */
const WARM_UPS = 3;

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
  for (let round = 0; round < WARM_UPS; round += 1) {
    for (const target of [plain, ours]) await batch(target);
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
