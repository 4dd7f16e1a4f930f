import type { CollectionSpec, Store } from './store.ts';

type Listener = Parameters<Store['watch']>[1];

/** Who wants to hear of changes in this process, by the name of the collection. */
export interface Watchers {
  /** Begins to tell a listener; answers the way to stop. */
  add(spec: CollectionSpec, listener: Listener): () => void;
  /** Tells all listeners of a collection. */
  tell(name: string, id: string | undefined): void;
  /** Names of the collections that somebody watches. */
  names(): string[];
}

/** @param idle called when the last listener has left */
export function createWatchers(idle: () => void = () => {}): Watchers {
  const listeners = new Map<string, Set<Listener>>();
  return {
    add({ name }, listener) {
      // A function of its own for each call, so that adding one twice and stopping once leaves one.
      const told: Listener = (id) => listener(id);
      listeners.set(name, (listeners.get(name) ?? new Set()).add(told));
      return () => {
        const left = listeners.get(name);
        if (!left?.delete(told) || left.size > 0) return;
        listeners.delete(name);
        if (listeners.size === 0) idle();
      };
    },

    tell(name, id) {
      for (const listener of listeners.get(name) ?? []) {
        // Before the writer goes on, yet apart from it: what a listener throws is not its failure.
        queueMicrotask(() => listener(id));
      }
    },

    names: () => [...listeners.keys()],
  };
}
