/**
 * The form of a document in MongoDB, and the filters and changes that rest on it.
 */
import type { Filter, UpdateFilter } from 'mongodb';
import type { Keys, Row } from './document.ts';

/** A document as it lies in the database. */
export interface Stored {
  _id: string;
  value: string;
  version: number;
  expires?: Date;
  taken?: number;
  /** The keys of the declared indexes. */
  index: Record<string, string | readonly string[]>;
}

/** A document but for its value and its keys. */
export type Head = Pick<Stored, '_id' | 'version' | 'expires' | 'taken'>;

/** Holds for documents that exist now; one without `expires` is not `$lte` anything. */
export function living(): Filter<Stored> {
  return { expires: { $not: { $lte: new Date(Date.now()) } } };
}

/** Holds for documents with this key of an index. */
export function withKey(index: string, key: string): Filter<Stored> {
  return { [`index.${index}`]: key };
}

/** Documents that have expired and whose id or a key is this document's. */
export function expiredHolders(id: string, keys: Keys): Filter<Stored> {
  const held = [...keys].flatMap(([index, key]) =>
    typeof key === 'string' ? [withKey(index, key)] : [],
  );
  return { expires: { $lte: new Date(Date.now()) }, $or: [{ _id: id }, ...held] };
}

/** The change that makes a document this one; an `expires` of `undefined` leaves that as it is. */
export function changeTo(json: string, keys: Keys, expires: number | null | undefined) {
  const change: UpdateFilter<Stored> = {
    $set: {
      value: json,
      index: Object.fromEntries(keys),
      ...(typeof expires === 'number' && { expires: new Date(expires) }),
    },
    $inc: { version: 1 },
  };
  return expires === null ? { ...change, $unset: { expires: true as const } } : change;
}

/** The document as the rest of this folder knows it. */
export function toRow({ _id, value, version, expires, taken }: Omit<Stored, 'index'>): Row {
  return {
    id: _id,
    json: value,
    version,
    expires: expires?.getTime() ?? null,
    taken: taken ?? null,
  };
}
