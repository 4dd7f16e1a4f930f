/**
 * Queries of a collection's table. The connection is synchronous, so a query must be short whatever
 * it asks for. How many documents each condition finds is counted, up to a bound. If one finds few,
 * they are looked up and sorted (*drive*). Otherwise the index of the order is followed until the
 * page is full (*walk*), a step at a time, with turns of the event loop between the steps. SQLite's
 * planner, which knows nothing of what is stored, is told which index to take.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Row } from './document.ts';
import type { Match, Query } from './query.ts';
import type { Found, Rows } from './rows.ts';
import { createStatements, joined, raw, type Sql, sql } from './sql.ts';
import { columnOf, manyTable } from './sqlite-columns.ts';
import { between, type Edge, edgesOf, manySpan, within } from './sqlite-span.ts';
import { indexName } from './sqlite-tables.ts';
import type { CollectionSpec } from './store.ts';

/** Documents that are few: looking them all up takes some 5 ms. */
const FEW = 1_000;
/** Entries of an index in one step, which takes some 5 ms if none of them is wanted. */
const STEP = 2_000;

const ROW = raw('id, json, version, expires, taken');

/** How the rows of a collection are queried; `limit` counts instead of the query's own. */
export function createQueries(db: DatabaseSync, spec: CollectionSpec): Rows['query'] {
  const run = createStatements(db);
  const table = `"${spec.name}"`;
  const many = raw(manyTable(spec));
  const isMany = (index: string) => spec.indexes?.[index] === 'many';
  /** The table, read in the order of an index, or of ids. */
  const along = (index?: string) => raw(`${table} INDEXED BY "${indexName(spec, index)}"`);

  /** Selects of ids that together are all those a condition finds; each reads one piece of an index. */
  const idsOf = ({ index, spans }: Match): Sql[] =>
    spans.flatMap((span) => {
      const one = sql`SELECT id FROM ${along(index)} WHERE ${within(columnOf(index), span)}`;
      if (!isMany(index)) return [one];
      return [one, sql`SELECT id FROM ${many} WHERE ${within('key', manySpan(index, span))}`];
    });

  /** The condition that finds the fewest documents, if it finds few. */
  const fewest = (matches: readonly Match[]): Match | undefined => {
    let bound = FEW + 1;
    let best: Match | undefined;
    for (const match of matches) {
      const ids = joined(idsOf(match), ' UNION ALL ');
      const count = run(sql`SELECT count(*) AS n FROM (${ids} LIMIT ${bound} + 0)`)[0]?.n as number;
      if (count < bound) [bound, best] = [count, match];
    }
    return best;
  };

  /** Holds for rows a condition finds. The + tells SQLite to take no index for it. */
  const holds = ({ index, spans }: Match): Sql => {
    const ways = spans.flatMap((span) => {
      const one = within(`+${columnOf(index)}`, span);
      if (!isMany(index)) return [one];
      const member = within('value', manySpan(index, span));
      return [one, sql`EXISTS (SELECT 1 FROM json_each(many) WHERE ${member})`];
    });
    return sql`(${joined(ways, ' OR ')})`;
  };

  const drive = (query: Query, match: Match, wanted: Sql, limit: number): Found => {
    const { columns, order } = orderOf(query, '+');
    const rows = run(
      sql`SELECT ${ROW} FROM ${along()} WHERE id IN (${joined(idsOf(match), ' UNION ')})
          AND ${between(columns, edgesOf(query))} AND ${wanted}
          ORDER BY ${order} LIMIT ${limit} + 0`,
    );
    return { rows: rows as unknown as Row[] };
  };

  const walk = (query: Query, wanted: Sql, limit: number): Found => {
    const { columns, order } = orderOf(query);
    const edges = edgesOf(query);
    // Without its own condition once more the index, which leaves documents out, would not be taken.
    const listed = raw(query.by === undefined ? 'TRUE' : `${columnOf(query.by)} IS NOT NULL`);
    const ways = sql`FROM ${along(query.by)} WHERE ${listed} AND`;
    const [last, beyond] = run(
      sql`SELECT ${raw(columns)} ${ways} ${between(columns, edges)}
          ORDER BY ${order} LIMIT 2 OFFSET ${STEP - 1} + 0`,
    ).map((row) => Object.values(row) as string[]);
    const step = beyond ? edgesUpTo(beyond, edges, query.descending) : edges;
    const rows = run(
      sql`SELECT ${ROW} ${ways} ${between(columns, step)} AND ${wanted}
          ORDER BY ${order} LIMIT ${limit} + 0`,
    ) as unknown as Row[];
    if (!last || !beyond) return { rows };
    const [id = '', key = ''] = last.toReversed();
    return { rows, resume: { key, id } };
  };

  return (query, now, limit) => {
    const living = sql`(expires IS NULL OR expires > ${now})`;
    const wanted = joined([living, ...query.matches.map(holds)], ' AND ');
    const few = fewest(query.matches);
    // One on the index of the order bounds the walk: there is nothing to sort.
    if (!few || few.index === query.by) return walk(query, wanted, limit);
    return drive(query, few, wanted, limit);
  };
}

/** The columns that order, and the order itself; `mark` goes before each. */
function orderOf({ by, descending }: Query, mark = '') {
  const columns = (by === undefined ? ['id'] : [columnOf(by), 'id']).map((name) => mark + name);
  const direction = descending ? ' DESC' : '';
  return {
    columns: columns.join(),
    order: raw(columns.map((column) => column + direction).join()),
  };
}

/** The part of what lies between two places that comes before a third one, in the query's order. */
function edgesUpTo(beyond: Edge, [from, until]: [Edge, Edge], descending: boolean): [Edge, Edge] {
  return descending ? [beyond, until] : [from, beyond];
}
