import { expect, test } from '@jest/globals';
import { fresh, type Subject, times } from './subject.ts';

/** Unique and plain indexes, of strings and of arrays. */
export function indexes({ things }: Subject): void {
  const found = async (index: string, value: string, limit?: number) =>
    (await things().find(index, value, limit)).map(({ id }) => id);

  test('a unique value is refused a second document, by insert, put and update', async () => {
    const email = fresh();
    const [first, second] = [fresh(), fresh()];
    await things().insert(first, { email });
    await things().insert(second, { email: `${email}2` });
    const refusal = { code: 'duplicate', collection: 'things', index: 'email' };
    await expect(things().insert(fresh(), { email })).rejects.toMatchObject(refusal);
    await expect(things().put(fresh(), { email })).rejects.toMatchObject(refusal);
    await expect(things().put(second, { email })).rejects.toMatchObject(refusal);
    await expect(things().update(second, 1, { email })).rejects.toMatchObject(refusal);
    expect(await things().get(second)).toMatchObject({ version: 1, value: { email: `${email}2` } });
    expect(await found('email', email)).toEqual([first]);
  });

  test('a document keeps its own unique value', async () => {
    const id = fresh();
    const email = fresh();
    await things().insert(id, { email });
    await things().put(id, { email, n: 1 });
    expect((await things().update(id, 2, { email, n: 2 })).version).toBe(3);
    await things().take(id);
    expect(await found('email', email)).toEqual([id]);
  });

  test('a unique value is free when its document is deleted or has another', async () => {
    const email = fresh();
    const id = fresh();
    await things().insert(id, { email });
    await things().put(id, { email: `${email}2` });
    await things().insert(fresh(), { email });
    await things().update(id, 2, {});
    await things().insert(fresh(), { email: `${email}2` });
    const [holder] = await found('email', email);
    await things().delete(holder as string);
    expect((await things().insert(fresh(), { email })).version).toBe(1);
  });

  test('what is no string is not in an index, and so never twice in a unique one', async () => {
    const values = [1, true, null, {}, ['a@b'], ['a@b'], { $gt: '' }];
    for (const email of [...values, ...values]) await things().insert(fresh(), { email });
    expect(await found('email', 'a@b')).toEqual([]);
    expect(await found('email', '1')).toEqual([]);
    const id = fresh();
    await things().insert(id, { group: 5, tags: [id, 5] });
    expect(await found('tags', id)).toEqual([]);
    for (const value of ['text', [{ tags: id }], null, 4]) await things().insert(fresh(), value);
  });

  test('find answers by id, no more than asked for, and follows every change', async () => {
    const group = fresh();
    const ids = times(5, (i) => `${group}-${i}`);
    for (const id of [...ids].reverse()) await things().insert(id, { group });
    expect(await found('group', group)).toEqual(ids);
    expect(await found('group', group, 2)).toEqual(ids.slice(0, 2));
    await things().put(ids[0] as string, { group: 'elsewhere' });
    await things().update(ids[1] as string, 1, {});
    await things().delete(ids[2] as string);
    await things().take(ids[3] as string);
    expect(await found('group', group)).toEqual(ids.slice(3));
    expect((await things().find('group', group))[0]).toMatchObject({
      version: 2,
      value: { group },
    });
  });

  test('a document is found by each member of an array, once', async () => {
    const [a, b, c] = [fresh('a'), fresh('b'), fresh('c')];
    const id = fresh();
    await things().insert(id, { tags: [a, b, a] });
    expect(await found('tags', a)).toEqual([id]);
    expect(await found('tags', b)).toEqual([id]);
    await things().update(id, 1, { tags: [b, c] });
    await things().take(id);
    expect(await found('tags', a)).toEqual([]);
    expect(await found('tags', c)).toEqual([id]);
    await things().put(id, { tags: c });
    expect(await found('tags', b)).toEqual([]);
    expect(await found('tags', c)).toEqual([id]);
    await things().put(id, { tags: [] });
    expect(await found('tags', c)).toEqual([]);
    await things().put(id, { tags: [a] });
    await things().delete(id);
    expect(await found('tags', a)).toEqual([]);
  });

  test('strings and arrays of one index are found together, in the order of ids', async () => {
    const tag = fresh();
    const ids = times(4, (i) => `${tag}-${i}`);
    for (const [i, id] of ids.entries()) await things().insert(id, { tags: i % 2 ? tag : [tag] });
    expect(await found('tags', tag)).toEqual(ids);
    expect(await found('tags', tag, 3)).toEqual(ids.slice(0, 3));
  });

  test('one index does not find what another holds, and inherited names are no values', async () => {
    const value = fresh();
    const id = fresh();
    await things().insert(id, { group: value, constructor: `${value}2` });
    expect(await found('tags', value)).toEqual([]);
    expect(await found('constructor', `${value}2`)).toEqual([id]);
    await things().insert(fresh(), {});
  });

  test('deleteBy deletes what has the value and counts it', async () => {
    const tag = fresh();
    const ids = times(6, () => fresh());
    for (const [i, id] of ids.entries())
      await things().insert(id, { tags: i % 2 ? tag : [tag, id] });
    const kept = fresh();
    await things().insert(kept, { tags: [`${tag}2`], group: tag });
    expect(await things().deleteBy('tags', tag)).toBe(6);
    expect(await things().deleteBy('tags', tag)).toBe(0);
    for (const id of ids) {
      expect(await things().get(id)).toBeUndefined();
      expect(await found('tags', id)).toEqual([]);
    }
    expect(await things().get(kept)).toBeDefined();
    const email = fresh();
    await things().insert(fresh(), { email });
    expect(await things().deleteBy('email', email)).toBe(1);
  });

  test('an index that was not declared is a mistake, and so is a limit of nothing', async () => {
    for (const index of ['other', 'id', '__proto__', 'toString', '$where']) {
      await expect(things().find(index, 'x')).rejects.toThrow(TypeError);
      await expect(things().deleteBy(index, 'x')).rejects.toThrow(TypeError);
    }
    for (const limit of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(things().find('group', 'x', limit)).rejects.toThrow(TypeError);
      await expect(things().list({ limit })).rejects.toThrow(TypeError);
    }
  });
}
