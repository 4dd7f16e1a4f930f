/**
 * Limits, as those see them who must obey: `wait` before an attempt, `begin` while it runs, `hit`
 * when it failed. How they are kept is the store's business (src/store/limit.ts).
 */

/** At most so many in so long; 0 at most is no limit. */
export interface Rate {
  readonly max: number;
  /** Seconds. */
  readonly per: number;
}

/** Counts under one key. */
export interface Limit {
  /** Whether nobody has to wait, whatever the key. */
  readonly idle: boolean;
  /** Seconds until another attempt may be made; 0: now. Answered from memory. */
  wait(key: string): number;
  /**
   * An attempt is under way. Until the function that is answered is called, it counts as one that
   * failed, so that many at once are not more than one after another.
   */
  begin(key: string): () => void;
  /** Counts one; seconds to wait from now on. @throws {UnavailableError} when it cannot be counted */
  hit(key: string): Promise<number>;
  /** Forgets what was counted. */
  clear(key: string): Promise<void>;
  close(): void;
}

/** Limits that count the same attempts, each under a key of its own. */
export interface Guard<Who> {
  /** Seconds until another attempt may be made, the longest of all limits; 0: now. */
  wait(who: Who): number;
  begin(who: Who): () => void;
  hit(who: Who): Promise<number>;
  /** After a success: forgets what the narrowest limit counted. The others bound more than this one. */
  clear(who: Who): Promise<void>;
  close(): void;
}

/** One of a guard's limits, and what it counts by; it leaves out whom it has no key for. */
export type Row<Who> = readonly [limit: Limit, keyOf: (who: Who) => readonly string[] | undefined];

/** @param rows the narrowest limit first */
export function createGuard<Who>(rows: readonly Row<Who>[]): Guard<Who> {
  const each = <R>(who: Who, use: (limit: Limit, key: string) => R): R[] =>
    rows.flatMap(([limit, keyOf]) => {
      const parts = keyOf(who);
      return parts ? [use(limit, JSON.stringify(parts))] : [];
    });

  return {
    // What is asked before every request is not to cost a key that nobody counts.
    wait: (who) =>
      rows.every(([limit]) => limit.idle)
        ? 0
        : Math.max(0, ...each(who, (limit, key) => limit.wait(key))),
    begin(who) {
      const ends = each(who, (limit, key) => limit.begin(key));
      return () => {
        for (const end of ends) end();
      };
    },
    async hit(who) {
      return Math.max(0, ...(await Promise.all(each(who, (limit, key) => limit.hit(key)))));
    },
    async clear(who) {
      const [limit, keyOf] = rows[0] ?? [];
      const parts = keyOf?.(who);
      if (limit && parts) await limit.clear(JSON.stringify(parts));
    },
    close() {
      for (const [limit] of rows) limit.close();
    },
  };
}
