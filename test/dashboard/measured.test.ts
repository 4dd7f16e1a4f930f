/** Whoever adds a page also says what `npm run bench -- --only dashboard` asks of it. */
import { expect, test } from '@jest/globals';
import { notMeasured, pageRows } from '../../bench/dashboard-pages.ts';
import { allPages } from '../../src/dashboard/pages.ts';

const shown = {
  large: 'large',
  secret: 'secret',
  resource: 'resource',
  policy: 'policy',
  token: 'token',
  event: 'event',
  session: 'session',
  cursors: { clients: 'a', audit: 'b', accounts: 'c' },
};

test('every page that can be opened is measured', () => {
  expect(notMeasured(pageRows(shown))).toEqual([]);
});

test('nothing is measured that is no page', () => {
  const declared = allPages().map(({ method, path }) => `${method} ${path}`);
  const rows = pageRows(shown).map(({ path, form }) => `${form ? 'post' : 'get'} ${path}`);
  expect(rows.filter((row) => !declared.includes(row))).toEqual([]);
});

test('an address is one of the page that it stands for', () => {
  for (const { path, address } of pageRows(shown)) {
    const pattern = path.replaceAll(/:\w+/g, '[^/?]+');
    expect(address).toMatch(new RegExp(`^${pattern}(\\?|$)`));
  }
});
