/** Queries of the embedded store on more documents than it looks at in one go. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openMemory } from '../../src/store/memory.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { QueryOptions, Store } from '../../src/store/store.ts';
import { things, times } from './subject.ts';

const directory = mkdtempSync(join(tmpdir(), 'clientele-sqlite-'));
afterAll(() => rmSync(directory, { recursive: true }));

const COUNT = 5_000;
const where = (index: string, begins: string) => [{ index, begins }];

/** Many and few have each condition; some only the last documents of an order. */
const queries: readonly QueryOptions[] = [
  {},
  { where: where('group', 'g1') },
  { where: where('group', 'g1'), order: { by: 'name' } },
  { where: [{ index: 'group', is: 'rare' }], order: { by: 'name' } },
  { where: where('name', 'n49'), order: { by: 'name' } },
  { where: [...where('name', 'n'), ...where('tags', 't')], order: { by: 'name' } },
  { where: [...where('tags', 'odd'), ...where('tags', 'third')], order: { by: 'name' } },
  { where: [...where('tags', 'odd'), ...where('tags', 'even')], order: { by: 'name' } },
  { where: [...where('tags', 'odd'), { index: 'tags', is: 'rare' }], order: { by: 'email' } },
  { where: where('tags', 'late'), order: { by: 'name' } },
  { where: where('tags', 'late') },
];

describe('sqlite queries', () => {
  let store: Store;
  let model: Store;
  beforeAll(async () => {
    store = await openSqlite(`sqlite:${join(directory, 'many.db')}`, [things]);
    model = await openMemory('memory:', [things]);
    await Promise.all(
      times(COUNT, async (i) => {
        const rare = i % 1000 === 999;
        const value = {
          group: rare ? 'rare' : `g${i % 3}`,
          ...(i % 7 && { name: `n${(i * 37) % COUNT}` }),
          email: `${(i * 41) % COUNT}@example.org`,
          tags: [
            i % 2 ? 'odd' : 'even',
            ...(i % 3 ? [] : ['third', 'thirdly']),
            ...(rare ? ['rare'] : []),
            // More than are looked up at once, and only where two orders end.
            ...(i > 3_500 && (i * 37) % COUNT > 1_000 ? ['late'] : []),
          ],
        };
        const id = String(i + 10_000);
        // The first two thousand and more have expired when they are asked for.
        const options = i < 2_500 && i % 2 ? { ttl: 60 } : {};
        await store.collection(things).insert(id, value, options);
        await model.collection(things).insert(id, value, options);
      }),
    );
    const later = Date.now() + 60_000;
    jest.spyOn(Date, 'now').mockReturnValue(later);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await store.close();
    await model.close();
  });

  test.each(queries)('%j is answered as by looking at every document', async (query) => {
    for (const descending of [false, true]) {
      const order = { by: 'id', ...query.order, descending };
      for (let options: QueryOptions = { ...query, order, limit: 700 }; ; ) {
        const page = await store.collection(things).query(options);
        expect(page).toEqual(await model.collection(things).query(options));
        if (page.next === undefined) break;
        options = { ...options, after: page.next };
      }
    }
  });

  test('a long search lets others have their turn', async () => {
    let turns = 0;
    let searching = true;
    const others = (async () => {
      for (; searching; turns += 1) await turn();
    })();
    const none = [...where('tags', 'odd'), ...where('tags', 'even')];
    expect((await store.collection(things).query({ where: none })).entries).toEqual([]);
    searching = false;
    await others;
    expect(turns).toBeGreaterThanOrEqual(2);
  });
});

describe('sqlite files from before there were queries', () => {
  const url = (name: string) => `sqlite:${join(directory, name)}`;
  const withFile = <R>(name: string, work: (db: DatabaseSync) => R): R => {
    const db = new DatabaseSync(join(directory, name));
    try {
      return work(db);
    } finally {
      db.close();
    }
  };

  test('get the indexes these need, once', async () => {
    const name = 'before.db';
    const first = await openSqlite(url(name), [things]);
    for (const i of times(9, (i) => i)) {
      await first.collection(things).insert(`${i}`, { name: `${i % 3}`, tags: ['x', `${i}`] });
    }
    await first.close();
    withFile(name, (db) => {
      for (const [index, kind] of Object.entries({ name: 'plain', group: 'plain', tags: 'many' })) {
        db.exec(`DROP INDEX "things__${index}_${kind}";
          CREATE INDEX "things__${index}_${kind}" ON "things" ("by_${index}")
          WHERE "by_${index}" IS NOT NULL`);
      }
    });
    const shape = () =>
      withFile(name, (db) => ({
        version: db.prepare('PRAGMA schema_version').get()?.schema_version,
        indexes: db
          .prepare(`SELECT sql FROM sqlite_schema WHERE name = 'things__name_plain'`)
          .all(),
      }));
    const before = shape();

    const second = await openSqlite(url(name), [things]);
    const query = { where: [{ index: 'tags', is: 'x' }], order: { by: 'name' } };
    const { entries } = await second.collection(things).query(query);
    expect(entries.map(({ id }) => id).join('')).toBe('036147258');
    await second.close();
    const after = shape();
    expect(after.indexes).not.toEqual(before.indexes);

    await (await openSqlite(url(name), [things])).close();
    expect(shape()).toEqual(after);
  });
});
