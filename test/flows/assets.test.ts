import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createAgent } from '../support/agent.ts';
import { type Op, startOp } from '../support/op.ts';
import { createRp } from '../support/rp.ts';

let op: Op;
beforeAll(async () => {
  op = await startOp({}, { path: '/auth' });
});
afterAll(() => op.close());

test('what a page names is there, may be kept for good, and is not sent twice', async () => {
  const rp = await createRp(op.issuer, await op.createClient());
  const page = await createAgent(op.issuer).visit((await rp.start()).url);
  const [, path = ''] = /href="([^"]+\.css\?v=[^"]+)"/.exec(page.html) ?? [];
  expect(path).toMatch(/^\/auth\/assets\//);
  const address = new URL(path, op.issuer);
  const sheet = await fetch(address);
  expect(sheet.status).toBe(200);
  expect(sheet.headers.get('content-type')).toBe('text/css; charset=utf-8');
  expect(sheet.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  const etag = sheet.headers.get('etag') as string;
  expect((await fetch(address, { headers: { 'If-None-Match': etag } })).status).toBe(304);
  address.searchParams.set('v', 'yesterday');
  expect((await fetch(address)).headers.get('cache-control')).toBe('no-cache');
});

test('a browser finds an icon where it looks for one', async () => {
  const icon = await op.get('/favicon.ico');
  expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
});

test.each([
  '/assets/default/../../package.json',
  '/assets/default/%2e%2e%2fpackage.json',
  '/assets/default/nothing.css',
])('there is nothing at %s', async (path) => {
  expect((await op.get(path)).status).toBe(404);
});
