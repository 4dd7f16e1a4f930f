/** The way back to what a client was. */
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { clientsCollection, type StoredClient } from '../../src/clients/client.ts';
import { pass } from '../flows/clock.ts';
import { CALLBACK, type Op, startOp, type TestClient } from '../support/op.ts';

let op: Op;
beforeAll(async () => {
  op = await startOp();
});
afterAll(() => op?.close());
afterEach(() => {
  jest.restoreAllMocks();
});

interface Event {
  id: string;
  changes: { pointer: string; before?: unknown; after?: unknown }[];
}

const at = ({ client_id }: { client_id: string }, rest = '') => `/clients/${client_id}${rest}`;
const send = (method: string, path: string, body?: unknown, headers = {}) =>
  op.admin(path, { method, headers, ...(body !== undefined && { body }) });
const patch = (client: TestClient, body: object) => send('PATCH', at(client), body);
const restore = (client: TestClient, event: string | undefined, headers = {}) =>
  send('POST', at(client, '/restore'), { event }, headers);
const historyOf = async (client: { client_id: string }): Promise<Event[]> =>
  (await op.admin(at(client, '/history?limit=500'))).body.items;

test('a restore makes the metadata what it was after an event; secrets and time go on', async () => {
  const client = await op.createClient({ client_name: 'One', tags: ['old'] });
  const [created] = await historyOf(client);
  await patch(client, { client_name: 'Two', tags: null, description: 'new' });
  const added = await send('POST', at(client, '/secrets'), {});
  pass(5);
  const answer = await restore(client, created?.id);
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ client_name: 'One', tags: ['old'] });
  expect(answer.body.description).toBeUndefined();
  expect(answer.body.client_secret).toBeUndefined();
  expect(answer.body.secrets).toEqual(added.body.secrets);
  expect(answer.body.created_at).toBe(added.body.created_at);
  expect(answer.body.updated_at).toBeGreaterThan(added.body.updated_at);
  const [last] = await historyOf(client);
  expect(last?.changes).toContainEqual({
    pointer: '/client_name',
    before: 'Two',
    after: 'One',
  });
  // The way back has a way back.
  const [, , patched] = await historyOf(client);
  const again = await restore(client, patched?.id);
  expect(again.body).toMatchObject({ client_name: 'Two', description: 'new' });
});

test('a dry run tells what a restore would do', async () => {
  const client = await op.createClient({ client_name: 'Before' });
  const other = await op.createClient();
  const [created] = await historyOf(client);
  await patch(client, { client_name: 'Now' });
  const tried = (client_id: string) =>
    send('POST', '/clients/dry-run', { client_id, restore: created?.id });

  const { status, body } = await tried(client.client_id);
  expect(status).toBe(200);
  expect(body).toMatchObject({ accepted: true, result: { client_name: 'Before' }, stops: [] });
  const now = await op.admin(at(client));
  expect(now.body.client_name).toBe('Now');
  // An event of another client is none of this one.
  expect((await tried(other.client_id)).status).toBe(404);
});

test('a restore honours the ETag that the caller has seen', async () => {
  const client = await op.createClient({ client_name: 'One' });
  const [created] = await historyOf(client);
  const etag = (await op.admin(at(client))).headers.get('etag') ?? '';
  const patched = await patch(client, { client_name: 'Two' });
  expect((await restore(client, created?.id, { 'If-Match': etag })).status).toBe(412);
  const current = patched.headers.get('etag') ?? '';
  const restored = await restore(client, created?.id, { 'If-Match': current });
  expect(restored).toMatchObject({ status: 200, body: { client_name: 'One' } });
  expect(restored.headers.get('etag')).not.toBe(current);
});

test('a restore of what today’s rules refuse is refused with its violations', async () => {
  const client = await op.createClient();
  const clients = op.store.collection<StoredClient>(clientsCollection);
  const stored = await clients.get(client.client_id);
  const value = stored?.value as StoredClient;
  // A rule of an earlier version let this through; an event tells of it.
  const redirect_uris = ['https://RP.example/callback'];
  await clients.update(client.client_id, stored?.version ?? 0, {
    ...value,
    metadata: { ...value.metadata, redirect_uris },
  });
  expect((await patch(client, { client_name: 'Old' })).status).toBe(200);
  const [old] = await historyOf(client);
  expect((await patch(client, { redirect_uris: [CALLBACK] })).status).toBe(200);
  const answer = await restore(client, old?.id);
  expect(answer).toMatchObject({
    status: 422,
    body: {
      code: 'invalid',
      errors: [{ pointer: '/redirect_uris/0', rule: 'redirect-uris', spec: expect.any(String) }],
    },
  });
  expect((await op.admin(at(client))).body.redirect_uris).toEqual([CALLBACK]);
});

test('a restore across a conversion is refused, and says what to do', async () => {
  const client = await op.createClient();
  const [created] = await historyOf(client);
  await send('POST', at(client, '/convert'), { type: 'native' });
  expect(await restore(client, created?.id)).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/type', rule: 'type-is-fixed', fix: expect.any(String) }] },
  });
});

test('a restore is to an event of this client that left a document', async () => {
  const client = await op.createClient();
  const [others] = await historyOf(await op.createClient());
  for (const event of [others?.id, 'unknown', '__proto__', '$ne', 'x'.repeat(64)]) {
    expect((await restore(client, event)).status).toBe(404);
  }
  for (const event of ['', 5, null, { $ne: '' }, 'x'.repeat(65)]) {
    expect((await send('POST', at(client, '/restore'), { event })).status).toBe(422);
  }
});
