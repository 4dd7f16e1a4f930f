/** Secrets of a client: several at once, and one after the other. */
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { pass } from '../flows/clock.ts';
import { type Op, startOp, type TestClient } from '../support/op.ts';
import { at, secretsOn } from './secrets.ts';

const op: Op = await startOp();
const { addSecret, makeClient, opens, remember, removeSecret, secretsOf } = secretsOn(op);
afterAll(() => op?.close());
afterEach(() => {
  jest.restoreAllMocks();
});

describe('several secrets', () => {
  test('are told apart by name, beginning, creation, expiry and last use', async () => {
    const client = await makeClient();
    const first = client.client_secret ?? '';
    const made = await addSecret(client, { name: 'second', expires_in: 3600 });
    expect(made.status).toBe(201);
    const second = made.body.client_secret;
    expect(Buffer.from(second, 'base64url')).toHaveLength(32);
    const [one, two] = await secretsOf(client);
    expect(made.headers.get('location')).toBe(`/api/v1${at(client, `/secrets/${two?.id}`)}`);
    expect(one).toEqual({
      id: expect.any(String),
      prefix: first.slice(0, 4),
      created: expect.any(Number),
    });
    expect(two).toEqual({
      id: expect.any(String),
      name: 'second',
      prefix: second.slice(0, 4),
      created: expect.any(Number),
      expires: (two?.created ?? 0) + 3600,
    });

    expect(await opens(client, second)).toBe(true);
    const used = await secretsOf(client);
    expect(used.map(({ last_used }) => last_used !== undefined)).toEqual([false, true]);
    expect(used[1]?.last_used).toBeGreaterThanOrEqual(two?.created ?? 0);
    expect((await op.admin(at(client))).body.last_used_at).toBe(used[1]?.last_used);
  });

  test('work side by side until one expires, and that one is refused at once (abuse case 12)', async () => {
    const client = await makeClient();
    const first = client.client_secret ?? '';
    const second = (await addSecret(client, { overlap: 600 })).body.client_secret;
    expect([await opens(client, first), await opens(client, second)]).toEqual([true, true]);
    pass(590);
    expect([await opens(client, first), await opens(client, second)]).toEqual([true, true]);
    pass(11);
    expect([await opens(client, first), await opens(client, second)]).toEqual([false, true]);
    expect(await opens({ ...client, client_id: 'unknown' }, second)).toBe(false);
  });

  test('work side by side where the secret is the key of an assertion', async () => {
    const client = await makeClient({ token_endpoint_auth_method: 'client_secret_jwt' });
    const first = client.client_secret ?? '';
    const second = (await addSecret(client, { overlap: 600 })).body.client_secret;
    const works = () =>
      Promise.all([first, second].map((key) => opens(client, key, 'client_secret_jwt')));
    expect(await works()).toEqual([true, true]);
    pass(601);
    expect(await works()).toEqual([false, true]);
  });

  test('an overlap shortens a life and never lengthens one; zero ends it now', async () => {
    const client = await makeClient();
    await addSecret(client, { name: 'short', expires_in: 60 });
    await addSecret(client, { overlap: 3600 });
    const expiries = (await secretsOf(client)).map(({ expires, created }) =>
      expires === undefined ? undefined : expires - created,
    );
    expect(expiries[1]).toBe(60);
    expect(expiries[0]).toBeGreaterThanOrEqual(3600);
    expect(expiries[2]).toBeUndefined();
    const last = (await addSecret(client, { overlap: 0 })).body.client_secret;
    expect(await opens(client, client.client_secret ?? '')).toBe(false);
    expect(await opens(client, last)).toBe(true);
  });

  test('a deleted one stops at once; the last that is valid cannot be deleted', async () => {
    const client = await makeClient();
    const [first] = await secretsOf(client);
    expect(await removeSecret(client, first?.id ?? '')).toMatchObject({
      status: 422,
      body: { errors: [{ rule: 'last-secret', fix: expect.any(String) }] },
    });
    const second = (await addSecret(client, { expires_in: 60 })).body.client_secret;
    expect((await removeSecret(client, first?.id ?? '')).status).toBe(204);
    expect(await opens(client, client.client_secret ?? '')).toBe(false);
    expect(await opens(client, second)).toBe(true);
    expect((await removeSecret(client, first?.id ?? '')).status).toBe(404);

    // One that has expired is no reason to be allowed to delete the one that works.
    const third = await addSecret(client);
    const [expiring, lasting] = await secretsOf(client);
    pass(61);
    expect((await removeSecret(client, lasting?.id ?? '')).status).toBe(422);
    expect((await removeSecret(client, expiring?.id ?? '')).status).toBe(204);
    expect(await opens(client, third.body.client_secret)).toBe(true);
  });

  test('what has expired can be cleared away when nothing valid is left', async () => {
    const client = await makeClient();
    const [first] = await secretsOf(client);
    await addSecret(client, { expires_in: 60 });
    await removeSecret(client, first?.id ?? '');
    pass(61);
    const [expired] = await secretsOf(client);
    expect((await removeSecret(client, expired?.id ?? '')).status).toBe(204);
    expect(await secretsOf(client)).toEqual([]);
    const fresh = (await addSecret(client)).body.client_secret;
    expect(await opens(client, fresh)).toBe(true);
  });

  test('are ten at most, and expired ones do not count', async () => {
    const client = await makeClient();
    for (let n = 1; n < 10; n += 1) {
      expect((await addSecret(client, n === 1 ? { expires_in: 60 } : {})).status).toBe(201);
    }
    expect(await addSecret(client)).toMatchObject({
      status: 422,
      body: { errors: [{ rule: 'too-many-secrets' }] },
    });
    expect(await secretsOf(client)).toHaveLength(10);
    pass(61);
    expect((await addSecret(client)).status).toBe(201);
    expect(await secretsOf(client)).toHaveLength(10);
  });

  test('are made and deleted under the ETag that the caller has seen', async () => {
    const client = await makeClient();
    const etag = (await op.admin(at(client))).headers.get('etag') ?? '';
    const [first] = await secretsOf(client);
    const headers = { 'If-Match': etag };
    const add = () => op.admin(at(client, '/secrets'), { method: 'POST', body: {}, headers });
    const added = await add();
    remember(added.body);
    expect(added.status).toBe(201);
    expect((await add()).status).toBe(412);
    expect((await removeSecret(client, first?.id ?? '', headers)).status).toBe(412);
    expect(await secretsOf(client)).toHaveLength(2);
  });

  test('are not for clients that use none', async () => {
    const client = await makeClient({ type: 'native' });
    expect(await addSecret(client)).toMatchObject({
      status: 422,
      body: { errors: [{ rule: 'secret-not-used' }] },
    });
  });

  test.each([
    ['a short life', { expires_in: 59 }, '/expires_in'],
    ['a life of text', { expires_in: '3600' }, '/expires_in'],
    ['a negative overlap', { overlap: -1 }, '/overlap'],
    ['a long name', { name: 'x'.repeat(65) }, '/name'],
    ['a secret of one’s own', { client_secret: 'x' }, '/client_secret'],
  ])('are refused with %s', async (_, body, pointer) => {
    const client = await makeClient();
    const answer = await addSecret(client, body);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
    expect(await secretsOf(client)).toHaveLength(1);
  });
});

describe('client_secret_expires_at', () => {
  const expiry = async (client: TestClient) =>
    (await op.admin(at(client))).body.client_secret_expires_at;

  test('is 0 for a secret that never expires, the latest time otherwise, absent without secrets', async () => {
    const client = await makeClient();
    expect([client.client_secret_expires_at, await expiry(client)]).toEqual([0, 0]);
    const [first] = await secretsOf(client);
    await addSecret(client, { expires_in: 600 });
    await addSecret(client, { expires_in: 60 });
    expect(await expiry(client)).toBe(0);
    await removeSecret(client, first?.id ?? '');
    const latest = Math.max(...(await secretsOf(client)).map(({ expires = 0 }) => expires));
    expect(await expiry(client)).toBe(latest);
    expect(await expiry(await makeClient({ type: 'native' }))).toBeUndefined();
  });
});
