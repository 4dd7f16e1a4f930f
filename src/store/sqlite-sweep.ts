import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import type { Runner } from './rows.ts';
import { KEPT } from './sqlite-changes.ts';
import type { CollectionSpec } from './store.ts';

/** Milliseconds between two sweeps. */
const EVERY = 30_000;
/** Rows in one go: a thousand would hold the event loop for 30 ms. */
const ROWS = 200;

/**
 * Removes expired rows, and ids of changes that everybody has read, from time to time. Nothing
 * depends on when: who reads looks at the time.
 * @returns the way to stop
 */
export function startSweep(
  db: DatabaseSync,
  runner: Runner,
  specs: readonly CollectionSpec[],
): () => void {
  // Prepared for each sweep and let go after it: between two there is nothing to gain by keeping them.
  const removal = ({ name }: CollectionSpec) =>
    db.prepare(
      `DELETE FROM "${name}" WHERE rowid IN
       (SELECT rowid FROM "${name}" WHERE expires <= ? ORDER BY expires LIMIT ${ROWS})`,
    );
  let running = false;

  const sweep = async (): Promise<void> => {
    // The newest always stays, so that the numbers only grow.
    await runner.write(() =>
      db.exec(`DELETE FROM _changes WHERE seq <= (SELECT max(seq) FROM _changes) - ${KEPT}`),
    );
    for (const spec of specs) {
      const statement = removal(spec);
      while ((await runner.write(() => statement.run(Date.now()).changes)) === ROWS) await turn();
    }
  };

  const timer = setInterval(async () => {
    if (running) return;
    running = true;
    // Another process may be sweeping, or this store closing: there will be another time.
    await sweep().catch(() => {});
    running = false;
  }, EVERY).unref();
  return () => clearInterval(timer);
}
