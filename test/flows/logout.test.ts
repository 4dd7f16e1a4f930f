import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Agent, createAgent, isLogout, leftFor, wordsOf } from '../support/agent.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { authorizeUrl, introspect, obtainTokens } from './requests.ts';

const GOODBYE = 'https://rp.example/goodbye';

let op: Op;
let client: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [client, account] = await Promise.all([
    op.createClient({ client_name: 'Our Shop', post_logout_redirect_uris: [GOODBYE] }),
    op.createAccount(),
  ]);
});
afterAll(() => op?.close());

const logoutUrl = (fields: Record<string, string> = {}) =>
  `${op.issuer}/logout?${new URLSearchParams(fields)}`;

const signedIn = async () => {
  const agent = createAgent(op.issuer);
  const tokens = await obtainTokens(op, client, account, {}, agent);
  return { agent, tokens, hint: tokens.id_token as string };
};

const isSignedIn = async (agent: Agent): Promise<boolean> => {
  const left = leftFor(await agent.visit(authorizeUrl(op, client, { prompt: 'none' })));
  return left.searchParams.has('code');
};

test('a relying party sends a person to log out, and gets them back with its state', async () => {
  const rp = await createRp(op.issuer, client);
  const { agent, tokens } = await rp.signIn(account);
  const url = openid.buildEndSessionUrl(rp.config, {
    id_token_hint: tokens.id_token ?? '',
    post_logout_redirect_uri: GOODBYE,
    state: 'after & all',
  });
  const page = await agent.visit(url);
  expect(wordsOf(page)).toContain('Do you want to sign out?');
  const left = leftFor(await agent.submit(page, { logout: 'yes' }));
  expect(left.origin + left.pathname).toBe(GOODBYE);
  expect(Object.fromEntries(left.searchParams)).toEqual({ state: 'after & all' });
  expect(await isSignedIn(agent)).toBe(false);
});

test('without a redirect a page tells of the logout', async () => {
  const { agent, hint } = await signedIn();
  const after = await agent.submit(await agent.visit(logoutUrl({ id_token_hint: hint })), {
    logout: 'yes',
  });
  expect(after.status).toBe(200);
  expect(wordsOf(after)).toContain('You are signed out');
  expect(await isSignedIn(agent)).toBe(false);
});

test('without any hint it works as well', async () => {
  const { agent } = await signedIn();
  const after = await agent.submit(await agent.visit(logoutUrl()), { logout: 'yes' });
  expect(wordsOf(after)).toContain('You are signed out');
  expect(await isSignedIn(agent)).toBe(false);
});

test('by client_id alone the person is sent back, too', async () => {
  const { agent } = await signedIn();
  const url = logoutUrl({ client_id: client.client_id, post_logout_redirect_uri: GOODBYE });
  const left = leftFor(await agent.submit(await agent.visit(url), { logout: 'yes' }));
  expect(left.href).toBe(GOODBYE);
});

describe('after the logout', () => {
  test('the old cookie is worth nothing', async () => {
    const { agent } = await signedIn();
    const old = agent.cookie('session')?.value ?? '';
    await agent.submit(await agent.visit(logoutUrl()), { logout: 'yes' });
    expect(agent.cookie('session')?.value).not.toBe(old);
    const thief = createAgent(op.issuer);
    thief.plant({ name: 'session', value: old });
    expect(await isSignedIn(thief)).toBe(false);
  });

  test('tokens of the session are inactive, of every client', async () => {
    const { agent, tokens } = await signedIn();
    const other = await op.createClient();
    const others = await obtainTokens(op, other, account, {}, agent);
    await agent.submit(await agent.visit(logoutUrl()), { logout: 'yes' });
    expect(await introspect(op, client, tokens.access_token)).toEqual({ active: false });
    expect(await introspect(op, client, tokens.refresh_token)).toEqual({ active: false });
    expect(await introspect(op, other, others.access_token)).toEqual({ active: false });
  });

  test('another session of the person goes on', async () => {
    const [first, second] = [await signedIn(), await signedIn()];
    await first.agent.submit(await first.agent.visit(logoutUrl()), { logout: 'yes' });
    expect(await isSignedIn(second.agent)).toBe(true);
    expect(await introspect(op, client, second.tokens.access_token)).toMatchObject({
      active: true,
    });
  });

  test('a logout once more says the same', async () => {
    const { agent, hint } = await signedIn();
    await agent.submit(await agent.visit(logoutUrl()), { logout: 'yes' });
    let page = await agent.visit(logoutUrl({ id_token_hint: hint }));
    if (page.forms.length > 0) page = await agent.submit(page, {});
    expect(wordsOf(page)).toContain('You are signed out');
  });
});

describe('who stays signed in', () => {
  test('is, and is sent back all the same', async () => {
    const { agent, hint } = await signedIn();
    const url = logoutUrl({ id_token_hint: hint, post_logout_redirect_uri: GOODBYE, state: 's' });
    const left = leftFor(await agent.submit(await agent.visit(url), {}));
    expect(left.href).toBe(`${GOODBYE}?state=s`);
    expect(await isSignedIn(agent)).toBe(true);
  });

  test('is signed out of the client that asked, so its tokens end', async () => {
    const { agent, hint, tokens } = await signedIn();
    await agent.submit(await agent.visit(logoutUrl({ id_token_hint: hint })), {});
    expect(await introspect(op, client, tokens.access_token)).toEqual({ active: false });
    expect(await isSignedIn(agent)).toBe(true);
  });
});

describe('a post-logout redirect URI is refused', () => {
  test.each([
    'https://rp.example/goodbye/',
    'https://rp.example/goodbye?x=1',
    'https://rp.example/callback',
    'https://evil.example/',
    'https://rp.example@evil.example/goodbye',
    'http://rp.example/goodbye',
    '//rp.example/goodbye',
    '/goodbye',
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    '',
  ])('when it is not registered: %s', async (uri) => {
    const { agent, hint } = await signedIn();
    const url = logoutUrl({ id_token_hint: hint, post_logout_redirect_uri: uri });
    const page = await agent.visit(url);
    expect(page.left).toBeUndefined();
    expect(page.html).not.toContain('evil.example');
    expect(page.html).not.toContain('alert(1)');
    if (uri) expect([page.status, isLogout(page)]).toEqual([400, false]);
    expect(await isSignedIn(agent)).toBe(true);
  });

  test('or nobody says whose it is: then the person stays here', async () => {
    const { agent } = await signedIn();
    const page = await agent.visit(logoutUrl({ post_logout_redirect_uri: GOODBYE }));
    const after = await agent.submit(page, { logout: 'yes' });
    expect(after.left).toBeUndefined();
    expect(wordsOf(after)).toContain('You are signed out');
  });

  test('when it is another client’s', async () => {
    const other = await op.createClient({
      post_logout_redirect_uris: ['https://rp.example/other'],
    });
    const { agent } = await signedIn();
    const url = logoutUrl({ client_id: other.client_id, post_logout_redirect_uri: GOODBYE });
    expect((await agent.visit(url)).status).toBe(400);
  });
});

describe('a hint is refused', () => {
  test.each(['x', 'e30.e30.', 'a.b.c'])('such as %s', async (hint) => {
    const { agent } = await signedIn();
    const page = await agent.visit(logoutUrl({ id_token_hint: hint }));
    expect([page.status, isLogout(page)]).toEqual([400, false]);
  });

  test('with another signature', async () => {
    const { agent, hint } = await signedIn();
    const [header, payload] = hint.split('.');
    const forged = `${header}.${payload}.${'A'.repeat(342)}`;
    expect((await agent.visit(logoutUrl({ id_token_hint: forged }))).status).toBe(400);
  });

  test('that is of another client than the one named', async () => {
    const { agent, hint } = await signedIn();
    const other = await op.createClient();
    const url = logoutUrl({ id_token_hint: hint, client_id: other.client_id });
    expect((await agent.visit(url)).status).toBe(400);
  });
});

describe('the form does nothing', () => {
  test('by being visited', async () => {
    const { agent } = await signedIn();
    await agent.visit(logoutUrl());
    expect(await isSignedIn(agent)).toBe(true);
    expect((await agent.visit(`${op.issuer}/logout/confirm?logout=yes`)).status).toBe(404);
    expect(await isSignedIn(agent)).toBe(true);
  });

  test.each([
    ['without its token', undefined],
    ['with an empty one', ''],
    ['with another one', 'x'.repeat(43)],
  ])('%s', async (_, xsrf) => {
    const { agent } = await signedIn();
    const page = await agent.visit(logoutUrl());
    const after = await agent.submit(page, { xsrf, logout: 'yes' });
    expect(after.status).toBe(400);
    expect(await isSignedIn(agent)).toBe(true);
  });

  test('with the token of another browser', async () => {
    const [victim, attacker] = [await signedIn(), await signedIn()];
    const foreign = await attacker.agent.visit(logoutUrl());
    const xsrf = foreign.forms[0]?.fields.find(([name]) => name === 'xsrf')?.[1];
    const page = await victim.agent.visit(logoutUrl());
    expect((await victim.agent.submit(page, { xsrf, logout: 'yes' })).status).toBe(400);
    expect(await isSignedIn(victim.agent)).toBe(true);
  });
});
