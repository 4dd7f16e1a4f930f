import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createAgent } from '../support/agent.ts';
import { type Fields, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import { pass } from './clock.ts';
import { introspect, obtainTokens, refresh, userInfo } from './requests.ts';

let op: Op;
let client: TestClient;
let spa: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [client, spa, account] = await Promise.all([
    op.createClient(),
    op.createClient({ type: 'single-page-application' }),
    op.createAccount(),
  ]);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

const refused = { status: 400, body: expect.objectContaining({ error: 'invalid_grant' }) };
const statusOf = async (answer: ReturnType<typeof refresh>) => (await answer).status;
const offline: Fields = { scope: 'openid email offline_access', prompt: 'consent' };

test('a relying party refreshes, and gets a new refresh token each time', async () => {
  const rp = await createRp(op.issuer, client);
  const { tokens, claims } = await rp.signIn(account, { scope: 'openid email' });
  const seen = new Set([tokens.refresh_token]);
  let current = tokens;
  for (let round = 0; round < 3; round += 1) {
    current = await rp.refresh(current.refresh_token ?? '');
    seen.add(current.refresh_token);
    expect(current.scope).toBe('openid email');
    expect(current.claims()).toMatchObject({ sub: claims.sub, aud: client.client_id });
  }
  expect(seen.size).toBe(4);
  expect(await rp.userInfo(current)).toMatchObject({ email: account.email });
});

test('a refresh token that was used before ends the whole family', async () => {
  const { refresh_token: first } = await obtainTokens(op, client, account);
  const { body: second } = await refresh(op, client, first);
  const { body: third } = await refresh(op, client, second.refresh_token);
  expect(await introspect(op, client, third.access_token)).toMatchObject({ active: true });

  expect(await refresh(op, client, first)).toMatchObject(refused);
  for (const token of [third.refresh_token, third.access_token, second.access_token])
    expect(await introspect(op, client, token)).toEqual({ active: false });
  expect(await refresh(op, client, third.refresh_token)).toMatchObject(refused);
});

test.each(['another confidential client', 'a public client'])(
  'abuse case 13: a refresh token that %s presents is refused, and its grant is revoked',
  async (who) => {
    const thief = who === 'a public client' ? spa : await op.createClient();
    const { refresh_token, access_token } = await obtainTokens(op, client, account);
    expect(await refresh(op, thief, refresh_token)).toMatchObject(refused);
    expect(await refresh(op, client, refresh_token)).toMatchObject(refused);
    expect(await introspect(op, client, access_token)).toEqual({ active: false });
  },
);

describe('the scope of a refresh', () => {
  test('may be a part of what was granted, for this access token only', async () => {
    const tokens = await obtainTokens(op, client, account, { scope: 'openid email profile' });
    const { body: narrow } = await refresh(op, client, tokens.refresh_token, {
      scope: 'openid email',
    });
    expect(narrow.scope).toBe('openid email');
    const { body: claims } = await userInfo(op, narrow.access_token);
    expect(claims).toMatchObject({ email: account.email });
    expect(claims).not.toHaveProperty('name');
    const { body: wide } = await refresh(op, client, narrow.refresh_token);
    expect(wide.scope).toBe('openid email profile');
  });

  test('may not be more than what was granted', async () => {
    const tokens = await obtainTokens(op, client, account, { scope: 'openid email' });
    const { status, body } = await refresh(op, client, tokens.refresh_token, {
      scope: 'openid email phone',
    });
    expect([status, body.error]).toEqual([400, 'invalid_scope']);
    expect(await statusOf(refresh(op, client, tokens.refresh_token))).toBe(200);
  });
});

describe('a refresh token', () => {
  test('without offline_access ends with the session', async () => {
    const agent = createAgent(op.issuer);
    const tokens = await obtainTokens(op, client, account, {}, agent);
    const page = await agent.visit(`${op.issuer}/logout`);
    await agent.submit(page, { logout: 'yes' });
    expect(await refresh(op, client, tokens.refresh_token)).toMatchObject(refused);
    expect((await userInfo(op, tokens.access_token)).status).toBe(401);
  });

  test('with offline_access survives the session', async () => {
    const agent = createAgent(op.issuer);
    const tokens = await obtainTokens(op, client, account, offline, agent);
    expect(tokens.scope).toContain('offline_access');
    const page = await agent.visit(`${op.issuer}/logout`);
    await agent.submit(page, { logout: 'yes' });
    expect(await statusOf(refresh(op, client, tokens.refresh_token))).toBe(200);
  });

  test('gets no offline_access without asking the person', async () => {
    const tokens = await obtainTokens(op, client, account, { scope: 'openid offline_access' });
    expect(tokens.scope).toBe('openid');
  });
});

describe('time', () => {
  const days = (count: number) => count * 86_400;

  test('a family of a confidential client lives on as long as it is used', async () => {
    let { refresh_token } = await obtainTokens(op, client, account, offline);
    for (let round = 0; round < 3; round += 1) {
      pass(days(13));
      const { status, body } = await refresh(op, client, refresh_token);
      expect(status).toBe(200);
      refresh_token = body.refresh_token;
    }
    pass(days(15));
    expect(await refresh(op, client, refresh_token)).toMatchObject(refused);
  });

  test('a family of a single-page application ends when its first token would have', async () => {
    let { refresh_token } = await obtainTokens(op, spa, account, offline);
    for (const wait of [6, 6]) {
      pass(days(wait));
      const { status, body } = await refresh(op, spa, refresh_token);
      expect(status).toBe(200);
      refresh_token = body.refresh_token;
    }
    pass(days(3));
    expect(await refresh(op, spa, refresh_token)).toMatchObject(refused);
  });
});

describe('a refresh is refused', () => {
  test('when the account was disabled, and works again when it is enabled', async () => {
    const person = await op.createAccount();
    const { refresh_token } = await obtainTokens(op, client, person, offline);
    const change = (disabled: boolean) =>
      op.admin(`/accounts/${person.id}`, { method: 'PATCH', body: { disabled } });
    await change(true);
    expect(await refresh(op, client, refresh_token)).toMatchObject(refused);
    await change(false);
    expect(await statusOf(refresh(op, client, refresh_token))).toBe(200);
  });

  test('when the account was deleted', async () => {
    const person = await op.createAccount();
    const { refresh_token } = await obtainTokens(op, client, person, offline);
    await op.admin(`/accounts/${person.id}`, { method: 'DELETE' });
    expect(await refresh(op, client, refresh_token)).toMatchObject(refused);
  });

  test('when the client was deleted', async () => {
    const doomed = await op.createClient();
    const { refresh_token } = await obtainTokens(op, doomed, account, offline);
    await op.admin(`/clients/${doomed.client_id}`, { method: 'DELETE' });
    const { status, body } = await refresh(op, doomed, refresh_token);
    expect([status, body.error]).toEqual([401, 'invalid_client']);
  });

  test('when the client has lost the grant', async () => {
    const changing = await op.createClient();
    const { refresh_token } = await obtainTokens(op, changing, account, offline);
    const { status } = await op.admin(`/clients/${changing.client_id}`, {
      method: 'PATCH',
      body: { grant_types: ['authorization_code'] },
    });
    expect(status).toBe(200);
    expect(await statusOf(refresh(op, changing, refresh_token))).toBe(400);
  });
});
