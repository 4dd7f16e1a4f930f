/**
 * What every store does alike with a query: check it, and turn its conditions into spans of keys.
 * A store then only compares keys and ids, by their UTF-8 bytes.
 */
import { createHash } from 'node:crypto';
import { cursorOf, type Position, positionOf } from './cursor.ts';
import { checkIndex, checkLimit, keyOf, type Row, toEntry } from './document.ts';
import { afterPrefix, compareIds } from './id.ts';
import type { CollectionSpec, Condition, Entry, Page, QueryOptions } from './store.ts';

/** Keys: this one; or those from `from` on, below `until` where there is one. */
export type Span =
  | { readonly is: string }
  | { readonly from: string; readonly until: string | undefined };

/** Holds for a document one of whose keys of the index lies in one of the spans. */
export interface Match {
  readonly index: string;
  readonly spans: readonly Span[];
}

/** A query as stores carry it out. */
export interface Query {
  readonly matches: readonly Match[];
  /** An index, or `undefined` for the id alone. */
  readonly by: string | undefined;
  readonly descending: boolean;
  /** Only what comes after it. */
  readonly after: Position | undefined;
  readonly limit: number;
  /** Tells this query from others, whatever their page. */
  readonly fingerprint: string;
}

/** Conditions in one query; each costs a look at every document that is considered. */
const CONDITIONS = 50;

/** @throws {TypeError} at an index, a value or a limit that cannot be. @throws {CursorError} */
export function toQuery(spec: CollectionSpec, options: QueryOptions): Query {
  const { where = [], order = { by: 'id' }, after, limit = 100 } = options;
  if (where.length > CONDITIONS) {
    throw new TypeError(`A query has at most ${CONDITIONS} conditions, not ${where.length}`);
  }
  const matches = where.map((condition) => toMatch(spec, condition));
  const by = order.by === 'id' ? undefined : checkOrder(spec, order.by);
  const descending = order.descending === true;
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([spec.name, matches, order.by, descending]))
    .digest('base64url');
  return {
    matches,
    by,
    descending,
    after: after === undefined ? undefined : positionOf(after, fingerprint, by !== undefined),
    limit: checkLimit(limit),
    fingerprint,
  };
}

/** A page of the rows found, of which there may be one more than the page holds. */
export function toPage<T>({ by, limit, fingerprint }: Query, found: readonly Row[]): Page<T> {
  const entries = found.slice(0, limit).map((row) => toEntry<T>(row));
  const last = entries.at(-1);
  if (found.length <= limit || !last) return { entries };
  return { entries, next: cursorOf(fingerprint, { key: keyBy(by, last), id: last.id }) };
}

/** The key a document is ordered by. */
function keyBy<T>(by: string | undefined, { value }: Entry<T>): string {
  return by === undefined ? '' : keyOf((value as Record<string, string>)[by] as string);
}

/** Whether a key lies in a span. */
export function spanHas(span: Span, key: string): boolean {
  if ('is' in span) return key === span.is;
  const { from, until } = span;
  return compareIds(key, from) >= 0 && (until === undefined || compareIds(key, until) < 0);
}

function checkOrder(spec: CollectionSpec, by: string): string {
  if (spec.indexes?.[checkIndex(spec, by)] !== 'many') return by;
  throw new TypeError(`${spec.name} has no order by ${by}: a document may have many of it`);
}

function toMatch(spec: CollectionSpec, condition: Condition): Match {
  const { index, ...ways } = condition as { index: string } & Record<string, string | undefined>;
  checkIndex(spec, index);
  const given = Object.entries(ways).filter(([, value]) => value !== undefined);
  const [way, value = ''] = given[0] ?? [];
  const spans = given.length === 1 && Object.hasOwn(waysTo, String(way)) && waysTo[String(way)];
  if (!spans) throw new TypeError(`A condition on ${index} is "is", "begins" or "below"`);
  return { index, spans: spans(value) };
}

const waysTo: Readonly<Record<string, (value: string) => readonly Span[]>> = {
  is: (value) => [{ is: keyOf(value) }],
  begins: spansOf,
  below: (value) => [{ from: '', until: keyOf(value) }],
};

/**
 * Where the keys of the values lie that begin with a prefix. Each character has a form of its own in
 * a key, so they begin with the prefix's key. Only half a surrogate pair at its end may be half of a
 * character in the value, which keys hold as one: these are the 1024 that have the same first half.
 */
function spansOf(prefix: string): readonly Span[] {
  const key = keyOf(prefix);
  const alone = { from: key, until: afterPrefix(key) };
  if (!/[\ud800-\udbff]$/.test(prefix)) return [alone];
  const before = keyOf(prefix.slice(0, -1));
  const first = 0x10000 + (prefix.charCodeAt(prefix.length - 1) - 0xd800) * 0x400;
  const [from, last] = [first, first + 0x3ff].map((point) => before + String.fromCodePoint(point));
  return [alone, { from: from as string, until: afterPrefix(last as string) }];
}
