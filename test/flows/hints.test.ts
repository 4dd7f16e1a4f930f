/** What a request may say of the person it is about, and of how they are to be asked. */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createAgent, isConsent, isLogin, leftFor, wordsOf } from '../support/agent.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { pass } from './clock.ts';
import { authorizeUrl, obtainTokens } from './requests.ts';

let op: Op;
let client: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [client, account] = await Promise.all([op.createClient(), op.createAccount()]);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

const url = (fields: Record<string, string> = {}, by = client) => authorizeUrl(op, by, fields);
const signedIn = async () => {
  const agent = createAgent(op.issuer);
  await agent.login(url(), account);
  return agent;
};
const errorOf = (page: { left?: URL }) => page.left?.searchParams.get('error');

describe('max_age', () => {
  test('of nothing asks for a new login, once', async () => {
    const agent = await signedIn();
    pass(2);
    const page = await agent.visit(url({ max_age: '0' }));
    expect(isLogin(page)).toBe(true);
    expect(leftFor(await agent.login(page, account)).searchParams.get('code')).toBeTruthy();
  });

  test('that has passed is login_required where nobody may be asked', async () => {
    const agent = await signedIn();
    pass(101);
    expect(errorOf(await agent.visit(url({ max_age: '100', prompt: 'none' })))).toBe(
      'login_required',
    );
    expect(leftFor(await agent.visit(url({ max_age: '200', prompt: 'none' })))).toBeDefined();
  });

  test('counts before the one that the client has by default', async () => {
    const strict = await op.createClient({ default_max_age: 100 });
    const agent = await signedIn();
    pass(150);
    expect(isLogin(await agent.visit(url({}, strict)))).toBe(true);
    expect((await agent.visit(url({ max_age: '200' }, strict))).left).toBeDefined();
  });
});

describe('prompt', () => {
  test('consent asks for a login first where there is none', async () => {
    const agent = createAgent(op.issuer);
    const page = await agent.visit(url({ prompt: 'consent' }));
    expect(isLogin(page)).toBe(true);
    const next = await agent.login(page, account);
    expect(isConsent(next)).toBe(true);
    expect(leftFor(await agent.consent(next)).searchParams.get('code')).toBeTruthy();
  });

  test('login and consent, in either order, ask for each once', async () => {
    for (const prompt of ['login consent', 'consent login']) {
      const agent = await signedIn();
      const page = await agent.login(await agent.visit(url({ prompt })), account);
      expect(isConsent(page)).toBe(true);
      expect(leftFor(await agent.consent(page)).searchParams.get('code')).toBeTruthy();
    }
  });

  test('select_account is refused: there is one account to a session', async () => {
    const page = await createAgent(op.issuer).visit(url({ prompt: 'select_account' }));
    expect(errorOf(page)).toBe('invalid_request');
  });
});

describe('id_token_hint', () => {
  test('counts when the ID token has expired: it only says whom it was about', async () => {
    const agent = await signedIn();
    const { id_token } = await obtainTokens(op, client, account, {}, agent);
    pass(7200);
    const page = await agent.visit(url({ prompt: 'none', id_token_hint: id_token }));
    expect(leftFor(page).searchParams.get('code')).toBeTruthy();
  });

  test('of another person leads to the login page', async () => {
    const other = await op.createAccount();
    const { id_token } = await obtainTokens(op, client, other);
    const agent = await signedIn();
    expect(isLogin(await agent.visit(url({ id_token_hint: id_token })))).toBe(true);
  });

  test('works with pairwise subjects', async () => {
    const pairwise = await op.createClient({ subject_type: 'pairwise' });
    const agent = createAgent(op.issuer);
    const mine = await obtainTokens(op, pairwise, account, {}, agent);
    const other = await obtainTokens(op, pairwise, await op.createAccount());
    const ask = (hint: string) =>
      agent.visit(url({ prompt: 'none', id_token_hint: hint }, pairwise));
    expect(leftFor(await ask(mine.id_token)).searchParams.get('code')).toBeTruthy();
    expect(errorOf(await ask(other.id_token))).toBe('login_required');
  });
});

describe('login_hint', () => {
  test('fills in the e-mail address, and what is typed instead counts', async () => {
    const agent = createAgent(op.issuer);
    const page = await agent.visit(url({ login_hint: 'charles@example.com' }));
    expect(page.forms[0]?.fields).toContainEqual(['email', 'charles@example.com']);
    expect(leftFor(await agent.login(page, account)).searchParams.get('code')).toBeTruthy();
  });

  test('does not sign in, nor out: who is signed in stays so', async () => {
    const agent = await signedIn();
    const page = await agent.visit(url({ login_hint: 'charles@example.com', prompt: 'none' }));
    expect(leftFor(page).searchParams.get('code')).toBeTruthy();
  });
});

describe('ui_locales', () => {
  test.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['x-klingon de en', 'de'],
    ['x-klingon', 'en'],
  ])('%j has every page of the request in %s', async (ui_locales, spoken) => {
    const agent = createAgent(op.issuer, { 'accept-language': 'en' });
    const login = await agent.visit(url({ ui_locales, prompt: 'login consent' }));
    const refused = await agent.login(login, { ...account, password: 'a wrong password' });
    const consent = await agent.login(refused, account);
    expect(isConsent(consent)).toBe(true);
    for (const page of [login, refused, consent]) expect(page.html).toContain(`lang="${spoken}"`);
    expect(wordsOf(login)).toContain(spoken === 'de' ? 'Anmelden' : 'Sign in');
  });
});
