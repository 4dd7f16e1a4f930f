/**
 * A MongoDB that goes away and comes back. Only with a server started here: elections, failover and
 * power loss need a real replica set (docs say how to check them there).
 */

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openMongodb } from '../../src/store/mongodb.ts';
import type { Store } from '../../src/store/store.ts';
import { type Mongo, NO_MONGO, startMongo } from '../support/mongo.ts';
import { fresh, outcomes, things, times } from './subject.ts';

const mongo = process.env.MONGODB_URI ? undefined : await startMongo();

if (mongo) describe('mongodb that is killed', () => outage(mongo));
else describe('mongodb that is killed', () => test.skip(`not started here: ${NO_MONGO}`, () => {}));

function outage(server: Mongo): void {
  let store: Store;
  beforeAll(async () => {
    store = await openMongodb(server.url, [things]);
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });
  const collection = () => store.collection(things);

  test('loses nothing that was acknowledged', async () => {
    const prefix = fresh();
    const acknowledged: string[] = [];
    let next = 0;
    const write = async (): Promise<void> => {
      for (;;) {
        const id = `${prefix}-${next++}`;
        await collection().insert(id, { id });
        acknowledged.push(id);
        if (acknowledged.length === 100) void server.kill();
      }
    };
    expect(await outcomes(times(8, write))).toEqual({ unavailable: 8 });
    await server.restart();
    expect(acknowledged.length).toBeGreaterThanOrEqual(100);
    const read = await Promise.all(acknowledged.map((id) => collection().get(id)));
    expect(read.filter((entry) => entry === undefined)).toEqual([]);
  });

  test('is answered for within seconds, and used again as soon as it is back', async () => {
    const id = fresh();
    await collection().put(id, { n: 1 });
    const heard: unknown[] = [];
    const stop = store.watch(things, (changed) => heard.push(changed));
    await pause(store.staleness + 500);
    await server.kill();

    const before = performance.now();
    const calls = [
      collection().get(id),
      collection().put(id, {}),
      collection().take(id),
      collection().list(),
      store.once(id, 60),
      store.ping(),
    ];
    expect(await outcomes(calls)).toEqual({ unavailable: calls.length });
    expect(performance.now() - before).toBeLessThan(10_000);

    heard.length = 0;
    await server.restart();
    await store.ping();
    expect((await collection().get(id))?.value).toEqual({ n: 1 });
    expect(await collection().take(id)).toBeDefined();

    const other = await openMongodb(server.url, [things]);
    const change = fresh();
    await other.collection(things).put(change, {});
    await pause(store.staleness + 500);
    expect(heard.includes(change) || heard.includes(undefined)).toBe(true);
    await other.close();
    stop();
  });
}
