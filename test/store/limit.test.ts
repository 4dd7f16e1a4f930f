import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createGuard, type Limit } from '../../src/lib/limit.ts';
import { createLimit, limitsCollection } from '../../src/store/limit.ts';
import { openStore } from '../../src/store/open.ts';
import type { Collection, Store } from '../../src/store/store.ts';
import { pass } from '../flows/clock.ts';
import { sharedLimits } from './limit-shared.ts';
import { fresh, times } from './subject.ts';

const folder = mkdtempSync(join(tmpdir(), 'clientele-'));
const url = `sqlite:${join(folder, 'limits.db')}`;
let one: Store;
beforeAll(async () => {
  one = await openStore(url, [limitsCollection]);
});
const open: Limit[] = [];
afterEach(() => {
  for (const limit of open.splice(0)) limit.close();
  jest.restoreAllMocks();
});
afterAll(async () => {
  await one.close();
  rmSync(folder, { recursive: true, force: true });
});

const limit = (rate: { name?: string; max?: number; per?: number } = {}, store = one): Limit => {
  const made = createLimit(store, { name: fresh('limit'), max: 3, per: 60, ...rate });
  open.push(made);
  return made;
};
const hits = async (on: Limit, key: string, count: number) => {
  for (let i = 0; i < count; i += 1) await on.hit(key);
};
/** Until the other process has heard of it. */
const settle = () => pause(one.staleness + 150);
const documents = async (name: string) =>
  (await one.collection<object>(limitsCollection).list({ prefix: `${name}:` })).entries;

/** A store that counts what is asked of the collection of limits. */
function watched(store: Store) {
  const asked: string[] = [];
  const collection: Store['collection'] = <T>(spec: typeof limitsCollection) =>
    new Proxy(store.collection<T>(spec), {
      get(target, property: keyof Collection<T>) {
        const value = target[property];
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          asked.push(property);
          return (value as (...all: unknown[]) => unknown)(...given);
        };
      },
    });
  return { asked, store: { ...store, collection } };
}

describe('a limit', () => {
  test('lets so many go and then tells how long to wait', async () => {
    const on = limit();
    expect([await on.hit('a'), await on.hit('a'), on.wait('a')]).toEqual([0, 0, 0]);
    expect(await on.hit('a')).toBe(60);
    expect([on.wait('a'), on.wait('b')]).toEqual([60, 0]);
  });

  test('ends when it said it would, and begins anew', async () => {
    const on = limit();
    await hits(on, 'a', 3);
    pass(59);
    expect(on.wait('a')).toBe(1);
    pass(1.1);
    expect(on.wait('a')).toBe(0);
    expect([await on.hit('a'), await on.hit('a'), await on.hit('a')]).toEqual([0, 0, 60]);
  });

  test('is not prolonged by those who go on', async () => {
    const on = limit();
    await hits(on, 'a', 3);
    pass(40);
    expect(await on.hit('a')).toBe(20);
    await hits(on, 'a', 10);
    expect(on.wait('a')).toBe(20);
    pass(20.1);
    expect(on.wait('a')).toBe(0);
  });

  test('counts from the first one, even if they come slowly', async () => {
    const on = limit();
    await on.hit('a');
    pass(30);
    await on.hit('a');
    expect(await on.hit('a')).toBe(30);
  });

  test('counts every one of many at once', async () => {
    const on = limit({ name: 'many', max: 50 });
    await Promise.all(times(50, () => on.hit('a')));
    expect((await documents('many')).map(({ value }) => value)).toEqual([
      { count: 50, full: 'many' },
    ]);
    expect(on.wait('a')).toBeGreaterThan(0);
  });

  test('takes attempts under way for failed ones', async () => {
    const on = limit();
    const ends = times(3, () => on.begin('a'));
    expect([on.wait('a'), on.wait('b')]).toEqual([1, 0]);
    ends[0]?.();
    expect(on.wait('a')).toBe(0);
    await on.hit('a');
    expect(on.wait('a')).toBe(1);
    ends[1]?.();
    ends[2]?.();
    expect(on.wait('a')).toBe(0);
    // What was under way is no reason to wait for what has failed.
    const end = on.begin('a');
    expect(await on.hit('a')).toBe(0);
    end();
  });

  test('forgets what is cleared', async () => {
    const on = limit();
    await hits(on, 'a', 2);
    await on.clear('a');
    await hits(on, 'a', 2);
    expect(on.wait('a')).toBe(0);
    await on.hit('a');
    await on.clear('a');
    expect(on.wait('a')).toBe(0);
  });

  test('keeps keys and names apart', async () => {
    const [name, key] = [fresh(), fresh()];
    const [on, other] = [limit({ name }), limit({ name: `${name}.b` })];
    await hits(on, key, 3);
    expect([on.wait(key), other.wait(key), on.wait(`${key} `)]).toEqual([60, 0, 0]);
    await hits(other, `b${key}`, 3);
    expect(on.wait(`b${key}`)).toBe(0);
  });

  test.each(['', 'x'.repeat(100_000), '\u0000', '\ud800', '__proto__', '🔑', '$ne'])(
    'takes any key: %#',
    async (key) => {
      const on = limit();
      await hits(on, key, 3);
      expect([on.wait(key), on.wait(`${key}x`)]).toEqual([60, 0]);
    },
  );

  test('of nothing is none', async () => {
    const name = fresh('none');
    const on = limit({ name, max: 0 });
    await hits(on, 'a', 20);
    for (const _ of times(20, () => on.begin('a'))) expect(on.wait('a')).toBe(0);
    expect(await documents(name)).toEqual([]);
  });

  test('writes no key down', async () => {
    const name = fresh('secret');
    const on = limit({ name });
    await hits(on, 'ada@example.com', 3);
    expect(JSON.stringify(await documents(name))).not.toContain('ada');
  });
});

describe('in memory', () => {
  test('asking, beginning and clearing what was not counted costs no access', async () => {
    const { asked, store } = watched(one);
    const on = limit({}, store);
    await settle();
    asked.length = 0;
    for (const key of times(100, String)) {
      const end = on.begin(key);
      on.wait(key);
      await on.clear(key);
      end();
    }
    expect(asked).toEqual([]);
    await hits(on, 'a', 3);
    asked.length = 0;
    expect(times(100, () => on.wait('a'))).toEqual(Array(100).fill(60));
    expect(asked).toEqual([]);
  });

  test('a flood of other keys does not make it forget who has reached a limit', async () => {
    const memory = await openStore('memory:', [limitsCollection]);
    const on = limit({ max: 2 }, memory);
    await hits(on, 'attacked', 2);
    await Promise.all(times(12_000, (i) => on.hit(`flood ${i}`)));
    expect(on.wait('attacked')).toBeGreaterThan(0);
    await memory.close();
  });

  test('what was pushed out is one attempt more, and known again', async () => {
    const memory = await openStore('memory:', [limitsCollection]);
    const on = limit({ max: 1 }, memory);
    await on.hit('attacked');
    await Promise.all(times(20_001, (i) => on.hit(`flood ${i}`)));
    expect(on.wait('attacked')).toBe(0);
    expect(await on.hit('attacked')).toBeGreaterThan(0);
    expect(on.wait('attacked')).toBeGreaterThan(0);
    await memory.close();
  });
});

sharedLimits(() => openStore(url, [limitsCollection]));

test('a process that missed more changes than are kept looks at all of them', async () => {
  const two = await openStore(url, [limitsCollection]);
  const name = fresh('missed');
  const [here, there] = [limit({ name }), limit({ name }, two)];
  await settle();
  await hits(here, 'a', 3);
  await Promise.all(times(1100, (i) => here.hit(`other ${i}`)));
  await settle();
  expect([there.wait('a') > 0, there.wait('other 1')]).toEqual([true, 0]);
  there.close();
  await two.close();
});

describe('a guard', () => {
  type Who = { account?: string; ip: string };
  const guard = () =>
    createGuard<Who>([
      [limit({ max: 2 }), ({ account, ip }) => (account ? [account, ip] : undefined)],
      [limit({ max: 3, per: 300 }), ({ ip }) => [ip]],
    ]);

  test('waits for the longest of its limits', async () => {
    const on = guard();
    expect(await on.hit({ account: 'a', ip: '1' })).toBe(0);
    expect(await on.hit({ account: 'a', ip: '1' })).toBe(60);
    expect([on.wait({ account: 'a', ip: '1' }), on.wait({ account: 'b', ip: '1' })]).toEqual([
      60, 0,
    ]);
    expect(await on.hit({ account: 'b', ip: '1' })).toBe(300);
    expect([on.wait({ account: 'a', ip: '1' }), on.wait({ account: 'a', ip: '2' })]).toEqual([
      300, 0,
    ]);
  });

  test('forgets after a success what is this one’s alone', async () => {
    const on = guard();
    await on.hit({ account: 'a', ip: '1' });
    await on.clear({ account: 'a', ip: '1' });
    expect(await on.hit({ account: 'a', ip: '1' })).toBe(0);
    expect(await on.hit({ account: 'c', ip: '1' })).toBe(300);
  });

  test('leaves out the limits that have no key', async () => {
    const on = guard();
    await on.hit({ ip: '1' });
    await on.hit({ ip: '1' });
    const end = on.begin({ ip: '1' });
    expect([on.wait({ ip: '1' }), on.wait({ ip: '2' })]).toEqual([1, 0]);
    end();
  });

  test('tells two keys from one that is written like both', async () => {
    const on = guard();
    await on.hit({ account: 'a b', ip: 'c' });
    expect(await on.hit({ account: 'a', ip: 'b c' })).toBe(0);
  });
});
