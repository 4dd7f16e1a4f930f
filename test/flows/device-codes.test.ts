import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DEVICE_CODE } from '../../src/clients/values.ts';
import { newId } from '../../src/lib/ids.ts';
import { type Agent, createAgent, wordsOf } from '../support/agent.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { pass } from './clock.ts';
import {
  ask,
  createDevice,
  enter,
  letIn,
  obtain,
  poll,
  refusal,
  scope,
} from './device-requests.ts';
import { introspect, postAs, refresh } from './requests.ts';

let op: Op;
let ours: TestClient;
let theirs: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [ours, theirs, account] = await Promise.all([
    createDevice(op, { client_name: 'Our Films' }),
    createDevice(op, { client_name: 'Their Games', first_party: false }),
    op.createAccount({ name: 'Ada Lovelace', phone_number: '+15550100' }),
  ]);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

describe('a device', () => {
  test('that polls too fast is slowed down, and answered at its interval', async () => {
    const asked = await ask(op, ours);
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'authorization_pending']);
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'slow_down']);
    pass(5);
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'authorization_pending']);
    const both = await Promise.all([poll(op, ours, asked), poll(op, ours, asked)]);
    expect(both.map(refusal)).toEqual([
      [400, 'slow_down'],
      [400, 'slow_down'],
    ]);
    pass(10);
    const { status } = await letIn(op, asked, account);
    expect([status, (await poll(op, ours, asked)).status]).toEqual([200, 200]);
  });

  test('gets tokens once: a code that is used twice is refused, and what it led to is revoked', async () => {
    const { asked, tokens } = await obtain(op, ours, account);
    expect(await introspect(op, ours, tokens.access_token)).toMatchObject({ active: true });
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'invalid_grant']);
    expect(await introspect(op, ours, tokens.access_token)).toEqual({ active: false });
    expect(refusal(await refresh(op, ours, tokens.refresh_token))).toEqual([400, 'invalid_grant']);
  });

  test('of ten polls at once with a code that was allowed exactly one gets tokens', async () => {
    const asked = await ask(op, ours);
    await letIn(op, asked, account);
    const answers = await Promise.all(Array.from({ length: 10 }, () => poll(op, ours, asked)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(400)]);
  });

  test('that presents another client’s code is refused, and the code is spoiled', async () => {
    const waiting = await ask(op, ours);
    expect(refusal(await poll(op, theirs, waiting))).toEqual([400, 'invalid_grant']);
    expect(refusal(await poll(op, ours, waiting))).toEqual([400, 'invalid_grant']);
    expect(wordsOf(await enter(op, createAgent(op.issuer), waiting.user_code))).toContain(
      'do not know',
    );

    const { asked, tokens } = await obtain(op, ours, account);
    expect(refusal(await poll(op, theirs, asked))).toEqual([400, 'invalid_grant']);
    expect(await introspect(op, ours, tokens.access_token)).toEqual({ active: false });
    expect(refusal(await refresh(op, ours, tokens.refresh_token))).toEqual([400, 'invalid_grant']);
  });

  test('gets no refresh token when its client is not registered for it', async () => {
    const { tokens } = await obtain(
      op,
      await createDevice(op, { grant_types: [DEVICE_CODE] }),
      account,
    );
    expect(Object.keys(tokens).sort()).toEqual([
      'access_token',
      'expires_in',
      'id_token',
      'scope',
      'token_type',
    ]);
  });

  test('gets an ID token as by a code: OpenID conformance moves the profile to UserInfo', async () => {
    const claims = async (client: TestClient) => {
      const { tokens } = await obtain(op, client, account);
      return JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString());
    };
    expect(await claims(ours)).toMatchObject({ sub: account.id, name: 'Ada Lovelace' });
    const conforming = await claims(await createDevice(op, { openid_conformance: true }));
    expect(conforming).toMatchObject({ sub: account.id });
    expect(conforming).not.toHaveProperty('name');
  });

  test('of a native client registered for it signs people in', async () => {
    const native = await op.createClient({
      type: 'native',
      redirect_uris: ['com.example.tool:/cb'],
      grant_types: ['authorization_code', 'refresh_token', DEVICE_CODE],
    });
    expect((await obtain(op, native, account)).tokens.refresh_token).toEqual(expect.any(String));
  });

  test('that asks for nothing is told so at once, and no person is', async () => {
    for (const nothing of [{ scope: undefined }, { scope: 'everything' }]) {
      const answer = await postAs(op, ours, '/device/authorize', nothing);
      expect(refusal(answer)).toEqual([400, 'invalid_scope']);
    }
  });

  test('of a client that is not registered for it is refused at both endpoints', async () => {
    const web = await op.createClient();
    expect(refusal(await postAs(op, web, '/device/authorize', { scope }))).toEqual([
      400,
      'unauthorized_client',
    ]);
    expect(refusal(await poll(op, web, await ask(op, ours)))).toEqual([400, 'unauthorized_client']);
  });
});

test('wrong codes are limited by address and by account, shown and told in seconds', async () => {
  const rate = { max: 3, per: 600 };
  const strict = await startOp({ limits: { device: { account: rate, ip: { max: 6, per: 600 } } } });
  try {
    const [client, person] = await Promise.all([createDevice(strict), strict.createAccount()]);
    const right = () => ask(strict, client);
    const type = (agent: Agent, user_code: string) => enter(strict, agent, user_code);

    const known = createAgent(strict.issuer);
    const asked = await right();
    const login = await known.submit(await type(known, asked.user_code), { confirm: 'yes' });
    await known.login(login, person);
    for (let tries = 0; tries < 3; tries += 1)
      expect((await type(known, 'BBBB-BBBB')).status).toBe(422);
    const refused = await type(known, (await right()).user_code);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(590);
    expect(wordsOf(refused)).toContain('There were too many wrong codes. You can try again in');

    // Somebody else at the same address has three of the address's six tries left.
    const stranger = createAgent(strict.issuer);
    for (let tries = 0; tries < 3; tries += 1)
      expect((await type(stranger, 'CCCC-CCCC')).status).toBe(422);
    expect((await type(stranger, (await right()).user_code)).status).toBe(429);
    const link = await createAgent(strict.issuer).visit((await right()).verification_uri_complete);
    expect(link.status).toBe(429);

    pass(601);
    expect((await type(stranger, (await right()).user_code)).status).toBe(200);
    expect(JSON.stringify(strict.logs)).not.toMatch(/BBBB|CCCC/);
  } finally {
    await strict.close();
  }
});

test('two processes on one store slow the same poller down', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clientele-'));
  const store = `sqlite:${join(folder, 'shared.db')}`;
  const shared = { secrets_key: newId(256), admin: { client_secret: newId(256) } };
  const one = await startOp(shared, { store });
  const two = await startOp(shared, { store });
  try {
    const client = await createDevice(one);
    const asked = await ask(one, client);
    const at = async (op: Op) => refusal(await poll(op, client, asked));
    expect(await at(one)).toEqual([400, 'authorization_pending']);
    await pause(two.store.staleness + 150);
    expect(await at(two)).toEqual([400, 'slow_down']);
    pass(5);
    expect(await at(two)).toEqual([400, 'authorization_pending']);
  } finally {
    await Promise.all([one.close(), two.close()]);
    rmSync(folder, { recursive: true });
  }
});

describe('a client of the type device', () => {
  const create = (body: object) =>
    op.admin('/clients', { method: 'POST', body: { client_name: 'TV', type: 'device', ...body } });
  const flaws = ({ body }: { body: { errors?: Record<string, string>[] } }) =>
    (body.errors ?? []).map(({ pointer, rule, fix }) => ({ pointer, rule, fix }));

  test('begins as a public client with the device flow and refresh tokens', async () => {
    const { status, body } = await create({});
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({
        grant_types: [DEVICE_CODE, 'refresh_token'],
        response_types: [],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
      }),
    ]);
    expect(body).not.toHaveProperty('client_secret');
  });

  test('has no redirects and no other grants, and is told what to change', async () => {
    const redirects = await create({ redirect_uris: ['https://tv.example/callback'] });
    expect(redirects.status).toBe(422);
    expect(flaws(redirects)).toContainEqual({
      pointer: '/redirect_uris',
      rule: 'no-user-flows',
      fix: expect.stringMatching(/\w/),
    });
    const grants = await create({ grant_types: [DEVICE_CODE, 'client_credentials'] });
    expect(grants.status).toBe(422);
    expect(flaws(grants)).toContainEqual({
      pointer: '/grant_types/1',
      rule: 'allowed-grants',
      fix: expect.stringMatching(/\w/),
    });
  });
});
