/**
 * The tables of a collection, and how they follow when its spec changes. Where there can be arrays,
 * triggers keep their keys (sqlite-columns.ts), so that no statement can forget them.
 */
import type { DatabaseSync } from 'node:sqlite';
import { keysOf } from './document.ts';
import { columnOf, columnsOf, columnValues, manyTable } from './sqlite-columns.ts';
import { code, codeOf } from './sqlite-error.ts';
import { type CollectionSpec, OpenError } from './store.ts';

/** Brings a collection's tables to what its spec says now; to be called inside a transaction. */
export function prepareTable(db: DatabaseSync, spec: CollectionSpec): void {
  db.exec(tables(spec));
  const { name, indexes = {} } = spec;
  const wanted = new Map(
    Object.keys(indexes).map((index) => [indexName(spec, index), indexSql(spec, index)]),
  );
  const present = new Map(
    db
      .prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?`)
      .all(name)
      .map((index) => [index.name as string, index.sql]),
  );
  const stale = [...present.keys()].filter(
    (index) => /_(plain|many|unique)$/.test(index) && !wanted.has(index),
  );
  const missing = [...wanted.keys()].filter((index) => !present.has(index));
  // Its column is kept already: only the index has another form than it once had.
  const reshaped = [...wanted].filter(
    ([index, sql]) => present.has(index) && present.get(index) !== sql,
  );
  for (const index of [...stale, ...reshaped.map(([index]) => index)]) {
    db.exec(`DROP INDEX "${index}"`);
  }
  if (stale.length > 0 || missing.length > 0) refill(db, spec);
  for (const index of Object.keys(indexes)) {
    const sql = indexSql(spec, index);
    if (present.get(indexName(spec, index)) !== sql) createIndex(db, spec, index, sql);
  }
}

/** Brings the columns of the keys to what the spec says, and writes what they hold. */
function refill(db: DatabaseSync, spec: CollectionSpec): void {
  const { name } = spec;
  const columns = db
    .prepare(`SELECT name FROM pragma_table_info(?) WHERE name LIKE 'by\\_%' ESCAPE '\\'`)
    .all(name)
    .map((column) => `"${column.name}"`);
  const declared = columnsOf(spec);
  // A column kept without being written would answer with yesterday's keys if it came back.
  for (const old of columns.filter((column) => !declared.includes(column))) {
    db.exec(`ALTER TABLE "${name}" DROP COLUMN ${old}`);
  }
  for (const added of declared.filter((column) => column !== 'many' && !columns.includes(column))) {
    db.exec(`ALTER TABLE "${name}" ADD COLUMN ${added} TEXT`);
  }
  fill(db, spec);
}

const events = ['insert', 'update', 'delete'] as const;
type Event = (typeof events)[number];

function tables(spec: CollectionSpec): string {
  const table = `"${spec.name}"`;
  const many = manyTable(spec);
  const triggerName = (event: Event) => `"${spec.name}__many_${event}"`;
  const trigger = (event: Event, when: string, then: string) =>
    `CREATE TRIGGER IF NOT EXISTS ${triggerName(event)} AFTER ${event} ON ${table}
     WHEN ${when} BEGIN ${then} END;`;
  const forget = `DELETE FROM ${many} WHERE (key, id) IN (SELECT value, old.id FROM json_each(old.many));`;
  const learn = `INSERT INTO ${many} SELECT value, new.id FROM json_each(new.many);`;
  const create = `
    CREATE TABLE IF NOT EXISTS ${many} (
      key TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (key, id)
    ) STRICT, WITHOUT ROWID;
    ${trigger('insert', 'new.many IS NOT NULL', learn)}
    ${trigger('update', 'old.many IS NOT NULL OR new.many IS NOT NULL', forget + learn)}
    ${trigger('delete', 'old.many IS NOT NULL', forget)}`;
  // A trigger that has nothing to do still takes a fifth of the time of each write.
  const remove = `
    ${events.map((event) => `DROP TRIGGER IF EXISTS ${triggerName(event)};`).join('')}
    DROP TABLE IF EXISTS ${many};`;
  return `
    CREATE TABLE IF NOT EXISTS ${table} (
      id TEXT NOT NULL PRIMARY KEY, json TEXT NOT NULL, version INTEGER NOT NULL,
      expires INTEGER, taken INTEGER, many TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS "${spec.name}__expires" ON ${table} (expires) WHERE expires IS NOT NULL;
    ${Object.values(spec.indexes ?? {}).includes('many') ? create : remove}`;
}

/** Writes the keys of every document anew. */
function fill(db: DatabaseSync, spec: CollectionSpec): void {
  const table = `"${spec.name}"`;
  // What has expired could hold a unique key twice.
  db.prepare(`DELETE FROM ${table} WHERE expires <= ?`).run(Date.now());
  const page = db.prepare(
    `SELECT rowid, json FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT 500`,
  );
  const set = columnsOf(spec).map((column) => `${column} = ?`);
  const write = db.prepare(`UPDATE ${table} SET ${set.join()} WHERE rowid = ?`);
  for (let rows = page.all(0); rows.length > 0; rows = page.all(rows.at(-1)?.rowid as number)) {
    for (const { rowid, json } of rows as unknown as { rowid: number; json: string }[]) {
      write.run(...columnValues(spec, keysOf(spec, JSON.parse(json))), rowid);
    }
  }
}

/** What an index is called; that of the id, which comes with the table, where none is named. */
export function indexName({ name, indexes = {} }: CollectionSpec, index?: string): string {
  return index === undefined ? `sqlite_autoindex_${name}_1` : `${name}__${index}_${indexes[index]}`;
}

/** The statement that makes an index, as SQLite keeps it. */
function indexSql(spec: CollectionSpec, index: string): string {
  const column = columnOf(index);
  // With the id, so that what is found by a key is in order already.
  const [kind, columns] =
    spec.indexes?.[index] === 'unique' ? ['UNIQUE INDEX', column] : ['INDEX', `${column}, id`];
  return `CREATE ${kind} "${indexName(spec, index)}" ON "${spec.name}" (${columns}) WHERE ${column} IS NOT NULL`;
}

function createIndex(db: DatabaseSync, spec: CollectionSpec, index: string, sql: string): void {
  try {
    db.exec(sql);
  } catch (error) {
    if (codeOf(error) !== code.constraint) throw error;
    throw new OpenError(
      `Two documents of ${spec.name} have the same ${index}, which is to be unique now – change or delete one with the version of Clientele that wrote them`,
    );
  }
}
