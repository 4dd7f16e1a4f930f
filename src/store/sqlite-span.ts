/** Spans of keys, and places between documents, as SQL compares them. */
import { afterPrefix, compareIds } from './id.ts';
import type { Query, Span } from './query.ts';
import { joined, raw, type Sql, sql } from './sql.ts';
import { manyKey } from './sqlite-columns.ts';

/** Sorts after every text, as any blob does. */
const AFTER_ALL = Uint8Array.of(0);

/** A place between documents: what the columns that order hold there. */
export type Edge = readonly (string | typeof AFTER_ALL)[];

/** Holds where a column's key lies in the span. */
export const within = (column: string, span: Span): Sql =>
  'is' in span
    ? sql`${raw(column)} = ${span.is}`
    : sql`(${raw(column)} >= ${span.from} AND ${raw(column)} < ${span.until ?? AFTER_ALL})`;

/** The same span among the keys of arrays. */
export function manySpan(index: string, span: Span): Span {
  const at = (key: string) => manyKey(index, key);
  if ('is' in span) return { is: at(span.is) };
  const { from, until } = span;
  return { from: at(from), until: until === undefined ? afterPrefix(at('')) : at(until) };
}

/**
 * Holds between two places, for columns listed; it is one range of an index of these columns.
 */
export const between = (columns: string, [from, until]: readonly [Edge, Edge]): Sql =>
  sql`(${raw(columns)}) > (${list(from)}) AND (${raw(columns)}) < (${list(until)})`;

const list = (edge: Edge): Sql =>
  joined(
    edge.map((value) => sql`${value}`),
    ', ',
  );

/** The places between which lies all that the query can still find: as near as one range can be. */
export function edgesOf({ by, matches, after, descending }: Query): [Edge, Edge] {
  const starts: Edge[] = [['', '']];
  const ends: Edge[] = [[AFTER_ALL, AFTER_ALL]];
  for (const { index, spans } of matches) {
    if (index !== by) continue;
    starts.push(spans.map(startOf).reduce(least));
    ends.push(spans.map(endOf).reduce(greatest));
  }
  if (after) (descending ? ends : starts).push([after.key, after.id]);
  const edges = [starts.reduce(greatest), ends.reduce(least)] as const;
  const [from, until] = by === undefined ? edges.map(([, id]) => [id]) : edges;
  return [from as Edge, until as Edge];
}

const startOf = (span: Span): Edge => ['is' in span ? span.is : span.from, ''];
const endOf = (span: Span): Edge =>
  'is' in span ? [span.is, AFTER_ALL] : [span.until ?? AFTER_ALL, ''];

const least = (a: Edge, b: Edge): Edge => (compareEdges(a, b) <= 0 ? a : b);
const greatest = (a: Edge, b: Edge): Edge => (compareEdges(a, b) >= 0 ? a : b);

function compareEdges(a: Edge, b: Edge): number {
  const i = a.findIndex((value, column) => value !== b[column]);
  const [left, right] = [a[i], b[i]];
  if (typeof left === 'string' && typeof right === 'string') return compareIds(left, right);
  return i < 0 ? 0 : Number(left === AFTER_ALL) - Number(right === AFTER_ALL);
}
