/**
 * The embedded store: one SQLite file, through Node's own driver, for one machine and any number
 * of its processes.
 *
 * - Writes queue, and what has gathered by the next turn of the event loop is one transaction with
 *   one fsync (sqlite-runner.ts): many durable writes cost little more than one.
 * - Reads are prepared statements on the same connection, immediate. In WAL mode no writer of
 *   another process keeps them waiting. What was read is kept until it changes (sqlite-cache.ts).
 * - One table a collection; the value is JSON text that SQL never looks into (sqlite-tables.ts).
 * - Other processes' changes are read from a short log of ids that triggers keep, and only for
 *   collections that somebody watches (sqlite-changes.ts).
 */
import { checkSpecs, onceSpec } from './document.ts';
import { onceIn } from './once.ts';
import { createCollection, type Runner } from './rows.ts';
import { cacheRows } from './sqlite-cache.ts';
import { openChanges, STALENESS } from './sqlite-changes.ts';
import { openFile } from './sqlite-file.ts';
import { createRows } from './sqlite-rows.ts';
import { createRunner } from './sqlite-runner.ts';
import { startSweep } from './sqlite-sweep.ts';
import type { CollectionSpec, Store } from './store.ts';

/** Milliseconds that reads may share a look at what other processes wrote (`Store.renew`). */
const SHARED = 5;

/**
 * Opens the file of a `sqlite:PATH` URL, which is made, with its directory, when it is not there.
 * @throws {OpenError}
 */
export async function openSqlite(url: string, specs: readonly CollectionSpec[]): Promise<Store> {
  checkSpecs(specs);
  const all = [onceSpec, ...specs];
  const db = await openFile(url.slice('sqlite:'.length), all);
  const runner = createRunner(db, () => {
    for (const table of tables.values()) table.clear();
  });
  const changes = openChanges(db, runner);
  const stopSweep = startSweep(db, runner, all);
  const tables = new Map(all.map((spec) => [spec.name, cacheRows(createRows(db, spec))]));
  const commits = db.prepare('PRAGMA data_version');
  let seen = commits.get()?.data_version;

  /** Until when the last look counts, by `performance.now()`. */
  let fresh = 0;
  let shared = 0;
  /** Whether a request of this turn of the event loop has renewed already. */
  let renewed = false;

  /** Drops what is kept when another connection has committed since the last look. */
  const refresh = (): void => {
    const time = performance.now();
    if (time < fresh) return;
    fresh = time + shared;
    const now = commits.get()?.data_version;
    if (now === seen) return;
    seen = now;
    for (const table of tables.values()) table.clear();
  };
  const reading: Runner = {
    write: runner.write,
    read: (operation) =>
      runner.read(() => {
        refresh();
        return operation();
      }),
  };

  const collection: Store['collection'] = (spec) => {
    const table = tables.get(spec.name);
    if (!table) throw new TypeError(`The store was opened without a collection ${spec.name}`);
    return createCollection(
      spec,
      table.writes,
      reading,
      (id) => changes.tell(spec.name, id),
      table.reads,
    );
  };

  let closed: Promise<void> | undefined;
  const shut = async (): Promise<void> => {
    changes.stop();
    stopSweep();
    await runner.close();
    // The last process to close also moves the write-ahead log into the file.
    db.close();
  };

  return {
    kind: 'sqlite',
    collection,
    once: onceIn(collection(onceSpec)),
    watch: changes.watch,
    staleness: STALENESS,
    renew() {
      // What is read from sockets in one turn had arrived before the turn's first look at the file.
      if (renewed) return;
      renewed = true;
      shared = SHARED;
      fresh = 0;
      setImmediate(() => {
        renewed = false;
      });
    },
    ping: () => runner.read(() => void db.prepare('SELECT 1').get()),
    close: () => (closed ??= shut()),
  };
}
