/**
 * The embedded store: one SQLite file, through Node's own driver, for one machine and any number
 * of its processes.
 *
 * - Writes queue, and what has gathered by the next turn of the event loop is one transaction with
 *   one fsync (sqlite-runner.ts): many durable writes cost little more than one.
 * - Reads are prepared statements on the same connection, immediate. In WAL mode no writer of
 *   another process keeps them waiting.
 * - One table a collection; the value is JSON text that SQL never looks into (sqlite-tables.ts).
 * - Other processes' changes are read from a short log of ids that triggers keep, and only for
 *   collections that somebody watches (sqlite-changes.ts).
 */
import { checkSpecs, onceSpec } from './document.ts';
import { onceIn } from './once.ts';
import { createCollection } from './rows.ts';
import { openChanges, STALENESS } from './sqlite-changes.ts';
import { openFile } from './sqlite-file.ts';
import { createRows } from './sqlite-rows.ts';
import { createRunner } from './sqlite-runner.ts';
import { startSweep } from './sqlite-sweep.ts';
import type { CollectionSpec, Store } from './store.ts';

/**
 * Opens the file of a `sqlite:PATH` URL, which is made, with its directory, when it is not there.
 * @throws {OpenError}
 */
export async function openSqlite(url: string, specs: readonly CollectionSpec[]): Promise<Store> {
  checkSpecs(specs);
  const all = [onceSpec, ...specs];
  const db = await openFile(url.slice('sqlite:'.length), all);
  const runner = createRunner(db);
  const changes = openChanges(db, runner);
  const stopSweep = startSweep(db, runner, all);
  const tables = new Map(all.map((spec) => [spec.name, createRows(db, spec)]));

  const collection: Store['collection'] = (spec) => {
    const rows = tables.get(spec.name);
    if (!rows) throw new TypeError(`The store was opened without a collection ${spec.name}`);
    return createCollection(spec, rows, runner, (id) => changes.tell(spec.name, id));
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
    ping: () => runner.read(() => void db.prepare('SELECT 1').get()),
    close: () => (closed ??= shut()),
  };
}
