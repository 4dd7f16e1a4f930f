/**
 * The store: small collections of JSON documents, and nothing that only one database can do.
 *
 * A collection is declared once, with the properties it is found by. Everything above this folder
 * speaks this contract; every implementation passes `test/store.contract.ts`.
 *
 * What holds on every implementation:
 * - A document is JSON. It is copied on the way in and on the way out; `undefined` members vanish.
 * - An id is any string of 1 to 1024 UTF-16 units without a lone surrogate, compared exactly. Nothing
 *   in it is interpreted. To create under any other is a TypeError; to look one up finds nothing.
 * - A write is durable when its promise resolves: a process killed afterwards loses nothing.
 * - An expired document does not exist, for any call, from the millisecond it expires; when its row
 *   is removed is the store's business.
 * - `take`, `insert`, `update` and `once` are atomic between callers, processes and machines.
 * - A read sees every write whose promise had resolved before, in any process.
 */

/** What a collection is called and what its documents are found by. */
export interface CollectionSpec {
  /** Lower-case words joined by `_`. */
  readonly name: string;
  /**
   * Top-level properties that `find`, `query` and `deleteBy` may name. The value of an indexed property is a
   * string or absent; anything else is not indexed. Of `many` it may also be an array of strings,
   * found by each; `unique` refuses a second living document with the same value.
   */
  readonly indexes?: Readonly<Record<string, 'plain' | 'many' | 'unique'>>;
}

/** A document as it stands in the store. */
export interface Entry<T> {
  readonly id: string;
  /** Not to be changed: others may be given the same, so a store may have frozen it. */
  readonly value: T;
  /** Starts at 1, grows by one with every write of this document; `take` is one. */
  readonly version: number;
  /** When it ceases to exist, milliseconds since the epoch; absent when never. */
  readonly expires?: number;
  /** When it was taken, seconds since the epoch; absent while it can still be taken. */
  readonly taken?: number;
}

export interface WriteOptions {
  /** Seconds to live, greater than 0; absent: until deleted. */
  readonly ttl?: number;
}

/** A page of a list, in the order of ids (by UTF-8 bytes), or of a query, in the order it asks for. */
export interface Page<T> {
  readonly entries: readonly Entry<T>[];
  /** Give it as `after` to read on; absent on the last page. */
  readonly next?: string;
}

/**
 * A condition on a declared index: exactly this value, any that begins with it, or any that sorts
 * before it (as `query` sorts). Of `many`, one of the document's keys must hold it.
 */
export type Condition = { readonly index: string } & (
  | { readonly is: string }
  | { readonly begins: string }
  | { readonly below: string }
);

export interface QueryOptions {
  /** All must hold; the same index may be named several times. At most 50. */
  readonly where?: readonly Condition[];
  /**
   * `id` (default) or a declared index that is not `many`; ties in the order of ids, both the other
   * way round when `descending`. Documents without a value of it are not in the answer.
   */
  readonly order?: { readonly by: string; readonly descending?: boolean };
  /** The `next` of the page before; opaque. The query must be the same but for `limit`. */
  readonly after?: string;
  /** Default 100. */
  readonly limit?: number;
}

export interface Collection<T> {
  readonly name: string;
  get(id: string): Promise<Entry<T> | undefined>;
  /** Creates. @throws {DuplicateError} when the id or a unique value is in use. */
  insert(id: string, value: T, options?: WriteOptions): Promise<Entry<T>>;
  /** Creates or replaces, time to live included. A taken document stays taken. @throws {DuplicateError} */
  put(id: string, value: T, options?: WriteOptions): Promise<Entry<T>>;
  /**
   * Replaces the document if its version is still the given one (compare and swap). Without `ttl`
   * its expiry stays as it was. @throws {ConflictError} when it has another version or is gone.
   * @throws {DuplicateError}
   */
  update(id: string, version: number, value: T, options?: WriteOptions): Promise<Entry<T>>;
  /** True when there was a living document to delete. */
  delete(id: string): Promise<boolean>;
  /**
   * Consumes: of any number of callers exactly one gets the document (with `taken` set), all others
   * `undefined`. The document stays readable, marked `taken`, until it expires, so that a second
   * presentation can be told from an unknown one.
   */
  take(id: string): Promise<Entry<T> | undefined>;
  /** Living documents, taken or not, with this value of a declared index, at most `limit` (default 1000), by id. */
  find(index: string, value: string, limit?: number): Promise<readonly Entry<T>[]>;
  /** Deletes every document with this value of a declared index; answers how many were living. */
  deleteBy(index: string, value: string): Promise<number>;
  /** Ids greater than `after`, beginning with `prefix`; `limit` defaults to 100. */
  list(options?: { after?: string; prefix?: string; limit?: number }): Promise<Page<T>>;
  /**
   * Living documents, taken or not, that hold conditions, in an order of UTF-8 bytes (of the value as
   * JSON would write it, between the quotes). Pages join whatever is inserted and deleted meanwhile:
   * what was there all the time is on exactly one of them.
   * @throws {TypeError} at an index that was not declared, or one of `many` to order by
   * @throws {CursorError} at an `after` that this query did not make
   */
  query(options?: QueryOptions): Promise<Page<T>>;
}

export interface Store {
  readonly kind: string;
  /** The collection of a spec given when the store was opened. */
  collection<T>(spec: CollectionSpec): Collection<T>;
  /** True for the first caller with this key within `ttl` seconds, false for every other. */
  once(key: string, ttl: number): Promise<boolean>;
  /**
   * Calls `listener` with the id after a document of the collection changed, in whichever process,
   * or with `undefined` when any may have; of one change perhaps more than once. Bounded by `staleness`; answers the way to stop it.
   */
  watch(spec: CollectionSpec, listener: (id: string | undefined) => void): () => void;
  /** The longest time in milliseconds until `watch` tells of another process's change. */
  readonly staleness: number;
  /**
   * Begins a piece of work, such as answering a request: what it reads is at least as new as this
   * moment. Once a process has called it, reads may share one look at what other processes wrote,
   * until the next call and for 5 ms at most; before, each read looks for itself.
   */
  renew(): void;
  /** Resolves when the store answers. @throws {UnavailableError} */
  ping(): Promise<void>;
  /** Finishes what was begun, then lets go of everything. */
  close(): Promise<void>;
}

/** The id or the value of a unique index is already in use. */
export class DuplicateError extends Error {
  readonly code = 'duplicate';
  readonly collection: string;
  /** The index, or `id`. */
  readonly index: string;
  constructor(collection: string, index: string) {
    super(`${collection}: another document has this ${index}`);
    this.collection = collection;
    this.index = index;
  }
}

/** The document was changed or deleted since it was read. */
export class ConflictError extends Error {
  readonly code = 'conflict';
  constructor(collection: string) {
    super(`${collection}: the document has changed since it was read`);
  }
}

/** The `after` of a query is no `next` of the same query. */
export class CursorError extends RangeError {
  readonly code = 'cursor';
  constructor() {
    super('The cursor is not one that this query answered: begin again without it');
  }
}

/** The store does not answer now; the same call may work later. `statusCode` is what HTTP says. */
export class UnavailableError extends Error {
  readonly code = 'unavailable';
  readonly statusCode = 503;
  constructor(options?: ErrorOptions) {
    super('the store does not answer', options);
  }
}

/** The store cannot be opened; the message is one sentence with the remedy, for the operator. */
export class OpenError extends Error {
  readonly code = 'store_open';
}
