import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createAgent, isConsent, isLogin, leftFor } from '../support/agent.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import { pass } from './clock.ts';
import { authorizeUrl, obtainTokens, userInfo } from './requests.ts';

let op: Op;
let client: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [client, account] = await Promise.all([op.createClient(), op.createAccount()]);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

const url = (fields: Record<string, string> = {}) => authorizeUrl(op, client, fields);
const signedIn = async (remember = true) => {
  const agent = createAgent(op.issuer);
  await agent.login(url(), { ...account, remember });
  return agent;
};

test('a second client needs no second login', async () => {
  const agent = await signedIn();
  const other = await op.createClient();
  const left = leftFor(await agent.visit(authorizeUrl(op, other)));
  expect(left.searchParams.get('code')).toBeTruthy();
});

describe('the session cookie', () => {
  test('is closed to scripts and to requests of other sites', async () => {
    const agent = createAgent(op.issuer);
    const page = await agent.visit(url());
    for (const cookie of agent.cookies())
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'lax', host: '127.0.0.1' });
    expect(agent.cookie('interaction')?.path).toBe(new URL(page.url).pathname);
    await agent.login(page, account);
    expect(agent.cookie('session')).toMatchObject({ httpOnly: true, sameSite: 'lax', path: '/' });
    expect(agent.cookie('interaction')?.path).toBe(new URL(page.url).pathname);
  });

  test('is a new one after login, so that one planted before is worth nothing', async () => {
    const agent = createAgent(op.issuer);
    const first = await agent.visit(url());
    // Whoever plants a cookie knows it; `prompt=none` below asks with the one from before.
    agent.plant({ name: 'session', value: 'planted-by-somebody-else-000000000000000' });
    await agent.login(first, account);
    const value = agent.cookie('session')?.value ?? '';
    expect(value).toMatch(/^[\w-]{43}$/);
    const attacker = createAgent(op.issuer);
    attacker.plant({ name: 'session', value: 'planted-by-somebody-else-000000000000000' });
    const left = leftFor(await attacker.visit(url({ prompt: 'none' })));
    expect(left.searchParams.get('error')).toBe('login_required');
  });

  test('of somebody else’s visit is not signed in by a login with it', async () => {
    const attacker = createAgent(op.issuer);
    // The logout page keeps something before anybody is signed in, so it gives out a true cookie.
    await attacker.visit(`${op.issuer}/logout`);
    const { value } = attacker.cookie('session') ?? { value: '' };
    expect(value).toMatch(/^[\w-]{43}$/);
    const victim = createAgent(op.issuer);
    victim.plant({ name: 'session', value });
    expect(leftFor(await victim.login(url(), account)).searchParams.has('code')).toBe(true);
    expect(victim.cookie('session')?.value).not.toBe(value);
    const left = leftFor(await attacker.visit(url({ prompt: 'none' })));
    expect(left.searchParams.get('error')).toBe('login_required');
  });

  test('is a new one after each further login as well', async () => {
    const agent = await signedIn();
    const before = agent.cookie('session')?.value ?? '';
    await agent.login(url({ prompt: 'login' }), account);
    const after = agent.cookie('session')?.value;
    expect(after).not.toBe(before);
    const attacker = createAgent(op.issuer);
    attacker.plant({ name: 'session', value: before });
    const left = leftFor(await attacker.visit(url({ prompt: 'none' })));
    expect(left.searchParams.get('error')).toBe('login_required');
  });

  test('ends with the browser when the device is not to be remembered', async () => {
    const remembered = await signedIn(true);
    const soon = Date.now() + 13 * 86_400_000;
    expect(remembered.cookie('session')?.expires).toBeGreaterThan(soon);
    const forgotten = await signedIn(false);
    expect(forgotten.cookie('session')).toBeDefined();
    expect(forgotten.cookie('session')?.expires).toBeUndefined();
    await forgotten.visit(url());
    expect(forgotten.cookie('session')?.expires).toBeUndefined();
  });

  test('is worth nothing after two weeks without use, and lives on with it', async () => {
    const [idle, busy] = [await signedIn(), await signedIn()];
    for (let week = 0; week < 3; week += 1) {
      pass(6 * 86_400);
      expect(leftFor(await busy.visit(url())).searchParams.get('code')).toBeTruthy();
    }
    expect(isLogin(await idle.visit(url()))).toBe(true);
  });
});

test('with https the cookies are Secure, and the session cookie bound to its host', async () => {
  const secure = await startOp({ issuer: 'https://op.example' });
  try {
    const { port } = secure.config.http;
    const { adminClient } = secure;
    expect(adminClient.client_id).toBeTruthy();
    // The proxy in front speaks TLS; here it is left out.
    const answer = await fetch(
      `http://127.0.0.1:${port}/authorize?client_id=${adminClient.client_id}&prompt=none`,
      { redirect: 'manual' },
    );
    expect(answer.headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/);
    const lines = answer.headers.getSetCookie();
    for (const line of lines) expect(line).toMatch(/^__(Host|Secure)-.*; secure/i);
  } finally {
    await secure.close();
  }
});

describe('an account that was disabled', () => {
  test('has no session any more', async () => {
    const person = await op.createAccount();
    const agent = createAgent(op.issuer);
    await agent.login(url(), person);
    await op.admin(`/accounts/${person.id}`, { method: 'PATCH', body: { disabled: true } });
    const page = await agent.visit(url());
    expect(page.left?.searchParams.get('code') ?? undefined).toBeUndefined();
  });
});

describe('a session that is used again', () => {
  const lastSeen = async ({ id }: TestAccount) =>
    (await op.admin(`/sessions?account=${id}`)).body.items[0]?.last_seen_at;

  test('is written when a minute has gone by, not at each use', async () => {
    const person = await op.createAccount();
    const agent = createAgent(op.issuer);
    await agent.login(url(), person);
    const first = await lastSeen(person);
    pass(30);
    expect(leftFor(await agent.visit(url())).searchParams.has('code')).toBe(true);
    expect(await lastSeen(person)).toBe(first);
    pass(31);
    expect(leftFor(await agent.visit(url())).searchParams.has('code')).toBe(true);
    expect(await lastSeen(person)).toBeGreaterThanOrEqual(first + 60);
  });

  test('is written at once when it has become another', async () => {
    const person = await op.createAccount();
    const agent = createAgent(op.issuer);
    await agent.login(url(), person);
    const other = await op.createClient();
    await agent.visit(authorizeUrl(op, other));
    const { body } = await op.admin(`/sessions?account=${person.id}`);
    expect(
      body.items[0].clients.map(({ client_id }: { client_id: string }) => client_id).sort(),
    ).toEqual([client.client_id, other.client_id].sort());
  });
});

describe('max_age', () => {
  test('asks for a new login when the last one is older', async () => {
    const agent = await signedIn();
    expect((await agent.visit(url({ max_age: '100' }))).left).toBeDefined();
    pass(101);
    const page = await agent.visit(url({ max_age: '100' }));
    expect(isLogin(page)).toBe(true);
    expect(leftFor(await agent.login(page, account)).searchParams.get('code')).toBeTruthy();
  });

  test('may be the client’s own', async () => {
    const strict = await op.createClient({ default_max_age: 100 });
    const agent = await signedIn();
    expect((await agent.visit(authorizeUrl(op, strict))).left).toBeDefined();
    pass(101);
    expect(isLogin(await agent.visit(authorizeUrl(op, strict)))).toBe(true);
    const { left } = await agent.visit(authorizeUrl(op, strict, { prompt: 'none' }));
    expect(left?.searchParams.get('error')).toBe('login_required');
  });

  test('of a new login is told in the ID token', async () => {
    const rp = await createRp(op.issuer, client);
    const { agent, claims } = await rp.signIn(account, { max_age: '100' });
    pass(200);
    const { claims: later } = await rp.signIn(account, { max_age: '100' }, agent);
    expect((later.auth_time ?? 0) - (claims.auth_time ?? 0)).toBeGreaterThanOrEqual(200);
  });
});

describe('prompt', () => {
  test('none without a session is answered with login_required', async () => {
    const left = leftFor(await createAgent(op.issuer).visit(url({ prompt: 'none' })));
    expect(left.searchParams.get('error')).toBe('login_required');
  });

  test('none with a session shows no page', async () => {
    const left = leftFor(await (await signedIn()).visit(url({ prompt: 'none' })));
    expect(left.searchParams.get('code')).toBeTruthy();
  });

  test('login asks although there is a session', async () => {
    const agent = await signedIn();
    const page = await agent.visit(url({ prompt: 'login' }));
    expect(isLogin(page)).toBe(true);
    expect(leftFor(await agent.login(page, account)).searchParams.get('code')).toBeTruthy();
  });

  test('login cannot be skipped by going to the end at once', async () => {
    const agent = await signedIn();
    const page = await agent.visit(url({ prompt: 'login' }));
    const uid = page.url.split('/').at(-1);
    const after = await agent.visit(`${op.issuer}/authorize/${uid}`);
    expect(after.left?.searchParams.get('code') ?? undefined).toBeUndefined();
  });

  test('consent asks although the client is our own', async () => {
    expect(isConsent(await (await signedIn()).visit(url({ prompt: 'consent' })))).toBe(true);
  });

  test('login consent asks for both', async () => {
    const agent = await signedIn();
    const page = await agent.visit(url({ prompt: 'login consent' }));
    expect(isLogin(page)).toBe(true);
    expect(isConsent(await agent.login(page, account))).toBe(true);
  });
});

describe('id_token_hint', () => {
  test('of the signed-in person lets prompt=none through', async () => {
    const agent = await signedIn();
    const { id_token } = await obtainTokens(op, client, account, {}, agent);
    const left = leftFor(await agent.visit(url({ prompt: 'none', id_token_hint: id_token })));
    expect(left.searchParams.get('code')).toBeTruthy();
  });

  test('of another person does not', async () => {
    const other = await op.createAccount();
    const { id_token } = await obtainTokens(op, client, other);
    const agent = await signedIn();
    const left = leftFor(await agent.visit(url({ prompt: 'none', id_token_hint: id_token })));
    expect(left.searchParams.get('error')).toBe('login_required');
  });

  test.each(['e30.e30.', 'x', 'a.b.c'])('such as %s is refused', async (hint) => {
    const left = leftFor(await (await signedIn()).visit(url({ id_token_hint: hint })));
    expect(left.searchParams.get('error')).toBe('invalid_request');
  });

  test('of another client is refused', async () => {
    const other = await op.createClient();
    const { id_token } = await obtainTokens(op, other, account);
    const left = leftFor(await (await signedIn()).visit(url({ id_token_hint: id_token })));
    expect(left.searchParams.get('error')).toBe('invalid_request');
  });
});

test('another person may log in, and the first one’s tokens end with the session', async () => {
  const agent = createAgent(op.issuer);
  const tokens = await obtainTokens(op, client, account, {}, agent);
  const other = await op.createAccount();
  let page = await agent.login(url({ prompt: 'login' }), other);
  // The engine ends the first session by a form that browsers without scripts show as a button.
  while (!page.left && page.forms.length > 0) page = await agent.submit(page, {});
  const code = leftFor(page).searchParams.get('code');
  expect(code).toBeTruthy();
  expect((await userInfo(op, tokens.access_token)).status).toBe(401);
  const mine = await obtainTokens(op, client, other, {}, agent);
  expect((await userInfo(op, mine.access_token)).body.sub).toBe(other.id);
});
