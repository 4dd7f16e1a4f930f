import { expect, test } from '@jest/globals';
import { fresh, notes, type Subject, type Thing } from './subject.ts';

const values: Readonly<Record<string, Thing>> = {
  'an object': { a: { b: [1, 'two', null, { c: true }] } },
  'an empty object': {},
  'an array': [1, [2, []], {}],
  'a string': 'text',
  'an empty string': '',
  true: true,
  false: false,
  null: null,
  zero: 0,
  'a fraction': -1.5e-7,
  'the greatest safe integer': Number.MAX_SAFE_INTEGER,
  'operators of a database': { $set: { a: 1 }, $gt: '', 'a.b': 1, _id: 'other', '': 0 },
  'names of the language': JSON.parse('{"__proto__":{"x":1},"constructor":{"y":2},"toString":"z"}'),
  'SQL in a string': { text: `'); DROP TABLE things; --"` },
  'characters beyond ASCII': { 'schlüssel 鍵 🔑': 'ä\u0000\u2028\ud800\uffff😀' },
  'a long string': { text: 'x'.repeat(300_000) },
};

/** Values, copies, versions, and what each call says of what is there. */
export function documents({ store, things, open }: Subject): void {
  test.each(Object.keys(values))('%s comes back as it was written', async (name) => {
    const id = fresh();
    const value = values[name];
    expect(JSON.stringify((await things().insert(id, value)).value)).toBe(JSON.stringify(value));
    const entry = await things().get(id);
    expect(JSON.stringify(entry?.value)).toBe(JSON.stringify(value));
    expect(entry).toEqual({ id, value, version: 1 });
  });

  test('undefined members vanish and dates become text, as in JSON', async () => {
    const id = fresh();
    const { value } = await things().put(id, { a: undefined, at: new Date(0), n: Number.NaN });
    expect(Object.keys(value)).toEqual(['at', 'n']);
    expect(value).toEqual({ at: '1970-01-01T00:00:00.000Z', n: null });
    expect((await things().get(id))?.value).toEqual(value);
  });

  test('a value that has no form in JSON is refused and leaves nothing behind', async () => {
    const id = fresh();
    const circular: Thing = {};
    circular.self = circular;
    for (const value of [undefined, () => {}, 1n, circular]) {
      await expect(things().put(id, value)).rejects.toThrow(TypeError);
    }
    expect(await things().get(id)).toBeUndefined();
  });

  test('changing what was written or read changes nothing in the store', async () => {
    const id = fresh();
    const value = { list: [1] };
    const written = await things().put(id, value);
    value.list.push(2);
    written.value.list.push(3);
    for (const entry of [await things().get(id), ...(await things().list()).entries]) {
      try {
        entry?.value.list.push(4);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
    }
    expect((await things().get(id))?.value).toEqual({ list: [1] });
  });

  test('insert creates, and refuses an id in use', async () => {
    const id = fresh();
    expect(await things().insert(id, { n: 1 })).toEqual({ id, value: { n: 1 }, version: 1 });
    await expect(things().insert(id, { n: 2 })).rejects.toMatchObject({
      code: 'duplicate',
      collection: 'things',
      index: 'id',
    });
    expect((await things().get(id))?.value).toEqual({ n: 1 });
  });

  test('put creates or replaces, and the version grows by one each time', async () => {
    const id = fresh();
    expect((await things().put(id, { n: 1 })).version).toBe(1);
    expect(await things().put(id, { m: 2 })).toEqual({ id, value: { m: 2 }, version: 2 });
    expect(await things().get(id)).toEqual({ id, value: { m: 2 }, version: 2 });
  });

  test('update replaces the version it was given and no other', async () => {
    const id = fresh();
    await things().insert(id, { n: 1 });
    expect(await things().update(id, 1, { n: 2 })).toEqual({ id, value: { n: 2 }, version: 2 });
    for (const version of [0, 1, 3]) {
      await expect(things().update(id, version, { n: 9 })).rejects.toMatchObject({
        code: 'conflict',
      });
    }
    expect(await things().get(id)).toEqual({ id, value: { n: 2 }, version: 2 });
  });

  test('update of a document that is gone or never was is a conflict', async () => {
    const id = fresh();
    await expect(things().update(id, 1, {})).rejects.toMatchObject({ code: 'conflict' });
    await things().insert(id, {});
    await things().delete(id);
    await expect(things().update(id, 1, {})).rejects.toMatchObject({ code: 'conflict' });
    expect(await things().get(id)).toBeUndefined();
  });

  test('delete says whether there was something, and a new document begins anew', async () => {
    const id = fresh();
    expect(await things().delete(id)).toBe(false);
    await things().put(id, {});
    await things().put(id, {});
    expect(await things().delete(id)).toBe(true);
    expect(await things().delete(id)).toBe(false);
    expect(await things().get(id)).toBeUndefined();
    expect((await things().insert(id, {})).version).toBe(1);
  });

  test('take gives the document once; afterwards it is there, marked as taken', async () => {
    const id = fresh();
    await things().put(id, { n: 1 });
    const before = Math.floor(Date.now() / 1000);
    const entry = await things().take(id);
    expect(entry).toEqual({ id, value: { n: 1 }, version: 2, taken: expect.any(Number) });
    expect(entry?.taken).toBeGreaterThanOrEqual(before);
    expect(entry?.taken).toBeLessThanOrEqual(Date.now() / 1000);
    expect(await things().take(id)).toBeUndefined();
    expect(await things().get(id)).toEqual(entry);
    expect(await things().take(fresh())).toBeUndefined();
  });

  test('a taken document stays taken under put and update, until it is deleted', async () => {
    const id = fresh();
    await things().put(id, { n: 1 });
    const taken = (await things().take(id))?.taken;
    expect((await things().put(id, { n: 2 })).taken).toBe(taken);
    expect((await things().update(id, 3, { n: 3 })).taken).toBe(taken);
    expect(await things().take(id)).toBeUndefined();
    await expect(things().insert(id, {})).rejects.toMatchObject({ code: 'duplicate' });
    await things().delete(id);
    expect((await things().put(id, {})).taken).toBeUndefined();
    expect(await things().take(id)).toBeDefined();
  });

  test('once is true for the first call with a key, in a space of its own', async () => {
    const key = fresh();
    expect(await store().once(key, 60)).toBe(true);
    expect(await store().once(key, 60)).toBe(false);
    expect(await store().once(`${key}.`, 60)).toBe(true);
    expect(await things().get(key)).toBeUndefined();
  });

  test('collections share nothing, and one the store was not opened with is refused', async () => {
    const id = fresh();
    await things().put(id, {});
    expect(await store().collection(notes).get(id)).toBeUndefined();
    expect(() => store().collection({ name: 'others' })).toThrow(TypeError);
  });

  test('ping answers; close finishes what was begun and refuses what comes after', async () => {
    const own = await open();
    await own.ping();
    const ids = Array.from({ length: 100 }, () => fresh());
    const writes = Promise.all(ids.map((id) => own.collection(things).put(id, { id })));
    await Promise.all([own.close(), own.close()]);
    expect(await writes).toHaveLength(100);
    await expect(own.ping()).rejects.toMatchObject({ code: 'unavailable', statusCode: 503 });
    await expect(own.collection(things).get('x')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(own.collection(things).put('x', {})).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
}
