/** What would cost the server more than who asks. */
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Op, startOp } from '../support/op.ts';
import { expectExplained } from './hostile-clients.ts';

let op: Op;
beforeAll(async () => {
  op = await startOp();
});
afterAll(() => op?.close());

const create = (body: object) => op.admin('/clients', { method: 'POST', body });

test.each(['redirect_uris', 'post_logout_redirect_uris'])(
  'abuse case 21: 2,000 addresses as %s of one client are refused, and 50 are not',
  async (name) => {
    const addresses = (count: number) =>
      Array.from({ length: count }, (_, index) => `https://rp.example/${index}`);
    const base = { redirect_uris: ['https://rp.example/'] };
    const answer = await create({ ...base, [name]: addresses(2000) });
    expect(answer.status).toBe(422);
    expectExplained(answer.body.errors, `/${name}`);
    expect(JSON.stringify(answer.body).length).toBeLessThan(10_000);
    expect((await create({ ...base, [name]: addresses(50) })).status).toBe(201);
  },
);

test('abuse case 21: lists, keys and values have an end', async () => {
  const many = <T>(count: number, make: (index: number) => T) =>
    Array.from({ length: count }, (_, index) => make(index));
  for (const [name, value] of Object.entries({
    contacts: many(11, (index) => `a${index}@rp.example`),
    tags: many(1000, (index) => `t${index}`),
    jwks: { keys: many(9, () => ({ kty: 'RSA' })) },
    scope: many(2000, (index) => `s${index}`).join(' '),
    grant_types: many(11, () => 'authorization_code'),
    software_id: 'x'.repeat(257),
  })) {
    const answer = await create({ redirect_uris: ['https://rp.example/'], [name]: value });
    expect([name, answer.status]).toEqual([name, 422]);
    const pointers = answer.body.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(pointers.some((one: string) => one.startsWith(`/${name}`))).toBe(true);
  }
});

test('abuse case 21: a search that would be expensive elsewhere is not here', async () => {
  await Promise.all(
    Array.from({ length: 200 }, () => op.createClient({ client_name: 'a'.repeat(64) })),
  );
  const begun = performance.now();
  for (const q of [
    '(a+)+$',
    '(a|a)*b',
    'a '.repeat(128),
    `${'a'.repeat(255)}!`,
    Array.from({ length: 85 }, (_, index) => `a${index}`)
      .join(' ')
      .slice(0, 256),
  ]) {
    expect((await op.admin(`/clients?q=${encodeURIComponent(q)}&limit=500`)).status).toBe(200);
  }
  expect(performance.now() - begun).toBeLessThan(2000);
  const tooLong = await op.admin(`/clients?q=${'a'.repeat(257)}`);
  expect([tooLong.status, tooLong.body.errors[0].pointer]).toEqual([400, '/q']);
});

test('abuse case 21: a body is read as far as is allowed and no further', async () => {
  const answer = await create({
    redirect_uris: ['https://rp.example/'],
    description: 'x'.repeat(1_000_000),
  });
  expect([answer.status, answer.body.code]).toEqual([413, 'too_large']);
  const form = await op.post('/token', { grant_type: 'x'.repeat(1_000_000) });
  expect([form.status, form.body.error]).toEqual([400, 'invalid_request']);
});
