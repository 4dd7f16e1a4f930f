/**
 * Looks at all clients in slices, between which everybody else is served, and keeps the numbers. With
 * few clients they are those of this moment; with many those of the last sweep, or, of the first, how
 * far it has come. Each process counts for itself, and only when somebody asks.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { epoch } from '../lib/time.ts';
import type { Entry } from '../store/store.ts';
import type { Client } from './client.ts';
import type { Clients } from './clients.ts';

/** How far a sweep has come. */
export interface Swept {
  /** Clients that were looked at. */
  clients: number;
  /** False while the sweep goes on: the numbers are those so far. */
  complete: boolean;
  /** When the sweep ended, or how it stood when asked; seconds since the epoch. */
  at: number;
}

/** What is counted. */
export interface Counting<T, B> {
  fresh(): T;
  /** What has to be known beside a page of clients, which are in the order of their ids. */
  beside(entries: readonly Entry<Client>[]): Promise<B>;
  look(numbers: T, entry: Entry<Client>, beside: B): void;
  /** Clients of one slice: looking at them keeps others waiting for a millisecond or two. */
  slice: number;
}

/** Clients that the store is asked for at once: reading them takes a millisecond or two. */
const PAGE = 50;
/** Milliseconds from its beginning that callers wait for a sweep to end; most servers' sweeps do. */
const PATIENCE = 25;
/** Clients that no sweep looks at in that time. */
const MANY = 2000;
/** A sweep is good for so many times what it took: looking costs a tenth of a core at most. */
const WORTH = 10;

export function createSweep<T extends object, B>(
  clients: Pick<Clients, 'list'>,
  { fresh, beside, look, slice }: Counting<T, B>,
): () => Promise<T & Swept> {
  let last: { numbers: T & Swept; until: number } | undefined;
  let running: { numbers: T & Swept; patience: Promise<unknown> } | undefined;

  async function sweep(numbers: T & Swept): Promise<void> {
    const started = performance.now();
    let work = 0;
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page: Awaited<ReturnType<Clients['list']>> = await clients.list({
        ...(after && { after }),
        limit: PAGE,
      });
      const known = await beside(page.entries);
      for (let from = 0; from < page.entries.length; from += slice) {
        await setImmediate();
        const begun = performance.now();
        for (const entry of page.entries.slice(from, from + slice)) {
          look(numbers, entry, known);
          numbers.clients += 1;
        }
        work += performance.now() - begun;
      }
      after = page.next;
    }
    Object.assign(numbers, { complete: true, at: epoch() });
    const now = performance.now();
    // Of few the reading is nothing, and everybody would rather have the numbers of this moment.
    const took = numbers.clients > MANY ? now - started : work;
    last = { numbers, until: now + took * WORTH };
  }

  function begin(): NonNullable<typeof running> {
    const numbers = { ...fresh(), clients: 0, complete: false, at: epoch() };
    const end = sweep(numbers).finally(() => {
      running = undefined;
    });
    // Whoever still waits is told that it failed; who does not, asks again.
    end.catch(() => {});
    const patience = Promise.race([end, setTimeout(PATIENCE, undefined, { ref: false })]);
    running = { numbers, patience };
    return running;
  }

  return async () => {
    if (last && performance.now() < last.until) return last.numbers;
    const { numbers, patience } = running ?? begin();
    // Of so many the numbers of before are as good as waiting.
    if (last && last.numbers.clients > MANY) return last.numbers;
    await patience;
    if (numbers.complete) return numbers;
    return last?.numbers ?? { ...numbers, at: epoch() };
  };
}
