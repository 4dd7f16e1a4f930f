import type { DatabaseSync } from 'node:sqlite';
import { type Keys, type Row, secondsOf } from './document.ts';
import type { Rows } from './rows.ts';
import { prepared } from './sql.ts';
import { columnOf, columnsOf, columnValues, manyKey, manyTable } from './sqlite-columns.ts';
import { createQueries } from './sqlite-query.ts';
import type { CollectionSpec } from './store.ts';

const ROW = 'id, json, version, expires, taken';
const LIVES = '(expires IS NULL OR expires > $now)';
/** A bare parameter as LIMIT makes SQLite prepare the statement anew each time it is bound. */
const LIMIT = '$limit + 0';
/** Sorts after every text, as any blob does. */
const AFTER_ALL = Uint8Array.of(0);

/** The rows of a collection's table; every statement is prepared once, when it is needed first. */
export function createRows(db: DatabaseSync, spec: CollectionSpec): Rows {
  const table = `"${spec.name}"`;
  const columns = columnsOf(spec);
  const written = [...ROW.split(', '), ...columns];

  const read = prepared(db, `SELECT ${ROW} FROM ${table} WHERE id = ?`);
  const remove = prepared(db, `DELETE FROM ${table} WHERE id = ?`);
  const insert = `INSERT INTO ${table} (${written.join()}) VALUES (${written.map(() => '?').join()})`;
  const add = prepared(db, `${insert} ON CONFLICT (id) DO NOTHING`);
  const write = prepared(
    db,
    `${insert}
     ON CONFLICT (id) DO UPDATE SET ${written.map((name) => `${name} = excluded.${name}`).join()}`,
  );
  // Apart from `write`, which writes every index anew.
  const take = prepared(
    db,
    `UPDATE ${table} SET version = version + 1, taken = $taken
     WHERE id = $id AND taken IS NULL AND ${LIVES} RETURNING ${ROW}`,
  );
  const list = prepared(
    db,
    `SELECT ${ROW} FROM ${table} WHERE id >= $from AND id < $until AND id <> $except AND ${LIVES}
     ORDER BY id LIMIT ${LIMIT}`,
  );

  const found = new Map(
    Object.entries(spec.indexes ?? {}).map(([index, kind]) => {
      const one = `${columnOf(index)} = $key`;
      const many = `id IN (SELECT id FROM ${manyTable(spec)} WHERE key = $many)`;
      const wheres = kind === 'many' ? [one, many] : [one];
      // A UNION, each half of which has its index, where OR could leave the planner without.
      const select = wheres.map(
        (where) => `SELECT ${ROW} FROM ${table} WHERE ${where} AND ${LIVES}`,
      );
      const statements = {
        holder: prepared(db, `SELECT ${ROW} FROM ${table} WHERE ${one}`),
        find: prepared(db, `${select.join(' UNION ALL ')} ORDER BY id LIMIT ${LIMIT}`),
        remove: wheres.map((where) =>
          prepared(db, `DELETE FROM ${table} WHERE ${where} RETURNING ${ROW}`),
        ),
        kind,
      };
      return [index, statements];
    }),
  );
  const values = ({ id, json, version, expires, taken }: Row, keys: Keys) =>
    [id, json, version, expires, taken, ...columnValues(spec, keys)] as const;
  const by = (index: string) => found.get(index) as NonNullable<ReturnType<typeof found.get>>;

  return {
    read: (id) => read().get(id) as Row | undefined,
    add: (row, keys) => add().run(...values(row, keys)).changes === 1,
    write: (row, keys) => void write().run(...values(row, keys)),
    take: (id, now) => take().get({ id, now, taken: secondsOf(now) }) as Row | undefined,
    remove: (id) => void remove().run(id),
    holder: (index, key) => by(index).holder().get({ key }) as Row | undefined,
    find(index, key, now, limit) {
      const { find, kind } = by(index);
      const many = kind === 'many' ? { many: manyKey(index, key) } : {};
      return find().all({ key, ...many, now, limit }) as unknown as Row[];
    },
    removeBy: (index, key) =>
      by(index).remove.flatMap((statement, half) =>
        statement().all(half === 0 ? { key } : { many: manyKey(index, key) }),
      ) as unknown as Row[],
    list: ({ from, until = AFTER_ALL, except }, now, limit) =>
      list().all({ from, until, except, now, limit }) as unknown as Row[],
    query: createQueries(db, spec),
  };
}
