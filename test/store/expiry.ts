import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import { fresh, type Subject } from './subject.ts';

const start = Date.now();

/** From the millisecond it expires a document does not exist, wherever its row may be. */
export function expiry({ store, things }: Subject): void {
  /** Only the clock is replaced: everything this process reckons with. */
  const at = (milliseconds: number) =>
    jest.spyOn(Date, 'now').mockReturnValue(start + milliseconds);
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('a short life ends in real time', async () => {
    const id = fresh();
    const { expires } = await things().put(id, {}, { ttl: 0.25 });
    expect(expires).toBeGreaterThan(Date.now());
    expect(await things().get(id)).toBeDefined();
    await pause((expires as number) - Date.now() + 1);
    expect(await things().get(id)).toBeUndefined();
  });

  test('the last millisecond is in, the next is out', async () => {
    const id = fresh();
    at(0);
    expect((await things().put(id, {}, { ttl: 60 })).expires).toBe(start + 60_000);
    at(59_999);
    expect(await things().get(id)).toMatchObject({ expires: start + 60_000 });
    at(60_000);
    expect(await things().get(id)).toBeUndefined();
  });

  test('no call sees an expired document', async () => {
    const id = fresh('expired-');
    const group = fresh();
    at(0);
    await things().put(id, { group, tags: [group] }, { ttl: 60 });
    at(60_000);
    expect(await things().take(id)).toBeUndefined();
    expect(await things().find('group', group)).toEqual([]);
    expect(await things().find('tags', group)).toEqual([]);
    expect(await things().list({ prefix: 'expired-' })).toEqual({ entries: [] });
    await expect(things().update(id, 1, {})).rejects.toMatchObject({ code: 'conflict' });
    expect(await things().deleteBy('group', group)).toBe(0);
    expect(await things().delete(id)).toBe(false);
  });

  test('an expired document does not count for the next one of its id', async () => {
    for (const create of ['insert', 'put'] as const) {
      const id = fresh();
      at(0);
      await things().put(id, { tags: ['old'] }, { ttl: 60 });
      await things().take(id);
      at(60_000);
      expect(await things()[create](id, { n: 2 })).toEqual({ id, value: { n: 2 }, version: 1 });
      expect(await things().find('tags', 'old')).toEqual([]);
      expect(await things().take(id)).toBeDefined();
    }
  });

  test('an expired document holds no unique value', async () => {
    const email = fresh();
    const id = fresh();
    at(0);
    await things().put(fresh(), { email }, { ttl: 60 });
    await expect(things().put(id, { email })).rejects.toMatchObject({ code: 'duplicate' });
    at(60_000);
    expect((await things().put(id, { email })).version).toBe(1);
    expect(await things().find('email', email)).toHaveLength(1);
    await things().put(fresh('other'), { email: `${email}2` }, { ttl: 60 });
    at(120_000);
    expect((await things().update(id, 1, { email: `${email}2` })).version).toBe(2);
  });

  test('put sets the life anew or ends its bound; update without ttl leaves it', async () => {
    const id = fresh();
    at(0);
    await things().put(id, {}, { ttl: 60 });
    at(30_000);
    expect((await things().update(id, 1, { n: 1 })).expires).toBe(start + 60_000);
    expect((await things().update(id, 2, { n: 2 }, { ttl: 60 })).expires).toBe(start + 90_000);
    expect((await things().take(id))?.expires).toBe(start + 90_000);
    expect((await things().put(id, {}, { ttl: 100 })).expires).toBe(start + 130_000);
    expect(await things().put(id, {})).not.toHaveProperty('expires');
    expect(await things().update(id, 6, {})).not.toHaveProperty('expires');
    at(1_000_000);
    expect(await things().get(id)).toBeDefined();
  });

  test('once is true again when its time is over', async () => {
    const key = fresh();
    at(0);
    expect(await store().once(key, 60)).toBe(true);
    at(59_999);
    expect(await store().once(key, 60)).toBe(false);
    at(60_000);
    expect(await store().once(key, 60)).toBe(true);
    expect(await store().once(key, 60)).toBe(false);
  });

  test('a life of ages is kept, one that is no positive number is refused', async () => {
    const id = fresh();
    await things().put(id, {}, { ttl: Number.MAX_SAFE_INTEGER });
    expect(await things().get(id)).toBeDefined();
    for (const ttl of [0, -1, Number.NaN]) {
      await expect(things().put(id, {}, { ttl })).rejects.toThrow(TypeError);
      await expect(store().once(fresh(), ttl)).rejects.toThrow(TypeError);
    }
  });
}
