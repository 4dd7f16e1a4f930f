/** The file of the embedded store: how it is made, what is refused, how its indexes change. */

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { CollectionSpec } from '../../src/store/store.ts';
import { type Thing, things, times } from './subject.ts';

const directory = mkdtempSync(join(tmpdir(), 'clientele-sqlite-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
const newFile = (): string => join(directory, `${files++}.db`);
const open = (file: string, ...specs: CollectionSpec[]) => openSqlite(`sqlite:${file}`, specs);

/** That opening fails with one sentence that names the file and says what to do. */
async function refused(file: string, reason: RegExp): Promise<void> {
  const error: unknown = await open(file, things).catch((error) => error);
  expect(error).toMatchObject({ code: 'store_open', message: expect.stringMatching(reason) });
  expect((error as Error).message).toContain(file);
  expect((error as Error).message).toMatch(/ – /);
}

describe('sqlite file', () => {
  test('is made with its directories, for its owner alone', async () => {
    const file = join(directory, 'a', 'b', 'store.db');
    const store = await open(file, things);
    await store.collection(things).put('x', {});
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect(
      [file, `${file}-wal`, join(directory, 'a'), join(directory, 'a', 'b')].map(mode),
    ).toEqual(['600', '600', '700', '700']);
    await store.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test('keeps its documents from one opening to the next', async () => {
    const file = newFile();
    const first = await open(file, things);
    await first.collection(things).put('x', { n: 1 }, { ttl: 60 });
    const before = await first.collection(things).take('x');
    await first.close();
    const second = await open(file, things);
    expect(await second.collection(things).get('x')).toEqual(before);
    await second.close();
  });

  test('is opened by many at the same time, the first time too', async () => {
    const file = newFile();
    const stores = await Promise.all(times(8, () => open(file, things)));
    await Promise.all(stores.map((store, i) => store.collection(things).put(`${i}`, {})));
    expect((await stores[0]?.collection(things).list())?.entries).toHaveLength(8);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('of a newer version is refused and left as it is', async () => {
    const file = newFile();
    await (await open(file, things)).close();
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 99');
    db.close();
    const before = readFileSync(file);
    await refused(file, /newer version of Clientele \(schema 99/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('of another program is refused and left as it is', async () => {
    const file = newFile();
    const db = new DatabaseSync(file);
    db.exec('CREATE TABLE theirs (id)');
    db.close();
    const before = readFileSync(file);
    await refused(file, /another program/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('that is no database is refused and left as it is', async () => {
    const file = newFile();
    writeFileSync(file, 'name,email\n'.repeat(1000));
    const before = readFileSync(file);
    await refused(file, /is not a database/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('that cannot be made or opened is refused, and nothing is made', async () => {
    const file = newFile();
    writeFileSync(file, '');
    await refused(join(file, 'store.db'), /cannot be created \(E/);
    await refused(directory, /cannot be opened/);
    await expect(openSqlite('sqlite:', [things])).rejects.toMatchObject({ code: 'store_open' });
  });

  test('that another process has locked is refused', async () => {
    const file = newFile();
    const db = new DatabaseSync(file);
    db.exec('PRAGMA locking_mode = EXCLUSIVE; CREATE TABLE theirs (id)');
    await refused(file, /locked by another process/);
    db.close();
  });
});

describe('sqlite indexes', () => {
  const people = (indexes: CollectionSpec['indexes'] = {}) => ({ name: 'people', indexes });
  const documents: readonly Thing[] = [
    { email: 'a', roles: ['admin', 'user'] },
    { email: 'b', roles: 'user' },
    { email: 3 },
    null,
  ];

  /** Opens the file with these indexes, runs the work, closes. */
  async function using<R>(
    file: string,
    indexes: CollectionSpec['indexes'],
    work: (collection: ReturnType<Awaited<ReturnType<typeof open>>['collection']>) => Promise<R>,
  ): Promise<R> {
    const spec = people(indexes);
    const store = await open(file, spec);
    return work(store.collection<Thing>(spec)).finally(store.close);
  }

  test('added later find what was written before', async () => {
    const file = newFile();
    await using(file, {}, async (c) => {
      for (const [i, value] of documents.entries()) await c.put(`${i}`, value);
    });
    await using(file, { email: 'unique', roles: 'many' }, async (c) => {
      expect((await c.find('roles', 'user')).map(({ id }) => id)).toEqual(['0', '1']);
      expect((await c.find('roles', 'admin')).map(({ id }) => id)).toEqual(['0']);
      await expect(c.put('x', { email: 'b' })).rejects.toMatchObject({ index: 'email' });
      await c.delete('0');
      expect((await c.find('roles', 'user')).map(({ id }) => id)).toEqual(['1']);
    });
  });

  test('that went away and came back know what happened in between', async () => {
    const file = newFile();
    await using(file, { email: 'unique', roles: 'many' }, async (c) => {
      for (const [i, value] of documents.entries()) await c.put(`${i}`, value);
    });
    await using(file, {}, async (c) => {
      await c.put('0', { email: 'z', roles: ['guest'] });
      await c.put('x', { email: 'b' });
      await c.delete('1');
    });
    await using(file, { email: 'unique', roles: 'many' }, async (c) => {
      expect(await c.find('email', 'a')).toEqual([]);
      expect((await c.find('email', 'b')).map(({ id }) => id)).toEqual(['x']);
      expect(await c.find('roles', 'user')).toEqual([]);
      expect((await c.find('roles', 'guest')).map(({ id }) => id)).toEqual(['0']);
    });
  });

  test('that change from plain to unique and back are checked from then on', async () => {
    const file = newFile();
    const count = (indexes: CollectionSpec['indexes']) =>
      using(file, indexes, async (c) => {
        await c.put('1', { email: 'a' });
        return c.put('2', { email: 'a' }).then(
          () => 2,
          () => 1,
        );
      });
    expect(await count({ email: 'unique' })).toBe(1);
    expect(await count({ email: 'plain' })).toBe(2);
    await expect(count({ email: 'unique' })).rejects.toMatchObject({
      code: 'store_open',
      message: expect.stringMatching(/Two documents of people have the same email/),
    });
    expect(await using(file, { email: 'plain' }, (c) => c.find('email', 'a'))).toHaveLength(2);
  });
});
