import type { Collection as Raw } from 'mongodb';
import {
  checkIndex,
  checkLimit,
  checkTtl,
  expiryOf,
  type Keys,
  keyOf,
  keysOf,
  secondsOf,
  toEntry,
  toJson,
} from './document.ts';
import { idRange, isId, requireId } from './id.ts';
import {
  changeTo,
  expiredHolders,
  type Head,
  living,
  type Stored,
  toRow,
  withKey,
} from './mongodb-document.ts';
import { duplicated } from './mongodb-error.ts';
import { filterOf, sortOf } from './mongodb-query.ts';
import { toPage, toQuery } from './query.ts';
import { pageOf } from './rows.ts';
import type { Collection, CollectionSpec, WriteOptions } from './store.ts';
import { ConflictError, DuplicateError, UnavailableError } from './store.ts';

/** Runs what asks the server, or refuses to when the store is closed. */
export type Perform = <R>(operation: () => Promise<R>) => Promise<R>;

/** Writes tried while others create and delete the same id under them. */
const ATTEMPTS = 10;
/** All but the keys; and all but the value as well. */
const ROW = { index: 0 } as const;
const HEAD = { index: 0, value: 0 } as const;

/** The collection of a spec; `changed` is told the id after each change. */
export function createCollection<T>(
  spec: CollectionSpec,
  raw: Raw<Stored>,
  perform: Perform,
  changed: (id: string | undefined) => void,
): Collection<T> {
  /**
   * Writes a whole document. When that would duplicate something, what is in the way may have
   * expired or just gone: it is cleared away, and only the second refusal counts. An upsert is
   * refused an id when another has just created it, and tries until it finds it.
   */
  const save = async (
    id: string,
    value: T,
    { ttl }: WriteOptions,
    upserts: boolean,
    write: (json: string, keys: Keys, expires: number | null) => Promise<Head | null>,
  ) => {
    checkTtl(ttl);
    const json = toJson(value);
    const copy: T = JSON.parse(json);
    const keys = keysOf(spec, copy);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      try {
        const head = await write(json, keys, expiryOf(ttl, Date.now()));
        if (head) {
          changed(id);
          return toEntry<T>(toRow({ ...head, value: json }), copy);
        }
      } catch (error) {
        const index = duplicated(error);
        if (index === undefined) throw error;
        if (attempt > 1 && !(upserts && index === 'id')) throw new DuplicateError(spec.name, index);
      }
      await raw.deleteMany(expiredHolders(id, keys));
    }
    throw new UnavailableError();
  };

  return {
    name: spec.name,

    async get(id) {
      if (!isId(id)) return undefined;
      const filter = { _id: id, ...living() };
      const found = await perform(() => raw.findOne(filter, { projection: ROW }));
      return found ? toEntry<T>(toRow(found)) : undefined;
    },

    async insert(id, value, options = {}) {
      requireId(id);
      return perform(() =>
        save(id, value, options, false, async (json, keys, expires) => {
          const head = {
            _id: id,
            version: 1,
            ...(expires !== null && { expires: new Date(expires) }),
          };
          await raw.insertOne({ ...head, value: json, index: Object.fromEntries(keys) });
          return head;
        }),
      );
    },

    async put(id, value, options = {}) {
      requireId(id);
      return perform(() =>
        save(id, value, options, true, async (json, keys, expires) => {
          const after = { upsert: true, returnDocument: 'after', projection: HEAD } as const;
          const change = changeTo(json, keys, expires);
          // MongoDB always answers a document. SecantusDB does not when two upserts of one new id
          // meet: the write is done, but as which version is only told when it is done again.
          return raw.findOneAndUpdate({ _id: id, ...living() }, change, after);
        }),
      );
    },

    async update(id, version, value, options = {}) {
      return perform(() =>
        save(id, value, options, false, async (json, keys, expires) => {
          if (!isId(id)) throw new ConflictError(spec.name);
          const change = changeTo(json, keys, options.ttl === undefined ? undefined : expires);
          const head = await raw.findOneAndUpdate({ _id: id, version, ...living() }, change, {
            returnDocument: 'after',
            projection: HEAD,
          });
          if (!head) throw new ConflictError(spec.name);
          return head;
        }),
      );
    },

    async delete(id) {
      if (!isId(id)) return false;
      const { deletedCount } = await perform(() => raw.deleteOne({ _id: id, ...living() }));
      if (deletedCount > 0) changed(id);
      return deletedCount > 0;
    },

    async take(id) {
      if (!isId(id)) return undefined;
      const filter = { _id: id, taken: { $exists: false }, ...living() };
      const change = { $set: { taken: secondsOf(Date.now()) }, $inc: { version: 1 } };
      const taken = await perform(() =>
        raw.findOneAndUpdate(filter, change, { returnDocument: 'after', projection: ROW }),
      );
      if (!taken) return undefined;
      changed(id);
      return toEntry<T>(toRow(taken));
    },

    async find(index, value, limit = 1000) {
      checkLimit(limit);
      const filter = { ...withKey(checkIndex(spec, index), keyOf(value)), ...living() };
      const options = { projection: ROW, sort: { _id: 1 }, limit } as const;
      const found = await perform(() => raw.find(filter, options).toArray());
      return found.map((stored) => toEntry<T>(toRow(stored)));
    },

    async deleteBy(index, value) {
      // What has expired is not there, and the TTL index will see to it.
      const filter = { ...withKey(checkIndex(spec, index), keyOf(value)), ...living() };
      const { deletedCount } = await perform(() => raw.deleteMany(filter));
      if (deletedCount > 0) changed(undefined);
      return deletedCount;
    },

    async list({ after, prefix, limit = 100 } = {}) {
      checkLimit(limit);
      const range = idRange(after, prefix);
      if (!range) return { entries: [] };
      const { from, until, except } = range;
      const _id = { $gte: from, $ne: except, ...(until !== undefined && { $lt: until }) };
      // One more than asked for tells whether there is a next page.
      const options = { projection: ROW, sort: { _id: 1 }, limit: limit + 1 } as const;
      const found = await perform(() => raw.find({ _id, ...living() }, options).toArray());
      return pageOf<T>(found.map(toRow), limit);
    },

    async query(options = {}) {
      const query = toQuery(spec, options);
      const order = { sort: sortOf(spec, query), limit: query.limit + 1, projection: ROW };
      const found = await perform(() => raw.find(filterOf(spec, query), order).toArray());
      return toPage<T>(query, found.map(toRow));
    },
  };
}
