import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { createAgent } from '../support/agent.ts';
import { type Op, startOp, type TestAccount } from '../support/op.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { obtainTokens } from './requests.ts';

let op: Op;
let account: TestAccount;
let receiver: Receiver;
beforeAll(async () => {
  op = await startOp({ logout: { retry_after: [0, 0, 1] } });
  account = await op.createAccount();
});
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver?.close());
afterAll(() => op?.close());

const createClient = () =>
  op.createClient({
    backchannel_logout_uri: receiver.uri,
    backchannel_logout_session_required: true,
  });

/** Signs in to each client in one browser, and out again. */
async function signInAndOut(clients: Awaited<ReturnType<typeof createClient>>[], server: Op = op) {
  const person = server === op ? account : await server.createAccount();
  const agent = createAgent(server.issuer);
  const idTokens: string[] = [];
  for (const client of clients) {
    idTokens.push((await obtainTokens(server, client, person, {}, agent)).id_token);
  }
  const page = await agent.submit(await agent.visit(`${server.issuer}/logout`), { logout: 'yes' });
  return { idTokens, page, person };
}

const failures = async (clientId: string, server: Op = op) =>
  (await server.admin(`/audit?action=client.logout.failed&target=client:${clientId}`)).body.items;

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let tries = 0; tries < 100; tries += 1) {
    const seen = await look();
    if (seen) return seen;
    await sleep(50);
  }
  throw new Error('it did not happen within 5 seconds');
}

test('discovery says that it is supported', async () => {
  expect((await op.get('/.well-known/openid-configuration')).body).toMatchObject({
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
  });
});

test('every client of the session gets a logout token with its own session', async () => {
  const clients = [await createClient(), await createClient()];
  const { idTokens, page } = await signInAndOut(clients);
  expect(page.status).toBe(200);
  expect(receiver.tokens).toHaveLength(2);
  const keys = createRemoteJWKSet(new URL(`${op.issuer}/jwks`));
  for (const [index, client] of clients.entries()) {
    const token = receiver.tokens.find((one) => decodeJwt(one).aud === client.client_id) ?? '';
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: op.issuer,
      audience: client.client_id,
    });
    const { sub, sid } = decodeJwt(idTokens[index] ?? '');
    expect(protectedHeader.typ).toBe('logout+jwt');
    expect(sid).toBeTruthy();
    expect(payload).toMatchObject({
      sub,
      sid,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(payload).not.toHaveProperty('nonce');
    expect(await failures(client.client_id)).toEqual([]);
  }
});

describe('a client that does not take it', () => {
  test('is told again, with a fresh token, until it does', async () => {
    receiver.answers.push(503, 400);
    const client = await createClient();
    const { page } = await signInAndOut([client]);
    expect(page.status).toBe(200);
    await until(() => receiver.tokens.length === 3);
    await until(() =>
      op.logs.find(
        ({ msg, client_id }) => msg === 'backchannel.success' && client_id === client.client_id,
      ),
    );
    expect(new Set(receiver.tokens.map((token) => decodeJwt(token).jti)).size).toBe(3);
    expect(new Set(receiver.tokens.map((token) => decodeJwt(token).sid)).size).toBe(1);
    expect(await failures(client.client_id)).toEqual([]);
  });

  test('at any attempt is named in the audit and in the log, without a token', async () => {
    receiver.answers.push(500, 500, 500, 500, 500, 500);
    const client = await createClient();
    await signInAndOut([client]);
    const [event] = await until(async () => {
      const items = await failures(client.client_id);
      return items.length > 0 ? items : undefined;
    });
    expect(receiver.tokens).toHaveLength(4);
    expect(event).toMatchObject({
      action: 'client.logout.failed',
      target: `client:${client.client_id}`,
      actor: { via: 'server', account_id: account.id, request: expect.any(String) },
      changes: [],
    });
    const line = op.logs.find(({ msg }) => msg === 'a client could not be told of a logout');
    expect(line).toMatchObject({
      client_id: client.client_id,
      attempts: 4,
      id: event.actor.request,
    });
    const told = JSON.stringify([event, op.logs]);
    for (const token of receiver.tokens) expect(told).not.toContain(token);
  });

  test('and is deleted is not told again', async () => {
    receiver.answers.push(500, 500, 500, 500);
    const client = await createClient();
    await signInAndOut([client]);
    await until(() => receiver.tokens.length === 3);
    expect((await op.admin(`/clients/${client.client_id}`, { method: 'DELETE' })).status).toBe(204);
    await sleep(1200);
    expect(receiver.tokens).toHaveLength(3);
    expect(await failures(client.client_id)).toEqual([]);
  });
});

test('a server that closes records whom it did not reach', async () => {
  receiver.answers.push(500);
  const other = await startOp({ logout: { retry_after: [3600] } });
  const client = await other.createClient({ backchannel_logout_uri: receiver.uri });
  await signInAndOut([client], other);
  expect(await failures(client.client_id, other)).toEqual([]);
  await other.close();
  expect(
    other.logs.find(({ msg }) => msg === 'a client could not be told of a logout'),
  ).toMatchObject({ client_id: client.client_id, attempts: 1 });
});
