/** Stores that are filled to be measured. */
import { randomInt } from 'node:crypto';
import { MongoClient } from 'mongodb';
import type { Collection } from '../src/store/store.ts';

/** Documents in a filled collection; `BENCH_DOCUMENTS` for a server that is slow to fill. */
export const COUNT = Number(process.env.BENCH_DOCUMENTS ?? 100_000);

/** Inserts document 0 to `count` - 1. */
export async function fill<T>(
  collection: Collection<T>,
  make: (n: number, count: number) => { id: string; value: T },
  count = COUNT,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let n = next++; n < count; n = next++) {
      const { id, value } = make(n, count);
      await collection.insert(id, value);
    }
  };
  await Promise.all(Array.from({ length: 64 }, lane));
}

/** Runs with a database of its own, dropped afterwards. @param server its connection string */
export async function withDatabase<T>(server: string, run: (url: string) => Promise<T>) {
  const name = `clientele_bench_${randomInt(1e9)}`;
  const url = server.replace(/^([^/]*\/\/[^/?]*)(\/[^?]*)?/, `$1/${name}`);
  try {
    return await run(url);
  } finally {
    const client = new MongoClient(url);
    await client.db(name).dropDatabase();
    await client.close();
  }
}

/** The median and the 99th percentile (nearest rank) of some times. */
export function percentiles(times: readonly number[]): { p50: number; p99: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number;
  return { p50: at(0.5), p99: at(0.99) };
}
