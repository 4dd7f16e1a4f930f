/**
 * What every store does alike with a document: the form it is kept in, when it expires, and the
 * keys it is found by.
 */
import type { CollectionSpec, Entry, WriteOptions } from './store.ts';

/** A document as it lies in a store; its value is text, so that no database interprets it. */
export interface Row {
  readonly id: string;
  readonly json: string;
  readonly version: number;
  /** Milliseconds since the epoch; `null` when never. */
  readonly expires: number | null;
  /** Seconds since the epoch; `null` while it can be taken. */
  readonly taken: number | null;
}

/** The keys of a document: for each declared index it is in, one key or one for each array member. */
export type Keys = ReadonlyMap<string, string | readonly string[]>;

/** The collection `once` keeps its keys in; its name is none that a spec may have. */
export const onceSpec: CollectionSpec = { name: '_once' };

/** @throws {TypeError} at a name that a database would not take as it is, or that is there twice. */
export function checkSpecs(specs: readonly CollectionSpec[]): void {
  const seen = new Set<string>();
  for (const { name, indexes = {} } of specs) {
    if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name) || seen.has(name)) {
      throw new TypeError(`A collection cannot be called ${name}, or is declared twice`);
    }
    seen.add(name);
    const wrong = Object.keys(indexes).find((index) => !/^[A-Za-z][A-Za-z0-9_]*$/.test(index));
    if (wrong !== undefined) throw new TypeError(`${name} cannot have an index ${wrong}`);
  }
}

/** The value as text. @throws {TypeError} when it has no form in JSON. */
export function toJson(value: unknown): string {
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) throw new TypeError('A document is JSON, this value has no form in it');
  return json;
}

/** The document as callers see it. */
export function toEntry<T>(row: Row, value: T = JSON.parse(row.json)): Entry<T> {
  const { id, version, expires, taken } = row;
  const entry: { -readonly [K in keyof Entry<T>]: Entry<T>[K] } = { id, value, version };
  if (expires !== null) entry.expires = expires;
  if (taken !== null) entry.taken = taken;
  return entry;
}

/** Makes a value that came from JSON unchangeable, all of it. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}

/** When a document is taken at this time (milliseconds since the epoch). */
export const secondsOf = (now: number): number => Math.floor(now / 1000);

/** Whether the document exists at this time (milliseconds since the epoch). */
export function lives(row: Row, now: number): boolean {
  return row.expires === null || row.expires > now;
}

/** The end of the year 9999, beyond which not everything that reads dates can. */
const FOREVER = Date.UTC(10_000, 0) - 1;

/** The time to live. @throws {TypeError} when it is not a number of seconds greater than 0. */
export function checkTtl(ttl: WriteOptions['ttl']): number | undefined {
  if (ttl === undefined || ttl > 0) return ttl;
  throw new TypeError(`A time to live is a number of seconds greater than 0, not ${ttl}`);
}

/** When something written now expires, `null` when never. */
export function expiryOf(ttl: number | undefined, now: number): number | null {
  return ttl === undefined ? null : Math.min(Math.ceil(now + ttl * 1000), FOREVER);
}

/** @throws {TypeError} when it is not a whole number from 1 on (0 would mean "all" to a database). */
export function checkLimit(limit: number): number {
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new TypeError(`A limit is a whole number greater than 0, not ${limit}`);
}

/** @throws {TypeError} when the collection was not declared with this index. */
export function checkIndex({ name, indexes = {} }: CollectionSpec, index: string): string {
  if (Object.hasOwn(indexes, index)) return index;
  throw new TypeError(`${name} is not found by ${index}: its spec declares no such index`);
}

/**
 * The key a value of an index is kept under: the value itself, but for characters that JSON
 * escapes. Any string, even one with NUL or a lone surrogate, so has one exact form everywhere.
 */
export function keyOf(value: string): string {
  if (typeof value !== 'string') throw new TypeError('The value of an index is a string');
  return JSON.stringify(value).slice(1, -1);
}

/**
 * The keys of a value, which must have come from JSON: what a `toJSON` made is what is found.
 * Only an index of `many` knows arrays.
 */
export function keysOf({ indexes = {} }: CollectionSpec, value: unknown): Keys {
  const keys = new Map<string, string | readonly string[]>();
  if (typeof value !== 'object' || value === null) return keys;
  for (const [index, kind] of Object.entries(indexes)) {
    const found: unknown = Object.hasOwn(value, index) && (value as Record<string, unknown>)[index];
    if (typeof found === 'string') keys.set(index, keyOf(found));
    else if (kind === 'many' && isStrings(found)) keys.set(index, [...new Set(found.map(keyOf))]);
  }
  return keys;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((member) => typeof member === 'string');
}
