import { expect, test } from '@jest/globals';
import { fresh, outcomes, type Subject, times } from './subject.ts';

/** Many callers at once in one process; `processes.ts` does it in two. */
export function races({ store, things }: Subject): void {
  test('of 50 callers one takes', async () => {
    const id = fresh();
    await things().put(id, {});
    expect(await outcomes(times(50, () => things().take(id)))).toEqual({ true: 1, false: 49 });
  });

  test('of 50 callers one inserts', async () => {
    const id = fresh();
    const calls = times(50, (i) => things().insert(id, { i }));
    expect(await outcomes(calls)).toEqual({ true: 1, duplicate: 49 });
    expect((await things().get(id))?.version).toBe(1);
  });

  test('of 50 documents one gets a unique value', async () => {
    const email = fresh();
    const calls = times(50, () => things().put(fresh(), { email }));
    expect(await outcomes(calls)).toEqual({ true: 1, duplicate: 49 });
    expect(await things().find('email', email)).toHaveLength(1);
  });

  test('of 50 callers one is the first', async () => {
    const key = fresh();
    expect(await outcomes(times(50, () => store().once(key, 60)))).toEqual({ true: 1, false: 49 });
  });

  test('of 50 callers one deletes', async () => {
    const id = fresh();
    await things().put(id, {});
    expect(await outcomes(times(50, () => things().delete(id)))).toEqual({ true: 1, false: 49 });
  });

  test('of 50 puts of one new id each is a version of its own, and the last one stays', async () => {
    const id = fresh();
    const entries = await Promise.all(times(50, (i) => things().put(id, { i })));
    expect(new Set(entries.map(({ version }) => version)).size).toBe(50);
    const last = entries.reduce((a, b) => (a.version > b.version ? a : b));
    expect(await things().get(id)).toEqual(last);
  });

  test('of 20 callers none loses an increment', async () => {
    const id = fresh();
    await things().insert(id, { n: 0 });
    const increment = async (): Promise<void> => {
      const entry = await things().get(id);
      const { version = 0, value } = entry ?? {};
      await things()
        .update(id, version, { n: value.n + 1 })
        .catch((error) => {
          if (error.code !== 'conflict') throw error;
          return increment();
        });
    };
    await Promise.all(times(20, increment));
    expect(await things().get(id)).toMatchObject({ version: 21, value: { n: 20 } });
  });

  test('what one caller is refused does not touch the writes beside it', async () => {
    const taken = fresh();
    await things().insert(taken, {});
    const ids = times(20, () => fresh());
    const calls = ids.flatMap((id) => [things().insert(id, { id }), things().insert(taken, {})]);
    expect(await outcomes(calls)).toEqual({ true: 20, duplicate: 20 });
    for (const id of ids) expect((await things().get(id))?.value).toEqual({ id });
  });

  test('a write that was acknowledged is read by the next call', async () => {
    const own = times(30, async (i) => {
      const id = fresh();
      await things().put(id, { i });
      return (await things().get(id))?.value.i === i;
    });
    expect(await outcomes(own)).toEqual({ true: 30 });
  });
}
