/** How secrets are kept: what a change of method does to them, and where they never are. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { clientsCollection } from '../../src/clients/client.ts';
import { type Op, startOp, type TestClient } from '../support/op.ts';
import { at, secretsOn } from './secrets.ts';

const op: Op = await startOp();
const { addSecret, makeClient, opens, patch, removeSecret, secretsOf, told } = secretsOn(op);
afterAll(() => op?.close());

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
  expect(told.length).toBeGreaterThan(6);
  expect(told.filter((secret) => everything.includes(secret))).toEqual([]);
  // What is compared with is not told either.
  const hashes = /"hash":"([^"]+)"/g;
  const stored = [...kept.join('').matchAll(hashes)].map(([, hash]) => hash as string);
  expect(stored.length).toBeGreaterThan(0);
  expect(stored.filter((hash) => seen.join('').includes(hash))).toEqual([]);
});
