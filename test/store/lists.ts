import { expect, test } from '@jest/globals';
import { fresh, type Subject, times } from './subject.ts';

/** Lists in the order of ids, page by page. */
export function lists({ things }: Subject): void {
  const listed = async (options: { after?: string; prefix?: string; limit?: number }) =>
    (await things().list(options)).entries.map(({ id }) => id);

  test('ids come in the order of their UTF-8 bytes', async () => {
    const prefix = fresh();
    // By UTF-16 units, as JavaScript sorts, the astral ones would stand before U+E000.
    const ends = [
      '',
      '\u0000',
      '\n',
      '0',
      'B',
      'a',
      'é',
      '\ud7ff',
      '\ue000',
      '\uffff',
      '\u{10000}',
      '\u{10ffff}',
    ];
    const ids = ends.map((end) => prefix + end);
    for (const id of [...ids].reverse()) await things().insert(id, {});
    expect(await listed({ prefix })).toEqual(ids);
    for (const [i, after] of ids.entries()) {
      expect(await listed({ prefix, after })).toEqual(ids.slice(i + 1));
    }
  });

  test('a prefix bounds the list exactly', async () => {
    const start = fresh();
    for (const prefix of ['%', '_', 'a', '\ud7ff', '\uffff', '\u{1f511}', '\u{10ffff}']) {
      const ids = [prefix, `${prefix}\u0000`, `${prefix}z`, `${prefix}\u{10ffff}`].map(
        (id) => start + id,
      );
      for (const id of ids) await things().insert(id, {});
      expect(await listed({ prefix: start + prefix })).toEqual(ids);
    }
    expect(await listed({ prefix: `${start}A` })).toEqual([]);
    expect(await listed({ prefix: `${start}a`, after: start })).toHaveLength(4);
    expect(await listed({ prefix: `${start}a`, after: `${start}b` })).toEqual([]);
    expect(await listed({ prefix: '\ud800' })).toEqual([]);
    expect(await listed({ after: '\u{10ffff}'.repeat(512) })).toEqual([]);
  });

  test('pages join without a gap, and the last one says so', async () => {
    const prefix = fresh();
    const ids = times(10, (i) => `${prefix}-${i}`);
    for (const id of ids) await things().insert(id, { id });
    const first = await things().list({ prefix, limit: 5 });
    expect(first.next).toBe(ids[4]);
    expect(first.entries[0]).toEqual({ id: ids[0], value: { id: ids[0] }, version: 1 });
    const last = await things().list({ prefix, limit: 5, after: first.next as string });
    expect(last).not.toHaveProperty('next');
    expect([...first.entries, ...last.entries].map(({ id }) => id)).toEqual(ids);
  });

  test('a hundred entries are a page unless told otherwise', async () => {
    const prefix = fresh();
    await Promise.all(times(101, (i) => things().insert(`${prefix}-${i}`, {})));
    const page = await things().list({ prefix });
    expect(page.entries).toHaveLength(100);
    expect(await listed({ prefix, after: page.next as string })).toHaveLength(1);
    expect((await things().list()).entries).toHaveLength(100);
  });

  test('reading on is not disturbed by what is inserted and deleted meanwhile', async () => {
    const prefix = fresh();
    const ids = times(9, (i) => `${prefix}-${i}`);
    for (const id of ids) await things().insert(id, {});
    const seen: string[] = [];
    let after: string | undefined = '';
    while (after !== undefined) {
      const { entries, next } = await things().list({ prefix, after, limit: 2 });
      seen.push(...entries.map(({ id }) => id));
      // Before the place, at the place, and after it.
      if (next) {
        await things().insert(`${prefix}!${next}`, {});
        await things().delete(next);
        await things().put(`${prefix}-9`, {});
      }
      after = next;
    }
    expect(seen).toEqual([...ids, `${prefix}-9`]);
  });
}
