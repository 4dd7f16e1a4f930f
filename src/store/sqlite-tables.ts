/**
 * The tables of a collection, and how they follow when its spec changes. Triggers keep the keys of
 * arrays (sqlite-columns.ts), so that no statement can forget them.
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
    Object.entries(indexes).map(([index, kind]) => [`${name}__${index}_${kind}`, index]),
  );
  const present = names(db, `SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?`);
  const stale = present(name).filter(
    (index) => /_(plain|many|unique)$/.test(index) && !wanted.has(index),
  );
  const missing = [...wanted.keys()].filter((index) => !present(name).includes(index));
  if (stale.length === 0 && missing.length === 0) return;

  for (const index of stale) db.exec(`DROP INDEX "${index}"`);
  const column = names(
    db,
    `SELECT name FROM pragma_table_info(?) WHERE name LIKE 'by\\_%' ESCAPE '\\'`,
  );
  const columns = column(name).map((name) => `"${name}"`);
  const declared = columnsOf(spec);
  // A column kept without being written would answer with yesterday's keys if it came back.
  for (const old of columns.filter((column) => !declared.includes(column))) {
    db.exec(`ALTER TABLE "${name}" DROP COLUMN ${old}`);
  }
  for (const added of declared.filter((column) => column !== 'many' && !columns.includes(column))) {
    db.exec(`ALTER TABLE "${name}" ADD COLUMN ${added} TEXT`);
  }
  fill(db, spec);
  for (const index of missing) createIndex(db, spec, index, wanted.get(index) as string);
}

function tables(spec: CollectionSpec): string {
  const table = `"${spec.name}"`;
  const many = manyTable(spec);
  const trigger = (event: 'insert' | 'update' | 'delete', when: string, then: string) =>
    `CREATE TRIGGER IF NOT EXISTS "${spec.name}__many_${event}" AFTER ${event} ON ${table}
     WHEN ${when} BEGIN ${then} END;`;
  const forget = `DELETE FROM ${many} WHERE (key, id) IN (SELECT value, old.id FROM json_each(old.many));`;
  const learn = `INSERT INTO ${many} SELECT value, new.id FROM json_each(new.many);`;
  return `
    CREATE TABLE IF NOT EXISTS ${table} (
      id TEXT NOT NULL PRIMARY KEY, json TEXT NOT NULL, version INTEGER NOT NULL,
      expires INTEGER, taken INTEGER, many TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS "${spec.name}__expires" ON ${table} (expires) WHERE expires IS NOT NULL;
    CREATE TABLE IF NOT EXISTS ${many} (
      key TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (key, id)
    ) STRICT, WITHOUT ROWID;
    ${trigger('insert', 'new.many IS NOT NULL', learn)}
    ${trigger('update', 'old.many IS NOT NULL OR new.many IS NOT NULL', forget + learn)}
    ${trigger('delete', 'old.many IS NOT NULL', forget)}`;
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

function createIndex(db: DatabaseSync, spec: CollectionSpec, name: string, index: string): void {
  const unique = spec.indexes?.[index] === 'unique' ? 'UNIQUE' : '';
  const column = columnOf(index);
  try {
    db.exec(
      `CREATE ${unique} INDEX "${name}" ON "${spec.name}" (${column}) WHERE ${column} IS NOT NULL`,
    );
  } catch (error) {
    if (codeOf(error) !== code.constraint) throw error;
    throw new OpenError(
      `Two documents of ${spec.name} have the same ${index}, which is to be unique now – change or delete one with the version of Clientele that wrote them`,
    );
  }
}

const names = (db: DatabaseSync, sql: string) => (table: string) =>
  db
    .prepare(sql)
    .all(table)
    .map(({ name }) => name as string);
