/**
 * Group commit. A durable commit costs an fsync whether it holds one write or sixty, and while one
 * runs, the next writes gather: so they wait for the end of the event loop's turn and share one.
 * The connection is synchronous; no transaction is ever open when other code runs.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Runner } from './rows.ts';
import { asUnavailable, code, codeOf } from './sqlite-error.ts';
import { UnavailableError } from './store.ts';

/** Operations in one transaction: beyond this, waiting for the rest costs more than an fsync. */
const GROUP = 64;
/** Milliseconds an operation waits for another process's transaction to end. */
const PATIENCE = 5_000;

interface Task {
  readonly operation: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
  readonly queued: number;
}

/**
 * Runs operations on a connection; `close` resolves when all that were begun are settled.
 * @param undone called when a transaction was rolled back
 */
export function createRunner(
  db: DatabaseSync,
  undone: () => void = () => {},
): Runner & { close(): Promise<void> } {
  // Takes the write lock at once: a lock taken later, after a read, cannot be waited for.
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  let queue: Task[] = [];
  let scheduled = false;
  let open = true;

  const schedule = (delay?: number): void => {
    if (scheduled || queue.length === 0) return;
    scheduled = true;
    if (delay === undefined) setImmediate(flush);
    else setTimeout(flush, delay);
  };

  function flush(): void {
    scheduled = false;
    try {
      begin.run();
    } catch (error) {
      postpone(error);
      return;
    }
    const group = queue.splice(0, GROUP);
    try {
      const settle = group.map((task) => perform(task, group));
      commit.run();
      for (const tell of settle) tell();
    } catch (error) {
      if (db.isTransaction) rollback.run();
      undone();
      if (error instanceof Unforeseen) queue = [...error.others, ...queue];
      else for (const { reject } of group) reject(asUnavailable(error));
    }
    schedule();
  }

  const write: Runner['write'] = (operation) =>
    new Promise((resolve, reject) => {
      if (!open) throw new UnavailableError();
      const task = { operation, resolve, reject, queued: performance.now() };
      queue.push(task as Task);
      schedule();
    });

  /** Another process is writing: give the event loop its turn, and try again. */
  function postpone(error: unknown): void {
    const patient = performance.now() - PATIENCE;
    const lost = (task: Task) => codeOf(error) !== code.busy || task.queued < patient;
    for (const { reject } of queue.filter(lost)) reject(asUnavailable(error));
    queue = queue.filter((task) => !lost(task));
    // At random, lest processes that met once meet again.
    schedule(1 + Math.random() * 20);
  }

  return {
    async read(operation) {
      if (!open) throw new UnavailableError();
      try {
        return operation();
      } catch (error) {
        throw asUnavailable(error);
      }
    },

    write,

    async close() {
      // The queue is in order: when this one is through, so are all before it.
      const last = write(() => {});
      open = false;
      await last.catch(() => {});
    },
  };
}

/** Runs a task inside the transaction; answers how to settle its promise after the commit. */
function perform(task: Task, group: readonly Task[]): () => void {
  try {
    const result = task.operation();
    return () => task.resolve(result);
  } catch (error) {
    // The contract's refusals are thrown before anything is written: the others may go on.
    const { code: refusal } = error as { code?: unknown };
    if (refusal === 'duplicate' || refusal === 'conflict') return () => task.reject(error);
    task.reject(asUnavailable(error));
    throw new Unforeseen(group.filter((other) => other !== task));
  }
}

/** A task failed half-way: the transaction is given up, and the others begin again without it. */
class Unforeseen extends Error {
  readonly others: readonly Task[];
  constructor(others: readonly Task[]) {
    super('unforeseen');
    this.others = others;
  }
}
