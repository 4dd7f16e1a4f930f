/** Opening a MongoDB: what is refused, in which words, and how indexes change. */

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { openMongodb } from '../../src/store/mongodb.ts';
import type { Collection, CollectionSpec } from '../../src/store/store.ts';
import { type Mongo, NO_MONGO, startMongo } from '../support/mongo.ts';
import { fresh, type Thing, things } from './subject.ts';

/** That opening fails with one sentence that says what to do and gives no password away. */
async function refused(url: string, reason: RegExp): Promise<void> {
  const error: unknown = await openMongodb(url, [things]).catch((error) => error);
  expect(error).toMatchObject({ code: 'store_open', message: expect.stringMatching(reason) });
  expect(JSON.stringify([error, (error as Error).message, (error as Error).cause])).not.toMatch(
    /hush/,
  );
}

describe('mongodb address', () => {
  test('that is no connection string is refused', async () => {
    await refused('mongodb://', /not a connection string/);
    await refused('mongodb://user:hush:hush@host/db', /not a connection string/);
    await refused('mongodb://user:hush@host/db?noSuchOption=hush', /not a connection string/);
  });

  test('where nobody answers is refused', async () => {
    await refused('mongodb://user:hush@127.0.0.1:9/db', /No MongoDB answers at 127.0.0.1:9 .* – /);
    await refused(
      'mongodb://user:hush@nowhere.invalid/db',
      /No MongoDB answers at nowhere.invalid/,
    );
    await refused('mongodb+srv://user:hush@nowhere.invalid/db', /No MongoDB answers at nowhere/);
  });
});

const mongo = await startMongo();
const withAuth = process.env.MONGODB_URI ? undefined : await startMongo(['--auth']);
const alone = process.env.MONGODB_URI ? undefined : await startMongo(['--standalone']);
afterAll(() => Promise.all([mongo, withAuth, alone].map((server) => server?.stop())));

const describeWith = (server: Mongo | undefined) => (name: string, tests: (url: string) => void) =>
  server
    ? describe(name, () => tests(server.url))
    : describe(name, () => test.skip(NO_MONGO, () => {}));

describeWith(withAuth)('mongodb with passwords', (url) => {
  test('refuses a wrong one in one sentence', async () => {
    await refused(url.replace('//', '//user:hush@'), /refuses the user or the password/);
  });
});

describeWith(alone)('mongodb without change streams', (url) => {
  test('tells a listener once a second that anything may have changed', async () => {
    const store = await openMongodb(url, [things]);
    try {
      const heard: unknown[] = [];
      const begun = Date.now();
      const stop = store.watch(things, (id) => heard.push(id));
      while (heard.length < 2 && Date.now() - begun < store.staleness * 10) await pause(50);
      expect(heard).toEqual([undefined, undefined]);
      // Not before two rounds of it, less what a timer may be early.
      expect(Date.now() - begun).toBeGreaterThan(store.staleness * 1.8);
      stop();
      await pause(store.staleness * 1.5);
      expect(heard).toHaveLength(2);
    } finally {
      await store.close();
    }
  });
});

describeWith(mongo)('mongodb database', (url) => {
  const database = async <R>(work: (db: ReturnType<MongoClient['db']>) => Promise<R>) => {
    const client = new MongoClient(url);
    return work(client.db()).finally(() => client.close());
  };

  test('of a newer version is refused', async () => {
    await (await openMongodb(url, [])).close();
    const setVersion = (version: number) =>
      database((db) => db.collection('_meta').updateOne({}, { $set: { version } }));
    await setVersion(99);
    await refused(url, /newer version of Clientele \(schema 99/);
    await setVersion(1);
    await (await openMongodb(url, [])).close();
  });

  test('is opened by many at the same time, the first time too', async () => {
    const spec: CollectionSpec = { name: 'crowded', indexes: { a: 'unique', b: 'plain' } };
    const stores = await Promise.all(Array.from({ length: 6 }, () => openMongodb(url, [spec])));
    await Promise.all(stores.map((store) => store.collection(spec).put(fresh(), { b: 'x' })));
    expect(await stores[0]?.collection(spec).find('b', 'x')).toHaveLength(6);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('keeps values as text, so that no key in them means anything', async () => {
    const store = await openMongodb(url, [things]);
    await store.collection(things).put('text', { $set: { 'a.b': 1 }, group: 'g"', email: 5 });
    await store.close();
    const stored = await database((db) => db.collection<Thing>('things').findOne({ _id: 'text' }));
    expect(stored).toEqual({
      _id: 'text',
      value: '{"$set":{"a.b":1},"group":"g\\"","email":5}',
      version: 1,
      index: { group: 'g\\"' },
    });
  });

  test('gets an index later, which finds what was written before', async () => {
    const using = async (
      indexes: CollectionSpec['indexes'],
      work: (collection: Collection<Thing>) => Promise<unknown>,
    ) => {
      const spec: CollectionSpec = { name: 'people', indexes: indexes ?? {} };
      const store = await openMongodb(url, [spec]);
      await work(store.collection(spec)).finally(store.close);
    };
    const both = { email: 'unique', roles: 'many' } as const;
    await using({}, async (people) => {
      await people.put('1', { email: 'a', roles: ['admin', 'user'] });
      await people.put('2', { email: 'b', roles: 'user' });
      await people.put('3', null);
    });
    await using(both, async (people) => {
      expect((await people.find('roles', 'user')).map(({ id }) => id)).toEqual(['1', '2']);
      await expect(people.put('x', { email: 'b' })).rejects.toMatchObject({ index: 'email' });
    });
    await using({}, async (people) => {
      await people.put('1', { email: 'b', roles: ['guest'] });
    });
    await expect(using(both, async () => {})).rejects.toMatchObject({
      code: 'store_open',
      message: expect.stringMatching(/Two documents of people have the same email/),
    });
    await using({ email: 'plain', roles: 'many' }, async (people) => {
      expect((await people.find('roles', 'guest')).map(({ id }) => id)).toEqual(['1']);
      expect((await people.find('email', 'b')).map(({ id }) => id)).toEqual(['1', '2']);
    });
  });
});
