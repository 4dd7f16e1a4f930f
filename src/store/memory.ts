/**
 * The store for tests: everything in this process's memory, nothing durable, the same contract.
 * Operations are synchronous, so each is alone; it looks through all documents where a database
 * would ask an index, and leaves expired ones where they are.
 */
import type { Position } from './cursor.ts';
import { checkSpecs, type Keys, lives, onceSpec, type Row, secondsOf } from './document.ts';
import { compareIds } from './id.ts';
import { onceIn } from './once.ts';
import { type Match, type Query, spanHas } from './query.ts';
import { createCollection, type Rows, type Runner } from './rows.ts';
import { type CollectionSpec, type Store, UnavailableError } from './store.ts';
import { createWatchers } from './watchers.ts';

/** Opens a store of its own: no two share anything. */
export async function openMemory(_url: string, specs: readonly CollectionSpec[]): Promise<Store> {
  checkSpecs(specs);
  const watchers = createWatchers();
  let open = true;

  const perform = async <R>(operation: () => R): Promise<R> => {
    if (!open) throw new UnavailableError();
    return operation();
  };
  const run: Runner = { read: perform, write: perform };
  const tables = new Map([onceSpec, ...specs].map(({ name }) => [name, createRows()]));

  const collection: Store['collection'] = (spec) => {
    const rows = tables.get(spec.name);
    if (!rows) throw new TypeError(`The store was opened without a collection ${spec.name}`);
    return createCollection(spec, rows, run, (id) => watchers.tell(spec.name, id));
  };

  return {
    kind: 'memory',
    collection,
    once: onceIn(collection(onceSpec)),
    watch: watchers.add,
    staleness: 0,
    renew() {},
    ping: () => perform(() => {}),
    async close() {
      open = false;
    },
  };
}

/** A document and what it is found by. */
interface Held {
  readonly row: Row;
  readonly keys: Keys;
}

function createRows(): Rows {
  const held = new Map<string, Held>();

  const withKey = (index: string, key: string): Row[] =>
    [...held.values()]
      .filter(({ keys }) => [keys.get(index) ?? []].flat().includes(key))
      .map(({ row }) => row);
  const living = (rows: Row[], now: number, limit: number): Row[] =>
    rows
      .filter((row) => lives(row, now))
      .sort((a, b) => compareIds(a.id, b.id))
      .slice(0, limit);

  return {
    read: (id) => held.get(id)?.row,
    add(row, keys) {
      if (held.has(row.id)) return false;
      held.set(row.id, { row, keys });
      return true;
    },
    write: (row, keys) => void held.set(row.id, { row, keys }),
    take(id, now) {
      const found = held.get(id);
      if (!found || !lives(found.row, now) || found.row.taken !== null) return undefined;
      const row = { ...found.row, version: found.row.version + 1, taken: secondsOf(now) };
      held.set(id, { row, keys: found.keys });
      return row;
    },
    remove: (id) => void held.delete(id),
    holder: (index, key) => withKey(index, key)[0],
    find: (index, key, now, limit) => living(withKey(index, key), now, limit),
    removeBy(index, key) {
      const rows = withKey(index, key);
      for (const { id } of rows) held.delete(id);
      return rows;
    },
    list({ from, until, except }, now, limit) {
      const inRange = ({ id }: Row) =>
        id !== except &&
        compareIds(id, from) >= 0 &&
        (until === undefined || compareIds(id, until) < 0);
      return living([...held.values()].map(({ row }) => row).filter(inRange), now, limit);
    },
    query: (query, now, limit) => ({
      rows: inOrder(query, held.values())
        .filter(({ row, keys }) => lives(row, now) && query.matches.every(holdsFor(keys)))
        .slice(0, limit)
        .map(({ row }) => row),
    }),
  };
}

/** Whether a document's keys hold a condition. */
const holdsFor =
  (keys: Keys) =>
  ({ index, spans }: Match): boolean =>
    [keys.get(index) ?? []].flat().some((key) => spans.some((span) => spanHas(span, key)));

/** What has a place in the query's order and is not before its page, in that order. */
function inOrder({ by, descending, after }: Query, held: Iterable<Held>): Held[] {
  const sign = descending ? -1 : 1;
  const compare = (a: Position, b: Position) =>
    sign * (compareIds(a.key, b.key) || compareIds(a.id, b.id));
  return [...held]
    .flatMap((one) => {
      const key = by === undefined ? '' : one.keys.get(by);
      const id = one.row.id;
      return typeof key === 'string' ? [{ key, id, one }] : [];
    })
    .filter((place) => !after || compare(place, after) > 0)
    .sort(compare)
    .map(({ one }) => one);
}
