/**
 * Rows in memory. A read of the file costs ten times a look into a map, and sessions, grants and
 * tokens are read many times between two writes. What is kept is exact: this process's own writes
 * go through here (and a transaction that is undone clears it), and another connection's commit, seen by `PRAGMA data_version` before each
 * read, drops everything. Only reads outside transactions look here; what is not there is not kept.
 */
import { Recent } from '../lib/recent.ts';
import { type Keys, lives, type Row } from './document.ts';
import type { Rows } from './rows.ts';

/** Rows kept for one collection, at least. */
const KEPT = 2_500;

export interface CachedRows {
  /** For transactions: reads the file, and keeps up with what it writes. */
  readonly writes: Rows;
  /** For everyone else. */
  readonly reads: Pick<Rows, 'read' | 'find'>;
  clear(): void;
}

export function cacheRows(rows: Rows): CachedRows {
  const byId = new Recent<string, Row>(KEPT);
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

  /** Puts a row where it was in a result that is kept. */
  const replace = (name: string, row: Row): boolean => {
    const found = results.get(name)?.found ?? [];
    const at = found.findIndex(({ id }) => id === row.id);
    if (at >= 0) found[at] = row;
    return at >= 0;
  };

  // What nobody has read yet, nobody may ever read: most tokens are only written.
  const keepUp = (row: Row): void => {
    if (byId.has(row.id)) byId.set(row.id, row);
  };

  /** Keeps up with a row that was written whole. */
  const noteWhole = (row: Row, keys: Keys): void => {
    const names = new Set<string>();
    for (const [index, key] of keys) {
      for (const one of typeof key === 'string' ? [key] : key) names.add(`${index}:${one}`);
    }
    const before = memberOf.get(row.id);
    for (const name of before ?? []) if (!names.has(name)) results.delete(name);
    for (const name of names) {
      if (!before?.has(name) || !replace(name, row)) results.delete(name);
    }
    keepUp(row);
  };

  const writes: Rows = {
    ...rows,
    add(row, keys) {
      // What was read, and not removed since, is there: no need to ask.
      if (byId.has(row.id)) return false;
      const added = rows.add(row, keys);
      if (added) noteWhole(row, keys);
      return added;
    },
    write(row, keys) {
      rows.write(row, keys);
      noteWhole(row, keys);
    },
    take(id, now) {
      const row = rows.take(id, now);
      if (!row) return undefined;
      for (const name of memberOf.get(id) ?? []) replace(name, row);
      keepUp(row);
      return row;
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
      const known = byId.get(id);
      if (known) return known;
      const row = rows.read(id);
      if (row) byId.set(id, row);
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
