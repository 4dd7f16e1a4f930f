/** Who changed which client, when and what of it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CALLBACK, type Op, startOp, type TestClient } from '../support/op.ts';

let op: Op;
beforeAll(async () => {
  op = await startOp();
});
afterAll(() => op?.close());

interface Event {
  id: string;
  at: string;
  actor: { via: string; client_id?: string; request?: string };
  action: string;
  target: string;
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

/** Every page of a list. */
async function walk(path: string): Promise<Event[]> {
  const items: Event[] = [];
  for (let after: string | undefined = ''; after !== undefined; ) {
    const { status, body } = await op.admin(`${path}${after && `&after=${after}`}`);
    expect(status).toBe(200);
    items.push(...body.items);
    after = body.next;
  }
  return items;
}

describe('the audit', () => {
  test('tells of every kind of change: who, when, what, and of secrets only that they are there', async () => {
    const began = Date.now();
    const client = await op.createClient({ client_name: 'One' });
    await patch(client, { client_name: 'Two', tags: ['a'] });
    const { body: replaced } = await send('PUT', at(client), {
      redirect_uris: [CALLBACK],
      client_name: 'Three',
    });
    const { body: added } = await send('POST', at(client, '/secrets'), { name: 'second' });
    const [, second] = added.secrets;
    await send('DELETE', at(client, `/secrets/${second.id}`));
    await send('POST', at(client, '/convert'), { type: 'native' });
    await send('DELETE', at(client));

    const events = await historyOf(client);
    expect(events.map(({ action }) => action)).toEqual([
      'client.delete',
      'client.convert',
      'client.secret.remove',
      'client.secret.add',
      'client.update',
      'client.update',
      'client.create',
    ]);
    for (const event of events) {
      expect(event.target).toBe(`client:${client.client_id}`);
      expect(event.actor).toEqual({
        via: 'api',
        client_id: op.adminClient.client_id,
        request: expect.any(String),
      });
      expect(op.logs.some(({ id }) => id === event.actor.request)).toBe(true);
      expect(Date.parse(event.at)).toBeGreaterThanOrEqual(began);
      expect(Date.parse(event.at)).toBeLessThanOrEqual(Date.now());
      expect(event.changes.length).toBeGreaterThan(0);
    }
    const [, converted, removed, addedEvent, put, patched] = events;
    expect(patched?.changes).toEqual([
      { pointer: '/client_name', before: 'One', after: 'Two' },
      { pointer: '/tags', after: ['a'] },
    ]);
    expect(put?.changes).toEqual(
      expect.arrayContaining([
        { pointer: '/client_name', before: 'Two', after: 'Three' },
        { pointer: '/tags', before: ['a'] },
      ]),
    );
    const secret = { name: 'second' };
    expect(addedEvent?.changes).toEqual([{ pointer: `/secrets/${second.id}`, after: secret }]);
    expect(removed?.changes).toEqual([{ pointer: `/secrets/${second.id}`, before: secret }]);
    expect(converted?.changes).toEqual(
      expect.arrayContaining([{ pointer: '/type', before: 'web', after: 'native' }]),
    );
    expect(replaced.client_secret).toBeUndefined();
    const text = JSON.stringify(events);
    for (const plain of [client.client_secret, added.client_secret]) {
      expect(text).not.toContain(plain);
    }
  });

  test('tells nothing of what was refused, read or only tried', async () => {
    const client = await op.createClient();
    await patch(client, { unheard_of: 1 });
    await send('PATCH', at(client), { client_name: 'x' }, { 'If-Match': '"99"' });
    await send('POST', '/clients/dry-run', {
      client_id: client.client_id,
      patch: { client_name: 'x' },
    });
    await op.admin(at(client));
    expect((await historyOf(client)).map(({ action }) => action)).toEqual(['client.create']);
    await send('POST', '/clients', { client_id: client.client_id, redirect_uris: [CALLBACK] });
    expect(await historyOf(client)).toHaveLength(1);
  });

  test('is filtered by target, action and actor, alone and together, and comes in pages', async () => {
    const one = await op.createClient();
    const two = await op.createClient();
    for (let n = 0; n < 5; n += 1) await patch(one, { client_name: `n${n}` });
    await patch(two, { client_name: 'two' });
    const target = `target=client:${one.client_id}`;
    const actor = `actor=${op.adminClient.client_id}`;
    expect(await walk(`/audit?limit=2&${target}`)).toHaveLength(6);
    expect(await walk(`/audit?limit=2&${target}&action=client.update`)).toHaveLength(5);
    expect(await walk(`/audit?limit=3&${target}&action=client.update&${actor}`)).toHaveLength(5);
    expect(await walk(`/audit?${target}&actor=somebody-else`)).toEqual([]);
    expect(await walk(`/audit?${target}&action=client.delete`)).toEqual([]);
    const all = await walk(`/audit?limit=7&${actor}`);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.map((event) => event.at)).toEqual(
      all
        .map((event) => event.at)
        .sort()
        .reverse(),
    );
    expect(new Set(all.map((event) => event.target)).size).toBeGreaterThan(1);
    // What the server does at its start is told as its own.
    expect((await walk('/audit?actor=server')).map(({ action }) => action)).toContain(
      'client.create',
    );
  });

  test.each([
    'target[$ne]=',
    'action[$regex]=.',
    'after=nonsense',
    'limit=501',
    'unheard=of',
    'target=',
    'actor=a&actor=b',
  ])('does not take %s', async (query) => {
    const answer = await op.admin(`/audit?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed' } });
    expect(answer.body.errors.length).toBeGreaterThan(0);
  });

  test('does not take the cursor of another question', async () => {
    const client = await op.createClient();
    await patch(client, { client_name: 'x' });
    const { body } = await op.admin(`/audit?limit=1&target=client:${client.client_id}`);
    expect(body.next).toEqual(expect.any(String));
    expect((await op.admin(`/audit?limit=1&after=${body.next}`)).status).toBe(400);
  });
});

test('a deleted client’s history is still readable, and there is nothing to restore', async () => {
  const client = await op.createClient({ client_name: 'Gone' });
  await send('DELETE', at(client));
  expect((await op.admin(at(client))).status).toBe(404);
  const [deleted, created] = await historyOf(client);
  expect(deleted).toMatchObject({ action: 'client.delete' });
  expect(deleted?.changes).toContainEqual({
    pointer: '',
    before: expect.objectContaining({ client_name: 'Gone' }),
  });
  expect(JSON.stringify(deleted)).not.toContain(client.client_secret);
  expect((await restore(client, deleted?.id)).status).toBe(404);
  expect((await restore(client, created?.id)).status).toBe(404);
});

test('a client is not deleted under an ETag that is not its own', async () => {
  const client = await op.createClient();
  const etag = (await op.admin(at(client))).headers.get('etag') ?? '';
  const patched = await patch(client, { client_name: 'Two' });
  expect((await send('DELETE', at(client), undefined, { 'If-Match': etag })).status).toBe(412);
  const current = { 'If-Match': patched.headers.get('etag') ?? '' };
  expect((await send('DELETE', at(client), undefined, current)).status).toBe(204);
});
