import { Recent } from '../lib/recent.ts';
import type { CollectionSpec, Entry, Store } from './store.ts';

/** Reads of one collection through this process's memory. */
export interface Cached<T> {
  get(id: string): Promise<Entry<T> | undefined>;
  /** Forgets one document before `watch` would tell; for the writer's own process. */
  forget(id: string): void;
  close(): void;
}

/**
 * Reads through a bounded cache that every process drops as soon as the store tells of a change
 * (`Store.staleness` bounds how late that is). Unknown ids are not remembered: an attacker could
 * otherwise push the real ones out.
 * @param size documents to keep, at least
 */
export function cached<T>(store: Store, spec: CollectionSpec, size: number): Cached<T> {
  const collection = store.collection<T>(spec);
  const entries = new Recent<string, Entry<T>>(size);
  let generation = 0;

  const forget = (id: string | undefined) => {
    generation += 1;
    if (id === undefined) entries.clear();
    else entries.delete(id);
  };
  const close = store.watch(spec, forget);

  return {
    async get(id) {
      const known = entries.get(id);
      if (known && (known.expires === undefined || known.expires > Date.now())) return known;
      const begun = generation;
      const entry = await collection.get(id);
      // A change that arrived while this was under way may be newer than what was read.
      if (entry && begun === generation) entries.set(id, entry);
      return entry;
    },
    forget,
    close,
  };
}
