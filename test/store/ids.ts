import { expect, test } from '@jest/globals';
import { fresh, type Subject, type Thing } from './subject.ts';

const hostile: readonly string[] = [
  '$ne',
  '{"$gt":""}',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'a.b.c',
  '../../etc/passwd',
  "'; DROP TABLE things; --",
  '"',
  '%',
  '_',
  '*',
  ' ',
  '\n',
  '\u0000',
  'nul\u0000inside',
  'nul\u0000',
  'nul',
  'É',
  'E\u0301',
  'é',
  '\ufeffid',
  '\u{1f511}',
  '\uffff',
  'x'.repeat(1024),
  '\u{1f511}'.repeat(512),
];

/** Not an id: too short, too long, or without a form in UTF-8. */
const impossible: readonly string[] = ['', 'x'.repeat(1025), '\ud800', 'a\udc00b'];

/** Ids are compared exactly, and nothing in them means anything. */
export function ids({ store, things }: Subject): void {
  test('hostile ids are ids like any other, each its own document', async () => {
    for (const id of hostile) expect(await things().insert(id, { id })).toMatchObject({ id });
    for (const id of hostile) {
      expect(await things().get(id)).toEqual({ id, value: { id }, version: 1 });
      expect(await things().put(id, { id })).toMatchObject({ version: 2 });
      expect(await things().update(id, 2, { id })).toMatchObject({ version: 3 });
      expect(await things().take(id)).toMatchObject({ id, version: 4 });
      expect(await store().once(id, 60)).toBe(true);
    }
    for (const id of hostile) expect(await things().delete(id)).toBe(true);
  });

  test('hostile values of an index are found exactly', async () => {
    const group = fresh();
    const values = [...hostile, ...impossible].map((value) => group + value);
    for (const value of values) await things().insert(fresh(), { group: value, tags: [value] });
    for (const value of values) {
      for (const index of ['group', 'tags']) {
        const found = await things().find(index, value);
        expect(found.map((entry) => entry.value.group)).toEqual([value]);
      }
    }
  });

  test('a unique index tells values apart that differ in one character only', async () => {
    const email = fresh();
    const values = [...hostile, ...impossible].map((value) => email + value);
    for (const value of values) await things().insert(fresh(), { email: value });
    for (const value of values) {
      await expect(things().insert(fresh(), { email: value })).rejects.toMatchObject({
        index: 'email',
      });
    }
  });

  test.each(impossible)('nothing is created under an impossible id (%#)', async (id) => {
    await expect(things().insert(id, {})).rejects.toThrow(TypeError);
    await expect(things().put(id, {})).rejects.toThrow(TypeError);
    await expect(store().once(id, 60)).rejects.toThrow(TypeError);
  });

  test.each([...impossible, { $gt: '' }, ['x'], 1, null, undefined])(
    'nothing is found under an impossible id, and nothing fails (%#)',
    async (impossible: Thing) => {
      expect(await things().get(impossible)).toBeUndefined();
      expect(await things().take(impossible)).toBeUndefined();
      expect(await things().delete(impossible)).toBe(false);
      await expect(things().update(impossible, 1, {})).rejects.toMatchObject({ code: 'conflict' });
    },
  );

  test('what is looked for in an index is a string, nothing else', async () => {
    for (const value of [{ $gt: '' }, { $exists: true }, 1, null, undefined] as Thing[]) {
      await expect(things().find('group', value)).rejects.toThrow(TypeError);
      await expect(things().deleteBy('group', value)).rejects.toThrow(TypeError);
    }
  });
}
