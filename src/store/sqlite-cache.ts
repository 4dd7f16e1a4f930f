/**
 * Rows in memory. A read of the file costs ten times a look into a map, and sessions, grants and
 * tokens are read many times between two writes. What is kept is exact: this process's own writes
 * go through here (and a transaction that is undone clears it), and another connection's commit, seen by `PRAGMA data_version` before each
 * read, drops everything. Only reads outside transactions look here; what is not there is not kept.
 */
import { lives, type Row } from './document.ts';
import type { Rows } from './rows.ts';

/** Rows kept for one collection; the longest unused go first. */
const KEPT = 5_000;

export interface CachedRows {
  /** For transactions: reads the file, and keeps up with what it writes. */
  readonly writes: Rows;
  /** For everyone else. */
  readonly reads: Pick<Rows, 'read' | 'find'>;
  clear(): void;
}

export function cacheRows(rows: Rows): CachedRows {
  const byId = new Map<string, Row>();
  /** Results of `find`, by index and key. */
  const results = new Map<string, { limit: number; found: Row[] }>();
  /** Which results a row is part of. */
  const memberOf = new Map<string, Set<string>>();

  const clear = (): void => {
    for (const map of [byId, results, memberOf]) map.clear();
  };

  const forget = (id: string): void => {
    byId.delete(id);
    for (const result of memberOf.get(id) ?? []) results.delete(result);
    memberOf.delete(id);
  };

  const keep = (row: Row): void => {
    if (!byId.delete(row.id) && byId.size >= KEPT) byId.delete(byId.keys().next().value as string);
    byId.set(row.id, row);
  };

  const writes: Rows = {
    ...rows,
    write(row, keys) {
      rows.write(row, keys);
      const names = new Set<string>();
      for (const [index, key] of keys) {
        for (const one of typeof key === 'string' ? [key] : key) names.add(`${index}:${one}`);
      }
      const before = memberOf.get(row.id);
      for (const name of before ?? []) if (!names.has(name)) results.delete(name);
      for (const name of names) {
        const known = results.get(name);
        const at = before?.has(name)
          ? known?.found.findIndex(({ id }) => id === row.id)
          : undefined;
        if (known && at !== undefined && at >= 0) known.found[at] = row;
        else results.delete(name);
      }
      // What nobody has read yet, nobody may ever read: most tokens are only written.
      if (byId.has(row.id)) keep(row);
    },
    remove(id) {
      forget(id);
      rows.remove(id);
    },
    removeBy(index, key) {
      const removed = rows.removeBy(index, key);
      for (const { id } of removed) forget(id);
      return removed;
    },
  };

  const reads: CachedRows['reads'] = {
    read(id) {
      const row = byId.get(id) ?? rows.read(id);
      if (row) keep(row);
      return row;
    },

    find(index, key, now, limit) {
      const name = `${index}:${key}`;
      const known = results.get(name);
      // Only while all of it lives: what follows an expired row is not here.
      if (known?.limit === limit && known.found.every((row) => lives(row, now))) {
        return [...known.found];
      }
      const found = rows.find(index, key, now, limit);
      if (found.length === 0) return found;
      if (results.size >= KEPT) clear();
      results.set(name, { limit, found: [...found] });
      for (const { id } of found) memberOf.set(id, (memberOf.get(id) ?? new Set()).add(name));
      return found;
    },
  };

  return { writes, reads, clear };
}
