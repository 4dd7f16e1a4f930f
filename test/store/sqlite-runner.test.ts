/** Group commit, waiting for other writers, and tidying up. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { outcomes, things, times } from './subject.ts';

const directory = mkdtempSync(join(tmpdir(), 'clientele-sqlite-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('sqlite writes', () => {
  let store: Store;
  /** A connection as another process has one. */
  let other: DatabaseSync;
  let files = 0;
  const count = () => other.prepare('SELECT count(*) AS n FROM things').get()?.n;

  beforeEach(async () => {
    const file = join(directory, `${files++}.db`);
    store = await openSqlite(`sqlite:${file}`, [things]);
    other = new DatabaseSync(file);
  });
  afterEach(async () => {
    jest.useRealTimers();
    jest.restoreAllMocks();
    other.close();
    await store.close();
  });

  test('that meet are committed together, 64 at most', async () => {
    const seen: unknown[] = [];
    const writes = times(100, async (i) => {
      await store.collection(things).put(`${i}`, {});
      seen.push(count());
    });
    await turn();
    expect(seen.slice(0, 2)).toEqual([64, 64]);
    await Promise.all(writes);
    expect(seen.at(-1)).toBe(100);
  });

  test('wait for another process’s transaction while the event loop goes on', async () => {
    other.exec('BEGIN IMMEDIATE');
    const writes = Promise.all(times(100, (i) => store.collection(things).put(`${i}`, {})));
    let longest = 0;
    for (let n = 0; n < 10; n += 1) {
      const before = performance.now();
      await pause(20);
      longest = Math.max(longest, performance.now() - before);
      expect(await store.collection(things).get('0')).toBeUndefined();
    }
    other.exec('COMMIT');
    await writes;
    expect(count()).toBe(100);
    expect(longest).toBeLessThan(500);
  });

  test('are refused as unavailable when that takes too long, and work again after it', async () => {
    other.exec('BEGIN IMMEDIATE');
    const early = times(70, (i) => store.collection(things).put(`${i}`, {}));
    await pause(4_000);
    const late = store.collection(things).put('late', {});
    expect(await outcomes(early)).toEqual({ unavailable: 70 });
    other.exec('COMMIT');
    await late;
    await store.collection(things).put('later', {});
    expect(count()).toBe(2);
  });

  test('lose none of their neighbours when one fails half-way', async () => {
    // As a disk error would: only this one cannot be written.
    other.exec(`CREATE TRIGGER broken BEFORE INSERT ON things WHEN new.id = '5'
      BEGIN SELECT RAISE(ROLLBACK, 'broken'); END`);
    const writes = times(10, (i) => store.collection(things).put(`${i}`, { tags: ['x'] }));
    const settled = await Promise.allSettled(writes);
    expect(settled.map(({ status }) => status === 'fulfilled')).toEqual(times(10, (i) => i !== 5));
    expect(count()).toBe(9);
  });

  test('that have expired are removed in the end', async () => {
    await store.close();
    // Of the clock, only what the sweep waits for.
    jest.useFakeTimers({
      doNotFake: [
        'Date',
        'nextTick',
        'performance',
        'queueMicrotask',
        'setImmediate',
        'setTimeout',
      ],
    });
    store = await openSqlite(`sqlite:${join(directory, `${files - 1}.db`)}`, [things]);
    const collection = store.collection(things);
    await Promise.all(
      times(500, (i) => collection.put(`${i}`, { tags: ['x'] }, { ttl: i < 450 ? 60 : 90 })),
    );
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    expect(count()).toBe(500);
    jest.advanceTimersByTime(30_000);
    for (let n = 0; n < 200 && count() !== 50; n += 1) await pause(10);
    expect(count()).toBe(50);
    expect(other.prepare('SELECT count(*) AS n FROM things__many').get()?.n).toBe(50);
  });
});
