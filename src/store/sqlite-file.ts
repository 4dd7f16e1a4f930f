/**
 * Opening the file: everything that can be wrong with it is found before anything is changed, and
 * said in one sentence.
 */
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { code, codeOf } from './sqlite-error.ts';
import { prepareTable } from './sqlite-tables.ts';
import { type CollectionSpec, OpenError } from './store.ts';

/** What is written into the file, so that no other program's database is taken for this one's. */
const APPLICATION = 0x434c4e54; // "CLNT"
/** The version of the tables' form; a program refuses files with a greater one. */
const SCHEMA = 1;
/** Milliseconds to wait, while opening, for another process that holds a lock. */
const OPENING = 5_000;
/** The same once open, when waiting blocks the event loop: the runner tries again instead. */
const RUNNING = 20;
/** Pages in the write-ahead log (16 MB) before they move to the file: fewer moves, each longer. */
const CHECKPOINT = 4_000;

/** Opens the file of a path and readies its tables. @throws {OpenError} */
export async function openFile(
  path: string,
  specs: readonly CollectionSpec[],
): Promise<DatabaseSync> {
  if (path === '') throw new OpenError('STORE_URL names no file – write sqlite:PATH');
  const file = resolve(path);
  let db: DatabaseSync | undefined;
  try {
    create(file);
    db = new DatabaseSync(file, { timeout: OPENING });
    check(db, file);
    await useLog(db);
    transact(db, () => {
      // Once more, now that nobody else can write.
      check(db as DatabaseSync, file);
      prepare(db as DatabaseSync, specs);
    });
    db.exec(`PRAGMA busy_timeout = ${RUNNING}`);
    return db;
  } catch (error) {
    if (db?.isOpen) db.close();
    throw sentence(error, file);
  }
}

/** Makes the file, readable by its owner alone, unless it is there. */
function create(file: string): void {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives the files beside it the same mode. Another process may be making it just now.
  closeSync(openSync(file, 'a', 0o600));
}

function check(db: DatabaseSync, file: string): void {
  const read = (sql: string) => Object.values(db.prepare(sql).get() ?? {})[0];
  const application = read('PRAGMA application_id');
  if (application === 0 && read('SELECT count(*) FROM sqlite_schema') === 0) return;
  if (application !== APPLICATION) {
    throw new OpenError(`${file} is the database of another program – give STORE_URL another path`);
  }
  const schema = read('PRAGMA user_version') as number;
  if (schema > SCHEMA) {
    throw new OpenError(
      `${file} was written by a newer version of Clientele (schema ${schema}, this one knows ${SCHEMA}) – start that version, or restore a backup from before`,
    );
  }
}

/** Sets the write-ahead log; SQLite does not wait for a lock here, two processes may collide. */
async function useLog(db: DatabaseSync): Promise<void> {
  const end = performance.now() + OPENING;
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode = WAL');
      break;
    } catch (error) {
      if (codeOf(error) !== code.busy || performance.now() > end) throw error;
      await pause(10);
    }
  }
  // FULL: an fsync at every commit, without which a power loss undoes acknowledged writes.
  db.exec(`PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT}`);
}

function prepare(db: DatabaseSync, specs: readonly CollectionSpec[]): void {
  db.exec(`PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${SCHEMA}`);
  db.exec(
    'CREATE TABLE IF NOT EXISTS _changes (seq INTEGER PRIMARY KEY, collection TEXT, id TEXT) STRICT',
  );
  for (const spec of specs) prepareTable(db, spec);
}

function transact(db: DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** What the operator reads, by SQLite's result code or the file system's. */
const sentences: Readonly<Record<string | number, string>> = {
  [code.notDatabase]: 'is not a database – give STORE_URL another path, or restore a backup',
  [code.busy]: 'is locked by another process – end that one, or give STORE_URL another path',
  [code.readonly]: 'cannot be written – give this user the right to write it and its directory',
  [code.cannotOpen]: 'cannot be opened – give this user the right to write it and its directory',
  [code.full]: 'is on a disk that is full – make room',
  [code.ioError]: 'cannot be read or written – look after the disk it is on',
};

function sentence(error: unknown, file: string): unknown {
  const known = sentences[codeOf(error) ?? ''];
  if (known) return new OpenError(`${file} ${known}`);
  const { syscall, code: reason } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  return new OpenError(
    `${file} cannot be created (${reason}) – give STORE_URL a path that this user may write`,
  );
}
