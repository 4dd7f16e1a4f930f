import { randomUUID } from 'node:crypto';
import type { Collection, CollectionSpec, Store } from '../../src/store/store.ts';

/** A document of the tests' collection: any JSON, the indexed properties among it. */
// biome-ignore lint/suspicious/noExplicitAny: the contract takes every JSON type
export type Thing = any;

/** The collection of the contract's tests, with an index of each kind. */
export const things: CollectionSpec = {
  name: 'things',
  indexes: {
    email: 'unique',
    group: 'plain',
    name: 'plain',
    tags: 'many',
    // What every object inherits is no value of an index.
    constructor: 'plain' as const,
  },
};

/** A second one, so that what belongs to one is seen not to touch the other. */
export const notes: CollectionSpec = { name: 'notes' };

/** What the stores under test are opened with. */
export const specs: readonly CollectionSpec[] = [things, notes];

/** The store under test. */
export interface Subject {
  store(): Store;
  things(): Collection<Thing>;
  /** Opens it once more, on the same data where it has any. */
  open(): Promise<Store>;
}

/** A string no other test uses, so that all tests can share one store. */
export const fresh = (prefix = ''): string => `${prefix}${randomUUID()}`;

/** The number of calls that had each outcome: a result, or the code of an error. */
export async function outcomes(
  calls: readonly Promise<unknown>[],
): Promise<Record<string, number>> {
  const count: Record<string, number> = {};
  for (const settled of await Promise.allSettled(calls)) {
    const outcome =
      settled.status === 'fulfilled'
        ? String(settled.value !== undefined && settled.value !== false)
        : settled.reason.code;
    count[outcome] = (count[outcome] ?? 0) + 1;
  }
  return count;
}

/** Calls `make` n times without waiting. */
export const times = <T>(n: number, make: (i: number) => T): T[] =>
  Array.from({ length: n }, (_, i) => make(i));
