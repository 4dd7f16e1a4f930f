import { afterEach, expect, jest, test } from '@jest/globals';
import type { Condition, QueryOptions } from '../../src/store/store.ts';
import { fresh, type Subject, type Thing, times } from './subject.ts';

/** Every prefix of one is tried on all: each is found by `startsWith`, and so must it be here. */
const hostile: readonly string[] = [
  '',
  '$ne',
  '{"$gt":""}',
  '%',
  '_',
  '*',
  '.*',
  '^a|b$',
  '"',
  '\\',
  '\\u0000',
  '\\ud83d',
  '\u0000',
  '\u0000\u0001',
  'a\u0000b',
  'a',
  'A',
  'ä',
  'a\u0308',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{1f511}',
  '\u{1f512}',
  '\u{1f911}',
  '\u{10ffff}',
  '\u{10ffff}\u{10ffff}',
  // Halves of surrogate pairs: some of characters above, some of none.
  '\ud83d',
  '\ud83d\ud83d',
  '\ud83d\ud83d\udd11',
  '\ud83dx',
  '\udd11',
  '\udbff',
  '\udfff',
];

const documents: Readonly<Record<string, Thing>> = {
  a: { name: 'alpha', tags: ['red', 'blue'] },
  b: { name: 'alphabet', tags: 'red' },
  c: { name: 'beta', tags: ['a', 'z'] },
  d: { name: 5, tags: ['redder', 'reddest', 'green'] },
  e: { tags: [] },
  f: { name: '', tags: ['blue', 'green', ''] },
};

const name = (begins: string) => ({ index: 'name', begins });
const tag = (begins: string) => ({ index: 'tags', begins });
const tagged = (is: string) => ({ index: 'tags', is });
const nameBelow = (below: string) => ({ index: 'name', below });
const tagBelow = (below: string) => ({ index: 'tags', below });

/** Which of the documents hold the conditions. */
const cases: readonly [conditions: Condition[], found: string][] = [
  [[], 'abcdef'],
  [[{ index: 'name', is: 'alpha' }], 'a'],
  [[{ index: 'name', is: 'alph' }], ''],
  [[{ index: 'name', is: '' }], 'f'],
  [[name('alpha')], 'ab'],
  [[name('alphab')], 'b'],
  [[name('')], 'abcf'],
  [[name('b')], 'c'],
  [[name('a'), name('alphabet')], 'b'],
  [[name('a'), { index: 'name', is: 'alpha' }], 'a'],
  [[name('a'), name('b')], ''],
  [[tagged('red')], 'ab'],
  [[tagged('re')], ''],
  [[tag('re')], 'abd'],
  [[tag('redd')], 'd'],
  [[tag('')], 'abcdf'],
  // One member is greater, another less; none begins with it.
  [[tag('m')], ''],
  [[tagged('blue'), tagged('red')], 'a'],
  [[tagged('blue'), tag('gr')], 'f'],
  [[tag('gr'), tag('reddes'), tag('redder')], 'd'],
  [[tagged('blue'), name('alpha')], 'a'],
  [[tag('re'), name('alphab')], 'b'],
  [[tag('re'), { index: 'name', is: 'beta' }], ''],
  [[nameBelow('alpha')], 'f'],
  [[nameBelow('alphab')], 'af'],
  [[nameBelow('')], ''],
  [[nameBelow('\u{10ffff}')], 'abcf'],
  [[nameBelow('b'), name('alpha')], 'ab'],
  // One member is below; another is not, nor need it be.
  [[tagBelow('b')], 'cf'],
  [[tagBelow('c'), tagged('red')], 'a'],
];

/** Conditions and orders. */
export function queries({ things }: Subject): void {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const ids = async (options: QueryOptions) =>
    (await things().query(options)).entries.map(({ id }) => id);
  /** Only what these tests wrote into the group. */
  const inGroup = (group: string, ...more: Condition[]) => [{ index: 'group', is: group }, ...more];

  test('conditions of every kind hold together', async () => {
    const group = fresh();
    for (const [id, value] of Object.entries(documents)) {
      await things().insert(group + id, { ...value, group });
    }
    for (const [conditions, found] of cases) {
      for (const where of [inGroup(group, ...conditions), [...conditions, ...inGroup(group)]]) {
        expect([conditions, await ids({ where })]).toEqual([
          conditions,
          [...found].map((id) => group + id),
        ]);
      }
    }
  });

  test('a unique index has conditions and an order too', async () => {
    const email = fresh();
    const made = times(4, (i) => `${email}-${i}`);
    for (const id of made) await things().insert(fresh(), { email: id });
    const emails = async (options: QueryOptions) =>
      (await things().query(options)).entries.map(({ value }) => value.email);
    expect(await emails({ where: [{ index: 'email', is: `${email}-2` }] })).toEqual([made[2]]);
    const where = [{ index: 'email', begins: email }];
    expect(await emails({ where, order: { by: 'email' } })).toEqual(made);
    expect(await emails({ where, order: { by: 'email', descending: true } })).toEqual(
      made.toReversed(),
    );
  });

  test('what has the same value is in the order of ids, what has none is left out', async () => {
    const group = fresh();
    const names = ['b', 'a', 'c', 'a', undefined, 7, 'b', ''];
    for (const [i, name] of names.entries()) await things().insert(`${group}${i}`, { group, name });
    const where = inGroup(group);
    const inOrder = [7, 1, 3, 0, 6, 2].map((i) => `${group}${i}`);
    expect(await ids({ where, order: { by: 'name' } })).toEqual(inOrder);
    expect(await ids({ where, order: { by: 'name', descending: true } })).toEqual(
      inOrder.toReversed(),
    );
    const byId = times(8, (i) => `${group}${i}`);
    expect(await ids({ where })).toEqual(byId);
    expect(await ids({ where, order: { by: 'id' } })).toEqual(byId);
    expect(await ids({ where, order: { by: 'id', descending: true } })).toEqual(byId.toReversed());
  });

  test('values come in the order of their UTF-8 bytes', async () => {
    const start = fresh();
    const ends = ['', '0', 'B', 'a', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'];
    for (const end of ends.toReversed()) await things().insert(fresh(), { name: start + end });
    const where = [name(start)];
    for (const descending of [false, true]) {
      const { entries } = await things().query({ where, order: { by: 'name', descending } });
      const names = entries.map(({ value }) => value.name.slice(start.length));
      expect(names).toEqual(descending ? ends.toReversed() : ends);
    }
  });

  test('whatever characters it has, a value is found by itself and by all it begins with', async () => {
    const group = fresh();
    for (const [i, end] of hostile.entries()) {
      const value = group + end;
      // Beside another member, before and after it, which must not be taken for it.
      const tags = i % 3 === 0 ? value : ['\u{10ffff}', value, '!'];
      await things().insert(`${group}${i}`, { group, name: value, tags });
    }
    const having = (holds: (value: string) => boolean) =>
      hostile.flatMap((value, i) => (holds(value) ? [`${group}${i}`] : [])).toSorted();
    for (const value of hostile) {
      for (const index of ['name', 'tags']) {
        const is = [{ index, is: group + value }];
        expect([value, await ids({ where: is })]).toEqual([value, having((v) => v === value)]);
        for (const order of [{ by: 'id' }, { by: 'name' }]) {
          const begins = [{ index, begins: group + value }];
          const found = (await ids({ where: begins, order })).toSorted();
          expect([value, found]).toEqual([value, having((v) => v.startsWith(value))]);
        }
      }
    }
  });

  test('an answer holds whole documents, as they are now', async () => {
    const group = fresh();
    const id = fresh();
    await things().insert(id, { group, name: 'a', n: { m: [1] } });
    await things().update(id, 1, { group, name: 'b', n: { m: [2] } });
    await things().take(id);
    const order = { by: 'name' };
    expect(await things().query({ where: inGroup(group), order })).toEqual({
      entries: [await things().get(id)],
    });
    expect(await ids({ where: inGroup(group, { index: 'name', is: 'a' }) })).toEqual([]);
    await things().delete(id);
    expect(await ids({ where: inGroup(group), order })).toEqual([]);
  });

  test('what has expired is in no answer, and no reason for a next page', async () => {
    const group = fresh();
    const start = Date.now();
    const at = (ms: number) => jest.spyOn(Date, 'now').mockReturnValue(start + ms);
    at(0);
    for (const i of times(6, (i) => i)) {
      const options = i % 2 ? { ttl: 60 } : {};
      await things().insert(`${group}${i}`, { group, name: `${group}${i}` }, options);
    }
    at(59_999);
    expect(await ids({ where: inGroup(group) })).toHaveLength(6);
    at(60_000);
    const living = [0, 2, 4].map((i) => `${group}${i}`);
    for (const where of [inGroup(group), [name(group)]]) {
      for (const by of ['id', 'name']) {
        const page = await things().query({ where, order: { by }, limit: 3 });
        expect(page.entries.map(({ id }) => id)).toEqual(living);
        expect(page).not.toHaveProperty('next');
      }
    }
  });

  test('what was not declared, or is no condition, is a mistake', async () => {
    for (const index of ['other', 'id', '__proto__', 'toString', '$where', 'index.group']) {
      await expect(things().query({ where: [{ index, is: 'x' }] })).rejects.toThrow(TypeError);
      if (index === 'id') continue;
      await expect(things().query({ order: { by: index } })).rejects.toThrow(TypeError);
    }
    await expect(things().query({ order: { by: 'tags' } })).rejects.toThrow(TypeError);
    const values: Thing[] = [{ $ne: '' }, ['x'], 1, null];
    const conditions: Thing[] = [
      ...values.flatMap((value) => [{ is: value }, { begins: value }, { below: value }]),
      {},
      { is: 'x', begins: 'x' },
      { below: 'x', begins: 'x' },
      { above: 'x' },
    ];
    for (const condition of conditions) {
      const where = [{ index: 'group', ...condition }];
      await expect(things().query({ where })).rejects.toThrow(TypeError);
    }
    for (const limit of [0, -1, 1.5, Number.NaN]) {
      await expect(things().query({ limit })).rejects.toThrow(TypeError);
    }
  });

  test('fifty conditions are answered, more are refused', async () => {
    const group = fresh();
    const tags = times(51, (i) => `${group}-${i}`);
    await things().insert(group, { group, tags });
    const where = tags.map((is) => ({ index: 'tags', is }));
    expect(await ids({ where: where.slice(0, 50) })).toEqual([group]);
    await expect(things().query({ where })).rejects.toThrow(TypeError);
  });
}
