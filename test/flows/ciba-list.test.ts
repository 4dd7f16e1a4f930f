/** Back-channel requests (CIBA) as the person who is asked finds them in their account. */
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import { type Agent, createAgent, isLogin, type Page, wordsOf } from '../support/agent.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { ask, createAsker, decide, poll } from './ciba-requests.ts';
import { pass } from './clock.ts';
import { authorizeUrl } from './requests.ts';

let op: Op;
let shop: TestClient;
let till: TestClient;
let account: TestAccount;
let agent: Agent;
beforeAll(async () => {
  op = await startOp({ limits: { login: { account_ip: { max: 2, per: 900 } } } });
  [shop, till] = await Promise.all([
    createAsker(op, { client_name: 'Their Shop', first_party: false }),
    createAsker(op, { client_name: 'Our Till' }),
  ]);
});
beforeEach(async () => {
  // Verified, so that no e-mail comes between those of back-channel requests.
  account = await op.createAccount({ email_verified: true });
  agent = createAgent(op.issuer);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

const list = (by = agent) => by.visit(`${op.issuer}/account/requests`);
const linksOf = ({ html }: Page) =>
  [...html.matchAll(/href="(\/account\/requests\/[^"]+)"/g)].map(([, path]) => op.issuer + path);
const signIn = (by = agent, person = account) => by.login(`${op.issuer}/account/requests`, person);
const wait = (client = shop, binding_message?: string, person = account) =>
  ask(op, client, person, { scope: 'openid profile email', binding_message });

describe('the list', () => {
  test('asks who it is, and is empty for who is not asked anything', async () => {
    const page = await list();
    expect(isLogin(page)).toBe(true);
    expect(page.forms).toHaveLength(1);
    expect(page.forms[0]?.boxes).toEqual([]);
    const after = await agent.login(page, account);
    expect(after.url).toBe(`${op.issuer}/account/requests`);
    expect(wordsOf(after)).toContain('Nothing waits for your approval');
    expect(wordsOf(after)).toContain(account.email);
  });

  test('is there for who is signed in to an application', async () => {
    await wait(shop, 'Order 4711');
    await agent.authorize(authorizeUrl(op, await op.createClient()), account);
    const words = wordsOf(await list());
    expect(words).toContain('Their Shop');
    expect(words).toContain('Order 4711');
    expect(words).toMatch(/Expires in 10 minutes/);
  });

  test('has what waits, the first to expire first, in the language of the browser', async () => {
    await wait(shop);
    pass(60);
    await wait(till, 'Counter 7');
    await signIn();
    const german = await agent.visit(`${op.issuer}/account/requests`, { 'accept-language': 'de' });
    expect(wordsOf(german)).toMatch(
      /Their Shop Läuft in 9 Minuten ab .*Our Till Counter 7 Läuft in 10 Minuten ab/,
    );
  });

  test('has nothing of other people, and nothing that has expired', async () => {
    const other = await op.createAccount({ email_verified: true });
    await wait(till);
    await signIn();
    const [link = ''] = linksOf(await list());
    const stranger = createAgent(op.issuer);
    expect(linksOf(await signIn(stranger, other))).toEqual([]);
    expect((await stranger.visit(link)).status).toBe(410);
    pass(601);
    expect(linksOf(await list())).toEqual([]);
    expect((await agent.visit(link)).status).toBe(410);
  });

  test('has nothing of a client that is disabled meanwhile', async () => {
    const client = await createAsker(op);
    await wait(client);
    await op.admin(`/clients/${client.client_id}`, { method: 'PATCH', body: { disabled: true } });
    expect(linksOf(await signIn())).toEqual([]);
  });

  test('is closed again after a quarter of an hour, and when the account is disabled', async () => {
    await signIn();
    expect(isLogin(await list())).toBe(false);
    pass(901);
    expect(isLogin(await list())).toBe(true);
    await signIn();
    await op.admin(`/accounts/${account.id}`, { method: 'PATCH', body: { disabled: true } });
    expect(isLogin(await list())).toBe(true);
  });
});

describe('a request in it', () => {
  const open = async () => {
    await signIn();
    const [link = ''] = linksOf(await list());
    return agent.visit(link);
  };

  test('is allowed with the password, scope by scope', async () => {
    const asked = await wait(shop, 'Order 4711');
    const page = await open();
    expect(wordsOf(page)).toContain('Their Shop asks for your approval');
    expect(wordsOf(page)).toContain('Order 4711');
    const missing = await agent.submit(page, { decision: 'allow' });
    expect(missing.status).toBe(422);
    const scope = ['email'];
    const done = await agent.submit(page, { scope, password: account.password, decision: 'allow' });
    expect(wordsOf(done)).toContain('You have allowed it');
    expect(done.html).toContain('href="/account/requests"');
    expect((await poll(op, shop, asked)).body.scope).toBe('openid email');
    expect(linksOf(await list())).toEqual([]);
  });

  test('is denied without', async () => {
    const asked = await wait();
    const done = await agent.submit(await open(), { decision: 'deny' });
    expect(wordsOf(done)).toContain('You have denied it');
    expect((await poll(op, shop, asked)).body.error).toBe('access_denied');
  });

  test('cannot be decided by a page that is not ours', async () => {
    const asked = await wait();
    const page = await open();
    const foreign = await agent.submit(page, { csrf: 'x', decision: 'deny' });
    expect(foreign.status).toBe(403);
    expect((await poll(op, shop, asked)).body.error).toBe('authorization_pending');
  });

  test('is decided once, in the list or by the link of the e-mail', async () => {
    const first = await wait();
    const page = await open();
    expect(wordsOf(await decide(op, first.link, account))).toContain('You have allowed it');
    expect((await agent.submit(page, { decision: 'deny' })).status).toBe(410);
    expect((await poll(op, shop, first)).status).toBe(200);

    const second = await wait();
    await agent.submit(await open(), { decision: 'deny' });
    expect((await createAgent(op.issuer).visit(second.link)).status).toBe(410);
  });

  test('is decided by one of two who are as fast', async () => {
    const asked = await wait();
    const page = await open();
    const other = createAgent(op.issuer);
    const link = await other.visit(asked.link);
    const both = await Promise.all([
      agent.submit(page, { decision: 'deny' }),
      other.submit(link, { decision: 'allow', password: account.password, scope: 'openid' }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 410]);
  });

  test('is come back to by who must sign in first', async () => {
    await wait();
    const page = await open();
    agent.forget();
    const login = await agent.visit(page.url);
    expect(isLogin(login)).toBe(true);
    expect(wordsOf(await agent.login(login, account))).toContain('Their Shop asks');
  });
});

test('leads where the server is mounted', async () => {
  const mounted = await startOp({}, { path: '/auth' });
  try {
    const person = await mounted.createAccount({ email_verified: true });
    await ask(mounted, await createAsker(mounted), person);
    const there = createAgent(mounted.issuer);
    const page = await there.login(`${mounted.issuer}/account/requests`, person);
    const [, path = ''] = /href="([^"]+\/account\/requests\/[^"]+)"/.exec(page.html) ?? [];
    expect(path).toMatch(/^\/auth\//);
    const form = await there.visit(new URL(path, mounted.issuer));
    const done = await there.submit(form, { decision: 'deny' });
    expect(done.html).toContain('href="/auth/account/requests"');
  } finally {
    await mounted.close();
  }
});

test('signing in there is limited like any sign-in, and a page of others cannot do it', async () => {
  const page = await list();
  const foreign = await agent.submit(page, { ...account, csrf: 'x' } as never);
  expect([foreign.status, isLogin(foreign)]).toEqual([403, true]);
  expect((await agent.login(page, { email: '', password: '' })).status).toBe(422);
  const wrong = { ...account, password: 'not it' };
  for (const status of [422, 422, 429]) {
    expect((await agent.login(page, wrong)).status).toBe(status);
  }
  const limited = await agent.login(page, account);
  expect(limited.headers.get('retry-after')).toMatch(/^\d+$/);
});
