/** Secrets of a client: several at once, one after the other, and nowhere but in the answer that made them. */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { clientsCollection } from '../../src/clients/client.ts';
import { pass } from '../flows/clock.ts';
import { type Answer, type Op, startOp, type TestClient } from '../support/op.ts';

let op: Op;
/** Every secret that this file was ever told. */
const told: string[] = [];
beforeAll(async () => {
  op = await startOp();
});
afterAll(() => op?.close());
afterEach(() => {
  jest.restoreAllMocks();
});

interface SecretView {
  id: string;
  name?: string;
  prefix: string;
  created: number;
  expires?: number;
  last_used?: number;
}

const now = () => Math.floor(Date.now() / 1000);
const at = ({ client_id }: { client_id: string }, rest = '') => `/clients/${client_id}${rest}`;
const remember = <T extends { client_secret?: string }>(body: T): T => {
  if (body.client_secret !== undefined) told.push(body.client_secret);
  return body;
};
const makeClient = async (metadata: object = {}): Promise<TestClient> =>
  remember(await op.createClient(metadata));
const patch = async (client: TestClient, body: object): Promise<Answer> => {
  const answer = await op.admin(at(client), { method: 'PATCH', body });
  remember(answer.body);
  return answer;
};
const addSecret = async (client: TestClient, body: object = {}): Promise<Answer> => {
  const answer = await op.admin(at(client, '/secrets'), { method: 'POST', body });
  remember(answer.body);
  return answer;
};
const removeSecret = (client: TestClient, id: string, headers = {}) =>
  op.admin(at(client, `/secrets/${id}`), { method: 'DELETE', headers });
const secretsOf = async (client: TestClient): Promise<SecretView[]> =>
  (await op.admin(at(client))).body.secrets;

/** Whether a secret opens the token endpoint; what is asked there is known to nobody. */
const opens = async ({ client_id }: TestClient, secret: string, method = 'client_secret_basic') => {
  const grant = { grant_type: 'refresh_token', refresh_token: 'x' };
  const ways: Record<string, () => Promise<Answer>> = {
    client_secret_basic: () => op.post('/token', grant, { basic: [client_id, secret] }),
    client_secret_post: () => op.post('/token', { ...grant, client_id, client_secret: secret }),
    client_secret_jwt: async () =>
      op.post('/token', {
        ...grant,
        client_id,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await new SignJWT({ jti: crypto.randomUUID() })
          .setProtectedHeader({ alg: 'HS256' })
          .setIssuer(client_id)
          .setSubject(client_id)
          .setAudience(op.issuer)
          .setIssuedAt(now())
          .setExpirationTime(now() + 60)
          .sign(Buffer.from(secret)),
      }),
  };
  const presented = await ways[method]?.();
  expect(['invalid_grant', 'invalid_client']).toContain(presented?.body.error);
  return presented?.body.error === 'invalid_grant';
};

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
    pass(599);
    expect([await opens(client, first), await opens(client, second)]).toEqual([true, true]);
    pass(2);
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

describe('a client that changes its method', () => {
  const to = (client: TestClient, token_endpoint_auth_method: string) =>
    patch(client, { token_endpoint_auth_method });

  test('from basic to post keeps its secrets', async () => {
    const client = await makeClient();
    const before = await secretsOf(client);
    const { body } = await to(client, 'client_secret_post');
    expect(body.client_secret).toBeUndefined();
    expect(body.secrets).toEqual(before);
    expect(await opens(client, client.client_secret ?? '', 'client_secret_post')).toBe(true);
    expect(await opens(client, client.client_secret ?? '')).toBe(false);
  });

  test('from basic to client_secret_jwt needs a new one, because only a hash was kept', async () => {
    const client = await makeClient();
    const { body } = await to(client, 'client_secret_jwt');
    expect(body.client_secret).toEqual(expect.any(String));
    expect(body.client_secret).not.toBe(client.client_secret);
    expect(body.secrets).toHaveLength(1);
    expect(await opens(client, body.client_secret, 'client_secret_jwt')).toBe(true);
    expect(await opens(client, client.client_secret ?? '', 'client_secret_jwt')).toBe(false);
  });

  test('from client_secret_jwt to basic keeps the secret, as a hash alone', async () => {
    const client = await makeClient({ token_endpoint_auth_method: 'client_secret_jwt' });
    const stored = async () =>
      (await op.store.collection<{ secrets: object[] }>(clientsCollection).get(client.client_id))
        ?.value.secrets[0];
    expect(await stored()).toHaveProperty('sealed');
    const { body } = await to(client, 'client_secret_basic');
    expect(body.client_secret).toBeUndefined();
    expect(await stored()).toHaveProperty('hash');
    expect(await stored()).not.toHaveProperty('sealed');
    expect(await opens(client, client.client_secret ?? '')).toBe(true);
  });

  test('to none loses them, and gets a new one when it comes back', async () => {
    const client = await makeClient();
    expect((await to(client, 'none')).body.secrets).toEqual([]);
    const { body } = await to(client, 'client_secret_basic');
    expect(body.client_secret).not.toBe(client.client_secret);
    expect(await opens(client, client.client_secret ?? '')).toBe(false);
    expect(await opens(client, body.client_secret)).toBe(true);
  });
});

test('no secret is in a list, a log, the audit, a history, an error or the store (abuse case 11)', async () => {
  const client = await makeClient({ client_name: 'Kept' });
  const { body } = await addSecret(client, { name: 'another' });
  await patch(client, { description: 'changed' });
  const refused = await patch(client, { client_secret: body.client_secret, unheard_of: 1 });
  expect(refused.status).toBe(422);
  await op.post('/token', { client_secret: body.client_secret, client_id: client.client_id });
  const seen = [
    await op.admin('/clients?limit=500'),
    await op.admin(at(client)),
    await op.admin(at(client, '/history?limit=500')),
    await op.admin('/audit?limit=500'),
    refused,
    await removeSecret(client, 'no-such-secret'),
  ].map((answer) => JSON.stringify(answer.body));
  const kept: string[] = [];
  for (const name of ['clients', 'audit_events', 'client_usage']) {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page = await op.store.collection({ name }).list({ ...(after && { after }) });
      kept.push(JSON.stringify(page.entries));
      after = page.next;
    }
  }
  const everything = [...seen, ...kept, JSON.stringify(op.logs)].join('\n');
  expect(everything).toContain(client.client_id);
  expect(told.length).toBeGreaterThan(20);
  expect(told.filter((secret) => everything.includes(secret))).toEqual([]);
  // What is compared with is not told either.
  const hashes = /"hash":"([^"]+)"/g;
  const stored = [...kept.join('').matchAll(hashes)].map(([, hash]) => hash as string);
  expect(stored.length).toBeGreaterThan(0);
  expect(stored.filter((hash) => seen.join('').includes(hash))).toEqual([]);
});
