import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pass } from '../flows/clock.ts';
import { type Op, startOp, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import { register, registered, send, tokenFor, update, webClient } from './registrations.ts';

const DAY = 86_400;
const machine = { grant_types: ['client_credentials'] };

let op: Op;
let token: string;
beforeAll(async () => {
  op = await startOp({ registration: { unused_days: 10, quarantine_days: 5, check_seconds: 1 } });
});
// The clock only goes on: what one test did is in the past of the next.
afterAll(async () => {
  jest.restoreAllMocks();
  await op.close();
});

const fresh = () => tokenFor(op, { types: ['web', 'server-to-server'] });
const known = (clientId: string) => op.admin(`/clients/${clientId}`);

/** Waits until the client is seen as `expected` says. */
async function until(
  clientId: string,
  expected: (answer: { status: number; body: Record<string, unknown> }) => boolean,
) {
  for (let i = 0; i < 60; i += 1) {
    const answer = await known(clientId);
    if (expected(answer)) return answer;
    await pause(100);
  }
  throw new Error(`client ${clientId} did not become so`);
}
const setAside = (clientId: string) =>
  until(clientId, ({ body }) => body.quarantined_at !== undefined);

const use = ({ client_id, client_secret }: Record<string, string>) =>
  op.post(
    '/token',
    { grant_type: 'client_credentials' },
    { basic: [String(client_id), String(client_secret)] },
  );

describe('a registered client that nobody uses', () => {
  test('is set aside, then deleted; one that is used and one of an administrator are not', async () => {
    token = await fresh();
    const [unused, used] = [
      await registered(op, token, machine),
      await registered(op, token, machine),
    ];
    const administered = await op.createClient();
    pass(9 * DAY);
    expect((await use(used)).status).toBe(200);
    pass(2 * DAY);
    await setAside(unused.client_id);
    expect((await use(unused)).body.error).toBe('invalid_client');
    expect(
      (
        await send(op, 'GET', unused.registration_client_uri, {
          token: unused.registration_access_token,
        })
      ).status,
    ).toBe(401);
    expect((await update(op, unused)).status).toBe(401);
    expect((await known(used.client_id)).body).not.toHaveProperty('quarantined_at');
    expect((await use(used)).status).toBe(200);

    pass(6 * DAY);
    await until(unused.client_id, ({ status }) => status === 404);
    expect((await known(used.client_id)).status).toBe(200);
    expect((await known(administered.client_id)).body).not.toHaveProperty('quarantined_at');

    const events = await op.admin(`/audit?target=client:${unused.client_id}`);
    const told = events.body.items.map((event: { action: string; actor: { via: string } }) => [
      event.action,
      event.actor.via,
    ]);
    expect(told).toEqual([
      ['client.delete', 'server'],
      ['client.update', 'server'],
      ['client.create', 'registration'],
    ]);
    const lines = op.logs.filter(({ client_id }) => client_id === unused.client_id);
    expect(lines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining([
        'registered client set aside: unused',
        'registered client deleted: unused',
      ]),
    );
  });

  test('can be had back by an administrator', async () => {
    const information = await registered(op, await fresh(), machine);
    const path = `/clients/${information.client_id}/quarantine`;
    expect((await op.admin(path, { method: 'DELETE' })).status).toBe(404);
    pass(11 * DAY);
    await setAside(information.client_id);
    expect((await op.admin(path, { method: 'DELETE' })).status).toBe(204);
    expect((await use(information)).status).toBe(200);
    expect((await update(op, information)).status).toBe(200);
    await pause(2500);
    expect((await known(information.client_id)).body).not.toHaveProperty('quarantined_at');
  });
});

describe('a registered client that has a lifetime', () => {
  test('is none from the second that it ends, and is deleted', async () => {
    const own = await tokenFor(op, { lifetime: 600 });
    const information = await registered(op, own, {
      ...webClient,
      grant_types: ['authorization_code', 'refresh_token'],
    });
    const rp = await createRp(op.issuer, information as TestClient);
    const account = await op.createAccount();
    const { tokens } = await rp.signIn(account);
    pass(601);
    const refused = await op.post(
      '/token',
      { grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
      { basic: [information.client_id, information.client_secret] },
    );
    expect([refused.status, refused.body.error]).toEqual([401, 'invalid_client']);
    const mine = { token: information.registration_access_token };
    expect((await send(op, 'GET', information.registration_client_uri, mine)).status).toBe(401);
    await until(information.client_id, ({ status }) => status === 404);
  });
});

describe('the secret of a policy with a lifetime of secrets', () => {
  test('stops working, and an update makes the next', async () => {
    const own = await tokenFor(op, { types: ['server-to-server'], secret_lifetime: 600 });
    const information = await registered(op, own, machine);
    expect((await use(information)).status).toBe(200);
    pass(601);
    expect((await use(information)).status).toBe(401);
    const { client_secret: _, ...rest } = information;
    const { body } = await update(op, rest);
    expect(body.client_secret).toHaveLength(43);
    expect(body.client_secret_expires_at).toBeGreaterThan(Date.now() / 1000);
    expect((await use(body)).status).toBe(200);
    expect((await use(information)).status).toBe(401);
  });
});

describe('an initial access token', () => {
  test('is dead when its time is over', async () => {
    const own = await tokenFor(op, {}, { expires_in: 60, uses: 10 });
    expect((await register(op, own)).status).toBe(201);
    pass(61);
    expect((await register(op, own)).status).toBe(401);
  });
});
