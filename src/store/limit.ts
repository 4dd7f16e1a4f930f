/**
 * Limits that all processes on one store share.
 *
 * A window is fixed: the first counted attempt opens it, `per` seconds later it is over, and nothing
 * moves its end. So `Retry-After` is exact, a counter is one number and one moment, and whoever
 * keeps trying does not keep anybody out any longer; while the limit is reached, attempts are
 * refused unseen and not counted. The price is that up to twice `max` can fall into `per` seconds
 * around the end of a window, which for guessing makes no difference.
 *
 * Counters are documents. Each process also has them in memory, told by the store of every change,
 * so `wait` costs no access, and a limit reached in one process holds in the others within
 * `Store.staleness`. Memory is bounded twice: counters that are not full may push one another out,
 * full ones only other full ones. To push one out of memory an attacker has to fill `SIZE` others,
 * `max` attempts each, and gains a single attempt: the next `hit` reads the counter in the store.
 */
import { digest } from '../lib/ids.ts';
import type { Limit, Rate } from '../lib/limit.ts';
import { Recent } from '../lib/recent.ts';
import {
  type CollectionSpec,
  ConflictError,
  DuplicateError,
  type Entry,
  type Store,
} from './store.ts';

export const limitsCollection: CollectionSpec = { name: 'limits', indexes: { full: 'plain' } };

interface Counter {
  count: number;
  /** The limit's name, once it is reached: what a process looks for that may have missed changes. */
  full?: string;
}

/** Counters in memory, of each kind and limit, at least. */
const SIZE = 10_000;
/** Between processes only: within one, those of a key wait for each other. */
const TRIES = 32;
/** Counters read at once because they changed. */
const READERS = 4;

const off: Limit = {
  idle: true,
  wait: () => 0,
  begin: () => () => {},
  hit: async () => 0,
  clear: async () => {},
  close() {},
};

/** @param name of the limit; whoever has the same name and store shares the counters */
export function createLimit(store: Store, { name, max, per }: Rate & { name: string }): Limit {
  if (max === 0) return off;
  const collection = store.collection<Counter>(limitsCollection);
  /** What this process knows: counters by id, with the moment (milliseconds) that they end. */
  const counting = new Recent<string, { count: number; until: number }>(SIZE);
  const full = new Recent<string, { count: number; until: number }>(SIZE);
  const running = new Map<string, number>();
  const turns = new Map<string, Promise<number>>();

  // Whatever a key holds, its document's id is short and plain.
  const idOf = (key: string) => `${name}:${digest(key)}`;

  const left = (until: number) => Math.max(0, Math.ceil((until - Date.now()) / 1000));

  /** Seconds until a counter that is full ends. */
  function closed(id: string): number {
    const reached = full.get(id);
    if (!reached) return 0;
    const seconds = left(reached.until);
    if (seconds === 0) full.delete(id);
    return seconds;
  }

  /** One second, long enough for some attempts to end, while those under way could fill the counter. */
  function crowded(id: string): number {
    const begun = running.get(id);
    if (begun === undefined) return 0;
    const known = counting.get(id);
    const count = known && left(known.until) > 0 ? known.count : 0;
    return count + begun < max ? 0 : 1;
  }

  function learn(id: string, entry: Entry<Counter> | undefined): void {
    const known = full.get(id) ?? counting.get(id);
    if (!entry) {
      full.delete(id);
      counting.delete(id);
      return;
    }
    const { count } = entry.value;
    const until = entry.expires as number;
    // Read before, but learnt after, what this process wrote.
    if (known && known.until === until && known.count > count) return;
    const [to, from] = count >= max ? [full, counting] : [counting, full];
    from.delete(id);
    to.set(id, { count, until });
  }

  async function count(id: string): Promise<number> {
    for (let tries = 0; ; tries += 1) {
      let entry = await collection.get(id);
      const next = (entry?.value.count ?? 0) + 1;
      const value: Counter = { count: next, ...(next >= max && { full: name }) };
      try {
        entry = await (entry
          ? collection.update(id, entry.version, value)
          : collection.insert(id, value, { ttl: per }));
      } catch (error) {
        const raced = error instanceof ConflictError || error instanceof DuplicateError;
        if (!raced) throw error;
        // So many others have been counted meanwhile that this one makes no difference.
        if (tries < TRIES) continue;
      }
      if (entry) learn(id, entry);
      return closed(id);
    }
  }

  /** Ids whose documents changed and have not been read again; several changes of one are one. */
  const changed = new Set<string>();
  let readers = 0;

  // A read that fails is not missed: the next `hit` of the key finds its counter in the store.
  const quietly = (work: Promise<void>) => work.catch(() => {});
  const look = async (id: string) => learn(id, await collection.get(id));
  const lookAtAll = async () => {
    const gone = full.keys();
    for (const entry of await collection.find('full', name, SIZE)) {
      gone.delete(entry.id);
      learn(entry.id, entry);
    }
    for (const id of gone) full.delete(id);
  };

  /** A few reads at a time: a flood of failures must not keep the store from answering the others. */
  async function catchUp(): Promise<void> {
    if (readers === READERS) return;
    readers += 1;
    for (const id of changed) {
      changed.delete(id);
      await quietly(look(id));
    }
    readers -= 1;
  }

  const stop = store.watch(limitsCollection, (id) => {
    if (id !== undefined && !id.startsWith(`${name}:`)) return;
    if (id !== undefined && changed.size < SIZE) {
      changed.add(id);
      void catchUp();
    } else {
      changed.clear();
      void quietly(lookAtAll());
    }
  });
  void quietly(lookAtAll());

  return {
    get idle() {
      return full.size === 0 && running.size === 0;
    },

    wait(key) {
      const id = idOf(key);
      return closed(id) || crowded(id);
    },

    begin(key) {
      const id = idOf(key);
      running.set(id, (running.get(id) ?? 0) + 1);
      return () => {
        const others = (running.get(id) as number) - 1;
        if (others > 0) running.set(id, others);
        else running.delete(id);
      };
    },

    hit(key) {
      const id = idOf(key);
      const before = turns.get(id) ?? Promise.resolve(0);
      const turn = before.catch(() => 0).then(() => count(id));
      turns.set(id, turn);
      const leave = () => {
        if (turns.get(id) === turn) turns.delete(id);
      };
      turn.then(leave, leave);
      return turn;
    },

    async clear(key) {
      const id = idOf(key);
      if (!full.has(id) && !counting.has(id)) return;
      learn(id, undefined);
      await collection.delete(id);
    },

    close: stop,
  };
}
