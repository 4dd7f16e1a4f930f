/** Several secrets at once, wherever clients authenticate (abuse case 12). */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Op, startOp, type TestClient } from '../support/op.ts';
import { createClientWith, endpoints, present, send, token, verdictOf } from './client-methods.ts';
import { pass } from './clock.ts';

let op: Op;
beforeAll(async () => {
  op = await startOp();
});
afterAll(() => op?.close());
afterEach(() => {
  jest.restoreAllMocks();
});

const methods = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'] as const;

const addSecret = async ({ client_id }: TestClient, body: object): Promise<string> => {
  const path = `/clients/${client_id}/secrets`;
  const answer = await op.admin(path, { method: 'POST', body });
  expect(answer.status).toBe(201);
  return answer.body.client_secret;
};

const secretsOf = async ({ client_id }: TestClient) =>
  (await op.admin(`/clients/${client_id}`)).body.secrets;

describe.each(methods)('of a client with %s', (method) => {
  const use = async (client: TestClient, client_secret: string | undefined, endpoint = token) => {
    const presented = await present[method](op, { ...client, client_secret: client_secret ?? '' });
    return verdictOf(endpoint, await send(op, endpoint, presented));
  };
  /** What each endpoint says of each secret. */
  const useEverywhere = async (client: TestClient, secrets: (string | undefined)[]) => {
    const verdicts = new Set<string>();
    for (const endpoint of endpoints) {
      const said = [];
      for (const secret of secrets) said.push(await use(client, secret, endpoint));
      verdicts.add(JSON.stringify(said));
    }
    return [...verdicts].map((said) => JSON.parse(said));
  };

  test('both are taken at every endpoint, and the old one by none after its overlap', async () => {
    const client = await createClientWith(op, method);
    const old = client.client_secret;
    const fresh = await addSecret(client, { overlap: 3600 });
    expect(await useEverywhere(client, [old, fresh])).toEqual([['accepted', 'accepted']]);
    pass(3500);
    expect(await useEverywhere(client, [old, fresh])).toEqual([['accepted', 'accepted']]);
    jest.restoreAllMocks();
    pass(3700);
    expect(await useEverywhere(client, [old, fresh])).toEqual([['refused', 'accepted']]);
  });

  test('a deleted one is taken by no endpoint at once', async () => {
    const client = await createClientWith(op, method);
    const old = client.client_secret;
    const fresh = await addSecret(client, {});
    expect(await useEverywhere(client, [old, fresh])).toEqual([['accepted', 'accepted']]);
    const [first] = await secretsOf(client);
    const path = `/clients/${client.client_id}/secrets/${first.id}`;
    expect((await op.admin(path, { method: 'DELETE' })).status).toBe(204);
    expect(await useEverywhere(client, [old, fresh])).toEqual([['refused', 'accepted']]);
  });

  test('the only one is known by when it was last used', async () => {
    const client = await createClientWith(op, method);
    expect(await use(client, client.client_secret)).toBe('accepted');
    expect(await secretsOf(client)).toMatchObject([{ last_used: expect.any(Number) }]);
  });

  test('each is known by when it was last used, and a wrong one uses none', async () => {
    const client = await createClientWith(op, method);
    const fresh = await addSecret(client, { name: 'next' });
    expect(await use(client, 'x'.repeat(43))).toBe('refused');
    for (const secret of await secretsOf(client)) expect(secret).not.toHaveProperty('last_used');
    expect(await use(client, fresh)).toBe('accepted');
    const now = Math.floor(Date.now() / 1000);
    const [first, second] = await secretsOf(client);
    expect(first).not.toHaveProperty('last_used');
    expect(second).toMatchObject({ name: 'next' });
    expect(Math.abs(second.last_used - now)).toBeLessThanOrEqual(2);
  });
});
