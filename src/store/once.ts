import type { Collection, Store } from './store.ts';

/** `once` as the store has it, on a collection: the first to insert the key is the first caller. */
export function onceIn(keys: Collection<true>): Store['once'] {
  return (key, ttl) =>
    keys.insert(key, true, { ttl }).then(
      () => true,
      (error) => {
        if (error.code === 'duplicate') return false;
        throw error;
      },
    );
}
