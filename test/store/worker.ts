/**
 * The other process of `processes.ts`: opens the store, says so, waits for a line, does what its
 * arguments say, and prints the result as JSON.
 */
import { once } from 'node:events';
import { openStore } from '../../src/store/open.ts';
import type { Collection, Store } from '../../src/store/store.ts';
import { specs, type Thing, things, times } from './subject.ts';

type Job = (
  collection: Collection<Thing>,
  args: readonly string[],
  store: Store,
) => Promise<unknown>;

const jobs: Readonly<Record<string, Job>> = {
  /** Takes documents 0 to n; answers the numbers it got. */
  take: (collection, [prefix, n]) =>
    won(Number(n), async (i) => (await collection.take(`${prefix}-${i}`)) !== undefined),

  /** Calls once with keys 0 to n; answers the numbers for which it was the first. */
  once: (_, [prefix, n], store) => won(Number(n), (i) => store.once(`${prefix}-${i}`, 60)),

  /** Adds 1 to a document n times; answers how often it had to try again. */
  async increment(collection, [id = '', n]) {
    let conflicts = 0;
    for (let done = 0; done < Number(n); ) {
      const entry = await collection.get(id);
      try {
        await collection.update(id, entry?.version ?? 0, { n: entry?.value.n + 1 });
        done += 1;
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'conflict') throw error;
        conflicts += 1;
      }
    }
    return conflicts;
  },

  /** Writes one document; answers when that was acknowledged. */
  async put(collection, [id = '']) {
    await collection.put(id, { from: 'the other process' });
    return Date.now();
  },

  /** Writes until it is killed, eight at a time, and prints each id that was acknowledged. */
  async write(collection, [prefix]) {
    let next = 0;
    const forever = async (): Promise<never> => {
      for (;;) {
        const id = `${prefix}-${next++}`;
        await collection.insert(id, { id, filler: 'x'.repeat(500) });
        process.stdout.write(`${id}\n`);
      }
    };
    return Promise.race(times(8, forever));
  },
};

/** The numbers below n for which the call answers true, twenty calls at a time. */
async function won(n: number, call: (i: number) => Promise<boolean>): Promise<number[]> {
  const numbers: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < n; i = next++) if (await call(i)) numbers.push(i);
  };
  await Promise.all(times(20, lane));
  return numbers;
}

const [url = '', job = '', ...args] = process.argv.slice(2);
const store = await openStore(url, specs);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const result = await jobs[job]?.(store.collection(things), args, store);
process.stdout.write(`${JSON.stringify(result)}\n`);
await store.close();
process.stdin.destroy();
