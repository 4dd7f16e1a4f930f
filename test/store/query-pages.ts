import { expect, test } from '@jest/globals';
import type { QueryOptions } from '../../src/store/store.ts';
import { fresh, notes, type Subject, type Thing, times } from './subject.ts';

type Order = NonNullable<QueryOptions['order']>;
type Where = NonNullable<QueryOptions['where']>;

const orders: readonly Order[] = ['id', 'name', 'email'].flatMap((by) => [
  { by },
  { by, descending: true },
]);

/** Ways to ask for the same documents, which a store may go about differently. */
const ways: Readonly<Record<string, (mark: string) => Where>> = {
  'one value': (mark) => [{ index: 'group', is: mark }],
  prefixes: (mark) => [
    { index: 'name', begins: mark },
    { index: 'email', begins: mark },
    { index: 'tags', begins: mark },
  ],
  'one value, below a bound': (mark) => [
    { index: 'group', is: mark },
    { index: 'name', below: `${mark}.` },
  ],
};

const cases = Object.entries(ways).flatMap(([way, whereOf]) =>
  orders.map((order) => ({
    by: `${order.by}${order.descending ? ' descending' : ''}`,
    way,
    whereOf,
    order,
  })),
);

/** The document at a place of every order; three in a row have one name. */
const documentAt = (mark: string, place: number) => {
  const id = `${mark}-${place}`;
  const name = `${mark}-${10 + Math.floor(place / 30)}`;
  return { id, value: { group: mark, name, email: id, tags: [mark, id], place } };
};

const places = times(12, (i) => 210 + 10 * i);

/** Text for a cursor, as somebody might make it. */
const encoded = (members: unknown) => Buffer.from(JSON.stringify(members)).toString('base64url');

/** Pages of queries, and the cursors between them. */
export function queryPages({ store, things }: Subject): void {
  const insertAt = async (mark: string, place: number) => {
    const { id, value } = documentAt(mark, place);
    await things().insert(id, value);
  };
  const placesIn = (page: { entries: readonly { value: Thing }[] }): number[] =>
    page.entries.map(({ value }) => value.place);

  test.each(cases)('pages by $by, found by $way, join', async ({ order, whereOf }) => {
    const mark = fresh();
    const where = whereOf(mark);
    for (const place of places) await insertAt(mark, place);
    const inOrder = order.descending ? places.toReversed() : places;
    const whole = await things().query({ where, order });
    expect(placesIn(whole)).toEqual(inOrder);
    expect(whole).not.toHaveProperty('next');
    for (const limit of [1, 5, 6, 11]) {
      const found: number[] = [];
      for (let options: QueryOptions = { where, order, limit }; ; ) {
        const page = await things().query(options);
        found.push(...placesIn(page));
        if (page.next === undefined) break;
        expect(page.entries).toHaveLength(limit);
        options = { ...options, after: page.next };
      }
      expect(found).toEqual(inOrder);
    }
  });

  test.each(cases)(
    'pages by $by, found by $way, are not disturbed by what comes and goes',
    async ({ order, whereOf }) => {
      const mark = fresh();
      const where = whereOf(mark);
      for (const place of places) await insertAt(mark, place);
      const ahead = order.descending ? -1 : 1;
      const found: number[] = [];
      const later: number[] = [];
      for (let options: QueryOptions = { where, order, limit: 2 }; ; ) {
        const page = await things().query(options);
        found.push(...placesIn(page));
        if (page.next === undefined) break;
        // The one it stopped at goes; one comes just before that and one just after.
        const last = found.at(-1) as number;
        await things().delete(`${mark}-${last}`);
        await insertAt(mark, last - ahead);
        await insertAt(mark, last + ahead);
        later.push(last + ahead);
        options = { ...options, after: page.next };
      }
      expect(later.length).toBeGreaterThan(5);
      expect(found).toEqual([...places, ...later].toSorted((a, b) => ahead * (a - b)));
    },
  );

  test('a hundred entries are a page unless told otherwise, and pages may differ in size', async () => {
    const group = fresh();
    await Promise.all(times(105, (i) => things().insert(`${group}-${i + 100}`, { group })));
    const where = [{ index: 'group', is: group }];
    const first = await things().query({ where });
    expect(first.entries).toHaveLength(100);
    const second = await things().query({ where, after: first.next as string, limit: 2 });
    const third = await things().query({ where, after: second.next as string });
    expect([...first.entries, ...second.entries, ...third.entries].map(({ id }) => id)).toEqual(
      times(105, (i) => `${group}-${i + 100}`),
    );
    expect((await things().query()).entries).toHaveLength(100);
  });

  test('a cursor that another query made, or nobody, is refused', async () => {
    const mark = fresh();
    for (const place of places) await insertAt(mark, place);
    const query = { where: [{ index: 'group', is: mark }], order: { by: 'name' }, limit: 2 };
    const after = (await things().query(query)).next as string;
    const refused = async (options: QueryOptions) => {
      const error: unknown = await things()
        .query(options)
        .catch((error) => error);
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ code: 'cursor', message: expect.stringMatching(/cursor/) });
    };

    const others: Partial<QueryOptions>[] = [
      { order: { by: 'email' } },
      { order: { by: 'id' } },
      { order: { by: 'name', descending: true } },
      { where: [] },
      { where: [{ index: 'group', begins: mark }] },
      { where: [{ index: 'group', is: `${mark}2` }] },
      { where: [{ index: 'name', is: mark }] },
      { where: [...query.where, { index: 'tags', is: mark }] },
    ];
    for (const other of others) await refused({ ...query, ...other, after });
    await expect(store().collection(notes).query({ after })).rejects.toMatchObject({
      code: 'cursor',
    });

    const [made, key, id] = JSON.parse(Buffer.from(after, 'base64url').toString());
    const { next } = await things().query({ ...query, order: { by: 'id' } });
    const [madeById] = JSON.parse(Buffer.from(next as string, 'base64url').toString());
    expect(encoded([made, key, id])).toBe(after);
    const hostile: Thing[] = [
      ...['', 'x', '%', '\u0000', `${after}=`, `${after}A`, ` ${after}`, after.slice(0, -4)],
      ...[null, 1, {}, { $gt: '' }, [after], Buffer.from(after)],
      ...[null, 1, 'text', {}, [], { $gt: '' }].map(encoded),
      ...[{ $gt: '' }, 1, null, '\u0000', '"', '\\', '\\x', '\\u0041', '\ud800'].map((wrong) =>
        encoded([made, wrong, id]),
      ),
      ...[{ $gt: '' }, 1, null, '', '\ud800', 'x'.repeat(1025)].map((wrong) =>
        encoded([made, key, wrong]),
      ),
      ...[[made], [made, key], [made, key, id, 'x'], ['', key, id], [key, id]].map(encoded),
    ];
    for (const cursor of hostile) await refused({ ...query, after: cursor });
    await refused({ ...query, order: { by: 'id' }, after: encoded([madeById, key, id]) });
  });
}
