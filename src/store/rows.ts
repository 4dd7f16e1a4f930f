/**
 * Collections on a store that runs its operations one after another: each reads the row that is
 * there, decides, and writes the next. What the contract means stands here once, for every such
 * store; such a store only has to bring rows and a way to run operations.
 */

import { setImmediate as turn } from 'node:timers/promises';
import type { Position } from './cursor.ts';
import {
  checkIndex,
  checkLimit,
  checkTtl,
  expiryOf,
  freeze,
  type Keys,
  keyOf,
  keysOf,
  lives,
  type Row,
  toEntry,
  toJson,
} from './document.ts';
import { type IdRange, idRange, isId, requireId } from './id.ts';
import { type Query, toPage, toQuery } from './query.ts';
import type { Collection, CollectionSpec, Entry, Page, WriteOptions } from './store.ts';
import { ConflictError, DuplicateError } from './store.ts';

/** The rows of one collection; all calls are synchronous, and expired rows may still be there. */
export interface Rows {
  read(id: string): Row | undefined;
  /** Creates the row, unless one of this id is there, be it expired; tells whether it did. */
  add(row: Row, keys: Keys): boolean;
  /** Creates or replaces the row of this id. */
  write(row: Row, keys: Keys): void;
  /** Takes the row of this id, if it lives at `now` and nobody has; answers it as it is then. */
  take(id: string, now: number): Row | undefined;
  remove(id: string): void;
  /** The row with this key of a unique index. */
  holder(index: string, key: string): Row | undefined;
  /** The rows with this key of an index that live at `now`, by id. */
  find(index: string, key: string, now: number, limit: number): Row[];
  /** Removes every row with this key of an index and answers them all. */
  removeBy(index: string, key: string): Row[];
  /** The rows in a range of ids that live at `now`, by id. */
  list(range: IdRange, now: number, limit: number): Row[];
  /** The first rows a query finds that live at `now`, at most `limit` (instead of the query's own). */
  query(query: Query, now: number, limit: number): Found;
}

/** What a query found, and where to go on looking, if it is not through with them all. */
export interface Found {
  readonly rows: readonly Row[];
  readonly resume?: Position;
}

/** How a store runs what is to be done with rows. */
export interface Runner {
  /** Runs an operation that only looks. */
  read<R>(operation: () => R): Promise<R>;
  /**
   * Runs an operation alone and resolves when all it wrote is durable. It may be run more than
   * once, the last time counts; when it throws, nothing of it remains.
   */
  write<R>(operation: () => R): Promise<R>;
}

/**
 * The collection of a spec; `changed` is told the id after each change.
 * @param seen rows as reads outside operations that write may see them, from memory for instance
 */
export function createCollection<T>(
  spec: CollectionSpec,
  rows: Rows,
  run: Runner,
  changed: (id: string) => void,
  seen: Pick<Rows, 'read' | 'find'> = rows,
): Collection<T> {
  const living = (id: string, now: number, from: Pick<Rows, 'read'> = rows): Row | undefined => {
    const row = isId(id) ? from.read(id) : undefined;
    return row && lives(row, now) ? row : undefined;
  };

  /** What is handed out again and again while a row stays as it is: nobody may change it. */
  const shown = new WeakMap<Row, Entry<T>>();
  const show = (row: Row): Entry<T> => {
    const known = shown.get(row);
    if (known) return known;
    const entry = toEntry<T>(row, freeze(JSON.parse(row.json)));
    shown.set(row, entry);
    return entry;
  };

  /** Frees the document's unique keys from expired holders, or throws if a living one is there. */
  const claim = (id: string, keys: Keys, now: number): void => {
    for (const [index, key] of keys) {
      if (spec.indexes?.[index] !== 'unique') continue;
      const holder = rows.holder(index, key as string);
      if (!holder || holder.id === id) continue;
      if (lives(holder, now)) throw new DuplicateError(spec.name, index);
      rows.remove(holder.id);
    }
  };

  /** Where ids alone are unique, a document that is new needs no look at what is there. */
  const onlyIds = !Object.values(spec.indexes ?? {}).includes('unique');

  type Decide = (now: number, ttl: number | undefined) => Omit<Row, 'id' | 'json'>;

  /**
   * Writes a whole document, the rest of whose row `decide` makes of the one that is there.
   * @param creates whether there need not be one
   */
  const save = async (
    id: string,
    value: T,
    options: WriteOptions | undefined,
    creates: boolean,
    decide: Decide,
  ) => {
    const ttl = checkTtl(options?.ttl);
    const json = toJson(value);
    const copy: T = JSON.parse(json);
    const keys = keysOf(spec, copy);
    const row = await run.write(() => {
      const now = Date.now();
      if (creates && onlyIds) {
        const first = { id, json, version: 1, expires: expiryOf(ttl, now), taken: null };
        if (rows.add(first, keys)) return first;
      }
      const next = { id, json, ...decide(now, ttl) };
      claim(id, keys, now);
      rows.write(next, keys);
      return next;
    });
    changed(id);
    return toEntry(row, copy);
  };

  return {
    name: spec.name,

    async get(id) {
      const row = await run.read(() => living(id, Date.now(), seen));
      return row && show(row);
    },

    async insert(id, value, options) {
      requireId(id);
      return save(id, value, options, true, (now, ttl) => {
        if (living(id, now)) throw new DuplicateError(spec.name, 'id');
        return { version: 1, expires: expiryOf(ttl, now), taken: null };
      });
    },

    async put(id, value, options) {
      requireId(id);
      return save(id, value, options, true, (now, ttl) => {
        const { version, taken } = living(id, now) ?? { version: 0, taken: null };
        return { version: version + 1, expires: expiryOf(ttl, now), taken };
      });
    },

    async update(id, version, value, options) {
      return save(id, value, options, false, (now, ttl) => {
        const row = living(id, now);
        if (row?.version !== version) throw new ConflictError(spec.name);
        const expires = ttl === undefined ? row.expires : expiryOf(ttl, now);
        return { version: version + 1, expires, taken: row.taken };
      });
    },

    async delete(id) {
      const found = await run.write(() => {
        const row = living(id, Date.now());
        if (row) rows.remove(id);
        return row !== undefined;
      });
      if (found) changed(id);
      return found;
    },

    async take(id) {
      if (!isId(id)) return undefined;
      const taken = await run.write(() => rows.take(id, Date.now()));
      if (taken) changed(id);
      return taken && toEntry<T>(taken);
    },

    async find(index, value, limit = 1000) {
      checkIndex(spec, index);
      checkLimit(limit);
      const found = await run.read(() => seen.find(index, keyOf(value), Date.now(), limit));
      return found.map(show);
    },

    async deleteBy(index, value) {
      checkIndex(spec, index);
      const removed = await run.write(() => {
        const now = Date.now();
        return rows.removeBy(index, keyOf(value)).filter((row) => lives(row, now));
      });
      for (const { id } of removed) changed(id);
      return removed.length;
    },

    async list({ after, prefix, limit = 100 } = {}) {
      checkLimit(limit);
      const range = idRange(after, prefix);
      if (!range) return { entries: [] };
      // One more than asked for tells whether there is a next page.
      const found = await run.read(() => rows.list(range, Date.now(), limit + 1));
      return pageOf<T>(found, limit);
    },

    async query(options = {}) {
      const query = toQuery(spec, options);
      const found: Row[] = [];
      let { after } = query;
      for (;;) {
        const missing = query.limit + 1 - found.length;
        const step = await run.read(() => rows.query({ ...query, after }, Date.now(), missing));
        found.push(...step.rows);
        after = step.resume;
        if (!after || found.length > query.limit) return toPage<T>(query, found);
        // A long way to go: others have their turn first.
        await turn();
      }
    },
  };
}

/** A page of the rows found, of which there may be one more than the page holds. */
export function pageOf<T>(found: readonly Row[], limit: number): Page<T> {
  const entries = found.slice(0, limit).map((row) => toEntry<T>(row));
  const next = found.length > limit ? entries.at(-1)?.id : undefined;
  return next === undefined ? { entries } : { entries, next };
}
