/**
 * Telling what changed. This process's own changes are told by those who made them. Other
 * processes' are found by asking, ten times a second while anybody watches, whether another
 * connection has committed (which costs microseconds), and then reading which ids: triggers on
 * the watched collections write these down. Collections nobody has ever watched have no trigger.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Runner } from './rows.ts';
import type { Store } from './store.ts';
import { createWatchers } from './watchers.ts';

/** Milliseconds between two looks. */
export const STALENESS = 100;
/** Ids kept; a process that missed more is told that anything may have changed. */
export const KEPT = 1_000;

/** The changes of a database. */
export interface Changes {
  watch: Store['watch'];
  tell(name: string, id: string): void;
  stop(): void;
}

/** Begins to follow; looks only while there is a listener. */
export function openChanges(db: DatabaseSync, runner: Runner): Changes {
  const commits = db.prepare('PRAGMA data_version');
  const newest = db.prepare('SELECT ifnull(max(seq), 0) AS seq FROM _changes');
  const since = db.prepare(
    `SELECT seq, collection, id FROM _changes WHERE seq > ? ORDER BY seq LIMIT ${KEPT}`,
  );
  const trigger = db.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = ?`);
  const watchers = createWatchers(stop);
  /** Collections whose changes are written down. */
  const logged = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let seen = { commits: 0, seq: 0 };

  const look = () => ({
    commits: commits.get()?.data_version as number,
    seq: newest.get()?.seq as number,
  });

  function poll(): void {
    // In this order: a commit between the two is found again by the next look.
    const found = look();
    if (found.commits === seen.commits) return;
    const changes = found.seq - seen.seq < KEPT ? since.all(seen.seq) : undefined;
    for (const name of watchers.names()) {
      if (!changes || !logged.has(name)) watchers.tell(name, undefined);
    }
    for (const { collection, id } of changes ?? []) {
      watchers.tell(collection as string, id as string);
    }
    seen = { commits: found.commits, seq: (changes?.at(-1)?.seq as number) ?? found.seq };
  }

  function start(): void {
    if (timer) return;
    seen = look();
    timer = setInterval(() => {
      try {
        poll();
      } catch {
        // Busy for a moment: nothing is marked as seen, the next look finds it.
      }
    }, STALENESS).unref();
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  /** Has the changes of a collection written down from now on, by every process. */
  const log = async (name: string): Promise<void> => {
    if (logged.has(name)) return;
    if (!trigger.get(`${name}__watch_delete`)) {
      await runner.write(() => db.exec(triggers(name)));
      // What happened before is not written down.
      watchers.tell(name, undefined);
    }
    logged.add(name);
  };

  return {
    watch(spec, listener) {
      start();
      const leave = watchers.add(spec, listener);
      // If it fails, every commit of another process is told as "anything may have changed".
      log(spec.name).catch(() => {});
      return leave;
    },
    tell: watchers.tell,
    stop,
  };
}

function triggers(name: string): string {
  const on = (event: string, row: 'new' | 'old') =>
    `CREATE TRIGGER IF NOT EXISTS "${name}__watch_${event}" AFTER ${event} ON "${name}"
     BEGIN INSERT INTO _changes (collection, id) VALUES ('${name}', ${row}.id); END;`;
  return on('insert', 'new') + on('update', 'new') + on('delete', 'old');
}
