import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Limit } from '../../src/lib/limit.ts';
import { createLimit } from '../../src/store/limit.ts';
import type { Store } from '../../src/store/store.ts';
import { fresh, times } from './subject.ts';

/**
 * Limits on a store that several processes share. As far as the store can tell there are two: each
 * has a connection of its own.
 */
export function sharedLimits(openStore: () => Promise<Store>): void {
  describe('two processes', () => {
    let [one, two]: [Store, Store] = [undefined as never, undefined as never];
    beforeAll(async () => {
      [one, two] = [await openStore(), await openStore()];
    });
    const open: Limit[] = [];
    afterEach(() => {
      for (const limit of open.splice(0)) limit.close();
    });
    afterAll(() => Promise.all([one.close(), two.close()]));

    const limit = (rate: { name: string; max?: number }, store = one): Limit => {
      const made = createLimit(store, { max: 3, per: 60, ...rate });
      open.push(made);
      return made;
    };
    const hits = async (on: Limit, key: string, count: number) => {
      for (let i = 0; i < count; i += 1) await on.hit(key);
    };
    /** Until the other process has heard of it. */
    const settle = () => pause(one.staleness + 300);

    const both = async (rate: { max?: number } = {}) => {
      const name = fresh('both');
      const pair = [limit({ name, ...rate }, one), limit({ name, ...rate }, two)] as const;
      await settle();
      return pair;
    };

    test('count together, and lose none', async () => {
      const [here, there] = await both({ max: 40 });
      await Promise.all(times(39, (i) => (i % 2 ? here : there).hit('a')));
      await settle();
      expect([here.wait('a'), there.wait('a')]).toEqual([0, 0]);
      expect(await there.hit('a')).toBeGreaterThan(0);
    });

    test('know what the other one has counted, within the staleness of the store', async () => {
      const [here, there] = await both();
      await hits(here, 'a', 3);
      await settle();
      expect(there.wait('a')).toBeGreaterThan(0);
      await here.clear('a');
      await settle();
      expect(there.wait('a')).toBe(0);
    });

    test('one that starts later knows what was reached before', async () => {
      const name = fresh('later');
      await hits(limit({ name }), 'a', 3);
      const later = limit({ name }, two);
      await settle();
      expect(later.wait('a')).toBeGreaterThan(0);
    });
  });
}
