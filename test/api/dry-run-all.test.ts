/** What the same change would do to every client, such as a profile for all of them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientsCollection, type StoredClient } from '../../src/clients/client.ts';
import type { Violation } from '../../src/lib/problem.ts';
import { makeKeys } from '../support/keys.ts';
import { type Op, startOp } from '../support/op.ts';

let op: Op;
const { jwks } = await makeKeys();
beforeAll(async () => {
  op = await startOp();
  const make = (metadata: object) => op.createClient(metadata);
  await make({ client_id: 'ready', jwks, fapi_profile: 'fapi2-security-profile' });
  await make({ client_id: 'keyed', jwks, client_name: 'Has keys' });
  await make({ client_id: 'plain', client_name: 'Has none' });
  await make({ client_id: 'spa', type: 'single-page-application' });
  await make({ client_id: 'loopback', type: 'native', redirect_uris: ['http://127.0.0.1/cb'] });
  await make({ client_id: 'off', disabled: true });
});
afterAll(() => op?.close());

const all = async (patch: unknown) => {
  const answer = await op.admin('/clients/dry-run', { method: 'POST', body: { all: patch } });
  expect(answer.status).toBe(200);
  return answer.body as {
    clients: number;
    refused: number;
    items: {
      client_id: string;
      client_name?: string;
      accepted: boolean;
      refused: Violation[];
      stops: { kind: string; value: string }[];
      repair: { patch: Record<string, unknown>; remaining: Violation[] };
    }[];
  };
};

test('counts who would be refused, and offers what would mend it', async () => {
  const profile = { fapi_profile: 'fapi2-security-profile' };
  const told = await all(profile);
  // The administration's own client and the dashboard's are two of them.
  expect({ clients: told.clients, refused: told.refused }).toEqual({ clients: 8, refused: 7 });
  const byId = new Map(told.items.map((item) => [item.client_id, item]));
  expect([...byId.keys()].sort()).toEqual(
    ['clientele-dashboard', 'keyed', 'loopback', 'off', 'plain', 'spa', 'test-admin'].sort(),
  );
  const keyed = byId.get('keyed');
  expect(keyed).toMatchObject({ client_name: 'Has keys', accepted: false });
  expect(keyed?.refused.every(({ spec }) => spec)).toBe(true);
  expect(keyed?.repair.remaining).toEqual([]);
  expect(byId.get('plain')?.repair.remaining).toEqual([
    expect.objectContaining({ pointer: '/jwks' }),
  ]);
  expect(byId.get('spa')?.repair.remaining.length).toBeGreaterThan(0);

  // What is offered is enough where nothing remains.
  const body = { ...profile, ...keyed?.repair.patch };
  const patched = await op.admin('/clients/keyed', { method: 'PATCH', body });
  expect(patched).toMatchObject({ status: 200, body: { conforming: true, ...profile } });
  expect((await all(profile)).refused).toBe(6);
});

test('names who would lose something though nobody would be refused', async () => {
  const told = await all({ disabled: true });
  expect(told.refused).toBe(0);
  expect(told.items.map(({ client_id }) => client_id)).not.toContain('off');
  expect(told.items.map(({ client_id }) => client_id)).toContain('plain');
  for (const item of told.items) {
    expect(item).toMatchObject({ accepted: true, stops: [{ kind: 'client' }] });
  }
});

test('goes on where it stopped, so that each client is judged once', async () => {
  const profile = { fapi_profile: 'fapi2-security-profile' };
  const whole = await all(profile);
  const pages: Awaited<ReturnType<typeof all>>[] = [];
  for (let after: string | undefined, first = true; first || after; first = false) {
    const body = { all: profile, limit: 3, ...(after && { after }) };
    const answer = await op.admin('/clients/dry-run', { method: 'POST', body });
    pages.push(answer.body);
    after = answer.body.next;
  }
  expect(pages.map(({ clients }) => clients)).toEqual([3, 3, 2]);
  expect(pages.flatMap(({ items }) => items)).toEqual(whole.items);
});

test('of nothing finds nothing wrong with clients that the server made itself', async () => {
  expect(await all({})).toEqual({ clients: 8, refused: 0, items: [] });
});

test('counts more clients than a page holds', async () => {
  const clients = op.store.collection<StoredClient>(clientsCollection);
  const template = (await clients.get('plain'))?.value as StoredClient;
  for (let n = 0; n < 450; n += 1) await clients.insert(`copy-${n}`, template);
  const told = await all({ first_party: false, redirect_uris: ['http://x.example/'] });
  expect({ clients: told.clients, refused: told.refused }).toEqual({
    clients: 458,
    refused: 458,
  });
  for (let n = 0; n < 450; n += 1) await clients.delete(`copy-${n}`);
});

describe('with many clients', () => {
  const body = {
    all: { fapi_profile: 'fapi2-security-profile', redirect_uris: ['http://x.example/'] },
  };
  const ask = (more: object = {}) =>
    op.admin('/clients/dry-run', { method: 'POST', body: { ...body, ...more } });
  const ids = Array.from({ length: 900 }, (_, n) => `many-${String(n).padStart(4, '0')}`);
  beforeAll(async () => {
    const clients = op.store.collection<StoredClient>(clientsCollection);
    const template = (await clients.get('plain'))?.value as StoredClient;
    for (const id of ids) await clients.insert(id, template);
  });
  afterAll(() => op.store.collection(clientsCollection).deleteBy('type', 'web'));

  test('everybody else is served meanwhile', async () => {
    let [answered, done] = [0, false];
    const whole = ask().finally(() => {
      done = true;
    });
    while (!done) {
      expect((await fetch(`${op.issuer}/health/live`)).status).toBe(200);
      answered += 1;
    }
    expect((await whole).body.clients).toBeGreaterThan(ids.length);
    expect(answered).toBeGreaterThan(10);
  });

  test('who does not wait is told how far it has come, and in the end the same', async () => {
    const whole = (await ask()).body;
    let told = (await ask({ wait: false, limit: 1 })).body;
    expect(told).toMatchObject({ complete: false, clients: 50, at: expect.any(Number) });
    while (!told.complete) told = (await ask({ wait: false, limit: 1 })).body;
    told = (await ask({ wait: false, limit: 500 })).body;
    const rest = (await ask({ wait: false, after: told.next })).body;
    expect(told).toMatchObject({ clients: whole.clients, refused: whole.refused });
    expect([...told.items, ...rest.items]).toEqual(whole.items);
    expect(told.items).toHaveLength(500);
    expect(rest.next).toBeUndefined();
  });

  test('trials give way to newer ones, and begin anew when they are asked for again', async () => {
    const names = ['A', 'B', 'C', 'D', 'E', 'F'];
    const one = (client_name: string) =>
      ask({ all: { client_name, grant_types: [] }, wait: false });
    for (const name of names) expect((await one(name)).body.clients).toBe(50);
    let first = (await one('A')).body;
    expect(first.clients).toBe(50);
    while (!first.complete) first = (await one('A')).body;
    expect(first.clients).toBeGreaterThan(ids.length);
  });
});
