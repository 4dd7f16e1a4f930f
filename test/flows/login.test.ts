import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createAgent, formsOf, isLogin, leftFor, type Page, wordsOf } from '../support/agent.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { pass } from './clock.ts';
import { authorizeUrl } from './requests.ts';

let op: Op;
let client: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [client, account] = await Promise.all([
    op.createClient({ client_name: 'Our Shop' }),
    op.createAccount({ email: 'Ada.Lovelace@Example.com' }),
  ]);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

const url = (fields: Record<string, string> = {}) => authorizeUrl(op, client, fields);
const codeOf = (page: Page) => page.left?.searchParams.get('code') ?? undefined;
/** A page without what differs from one request to the next. */
const fixed = (page: Page) =>
  page.html.replace(/interaction[/=][\w-]+/g, '').replace(/name="csrf" value="[\w-]+"/g, '');

describe('a login that fails', () => {
  const attempt = async (email: string, password: string) =>
    createAgent(op.issuer).login(url(), { email, password });

  test('says the same of a wrong password, an unknown e-mail and a disabled account', async () => {
    const disabled = await op.createAccount({ disabled: true });
    const locked = await op.createAccount();
    await op.admin(`/accounts/${locked.id}`, { method: 'PATCH', body: { disabled: true } });
    const pages = await Promise.all([
      attempt(account.email, 'wrong password'),
      attempt('nobody.atall@example.com', account.password),
      attempt(disabled.email, disabled.password),
      attempt(locked.email, locked.password),
    ]);
    const [first, ...others] = pages.map((page) => ({
      status: page.status,
      html: fixed(page).replace(/value="[^"]*@[^"]*"/, ''),
      headers: Object.keys(Object.fromEntries(page.headers)).sort(),
    }));
    expect(first?.status).toBe(422);
    expect(first?.html).toContain('is not right');
    for (const other of others) expect(other).toEqual(first);
  });

  test('keeps the e-mail and not the password', async () => {
    const page = await attempt('<b>@example.com', 'a secret that was typed');
    expect(page.html).not.toContain('a secret that was typed');
    expect(page.html).toContain('value="&lt;b&gt;@example.com"');
  });

  test('leaves nobody signed in', async () => {
    const agent = createAgent(op.issuer);
    await agent.login(url(), { ...account, password: 'wrong password' });
    const left = leftFor(await agent.visit(url({ prompt: 'none' })));
    expect(left.searchParams.get('error')).toBe('login_required');
  });

  test('may be tried again on the page that it is shown on', async () => {
    const agent = createAgent(op.issuer);
    const page = await agent.login(url(), { ...account, password: 'wrong password' });
    expect(codeOf(await agent.login(page, account))).toBeTruthy();
  });

  test.each([
    ['no e-mail', '', 'x'],
    ['no password', 'ada.lovelace@example.com', ''],
  ])('with %s asks for it', async (_, email, password) => {
    const page = await attempt(email, password);
    expect([page.status, isLogin(page)]).toEqual([422, true]);
  });

  test('with a form of a megabyte is refused, and the connection goes on', async () => {
    for (let round = 0; round < 3; round += 1) {
      const page = await attempt(account.email, 'x'.repeat(1_000_000));
      expect([page.status, isLogin(page)]).toEqual([413, false]);
    }
    const { status, body } = await op.admin('/clients', {
      method: 'POST',
      body: { description: 'x'.repeat(1_000_000) },
    });
    expect([status, body.code]).toEqual([413, 'too_large']);
    expect((await op.admin('/clients')).status).toBe(200);
  });

  test('with a right password and more behind it is a wrong one', async () => {
    for (const password of [
      `${account.password} `,
      `${account.password}\0x`,
      account.password.toUpperCase(),
    ])
      expect((await attempt(account.email, password)).status).toBe(422);
  });
});

test.each(['ada.lovelace@example.com', 'ADA.LOVELACE@EXAMPLE.COM', '  ada.Lovelace@example.com  '])(
  'the e-mail may be written as %s',
  async (email) => {
    expect(codeOf(await createAgent(op.issuer).login(url(), { ...account, email }))).toBeTruthy();
  },
);

test('a login hint is filled in, as text', async () => {
  const page = await createAgent(op.issuer).visit(url({ login_hint: '"><script>x</script>' }));
  expect(page.forms[0]?.fields).toContainEqual(['email', '"><script>x</script>']);
  expect(page.html).not.toContain('<script');
});

describe('the form', () => {
  test.each([
    ['none', undefined],
    ['an empty one', ''],
    ['another one', 'x'.repeat(43)],
  ])('does nothing with %s instead of its token', async (_, csrf) => {
    const agent = createAgent(op.issuer);
    const page = await agent.visit(url());
    const answer = await agent.submit(page, {
      email: account.email,
      password: account.password,
      csrf,
    });
    expect([answer.status, isLogin(answer), answer.left]).toEqual([403, true, undefined]);
    const cancelled = await agent.submit(page, { csrf, cancel: 'yes' });
    expect([cancelled.status, cancelled.left]).toEqual([403, undefined]);
    const left = leftFor(await agent.visit(url({ prompt: 'none' })));
    expect(left.searchParams.get('error')).toBe('login_required');
  });

  test('does nothing with the token of another browser’s form', async () => {
    const [victim, attacker] = [createAgent(op.issuer), createAgent(op.issuer)];
    const [page, foreign] = [await victim.visit(url()), await attacker.visit(url())];
    const csrf = foreign.forms[0]?.fields.find(([name]) => name === 'csrf')?.[1];
    const answer = await victim.submit(page, {
      email: account.email,
      password: account.password,
      csrf,
    });
    expect([answer.status, answer.left]).toEqual([403, undefined]);
  });
});

describe('an interaction', () => {
  test('is shown in the browser that began it and in no other', async () => {
    const page = await createAgent(op.issuer).visit(url());
    const stranger = await createAgent(op.issuer).visit(page.url);
    expect([stranger.status, isLogin(stranger)]).toEqual([400, false]);
    expect(wordsOf(stranger)).toContain('no longer open');
  });

  test('is finished in the browser that began it and in no other', async () => {
    const page = await createAgent(op.issuer).visit(url());
    const other = createAgent(op.issuer);
    await other.visit(url());
    const answer = await other.login(page, account);
    expect([answer.status, answer.left]).toEqual([400, undefined]);
  });

  test('cannot be taken over with a cookie of another one', async () => {
    const agent = createAgent(op.issuer);
    const [first, second] = [await agent.visit(url()), await createAgent(op.issuer).visit(url())];
    const uid = second.url.split('/').at(-1) ?? '';
    agent.plant({
      name: 'interaction',
      value: first.url.split('/').at(-1) ?? '',
      path: `/interaction/${uid}`,
    });
    const answer = await agent.visit(second.url);
    expect([answer.status, isLogin(answer)]).toEqual([400, false]);
  });

  test('ends after an hour, and the page says so', async () => {
    const agent = createAgent(op.issuer);
    const page = await agent.visit(url());
    pass(3601);
    const answer = await agent.login(page, account);
    expect(answer.status).toBe(400);
    expect(wordsOf(answer)).toContain('no longer open');
    expect((await agent.visit(page.url)).status).toBe(400);
  });

  test('is over when it was finished', async () => {
    const agent = createAgent(op.issuer);
    const page = await agent.visit(url());
    expect(codeOf(await agent.login(page, account))).toBeTruthy();
    const again = await agent.login(page, account);
    expect([again.status, codeOf(again)]).toEqual([400, undefined]);
  });

  test('of an unknown name is an error page, whatever the name', async () => {
    for (const uid of ['x', '__proto__', '%00', '..%2f..%2fetc', 'x'.repeat(3000)]) {
      const page = await createAgent(op.issuer).visit(`${op.issuer}/interaction/${uid}`);
      expect(page.status).toBeGreaterThanOrEqual(400);
      expect(page.status).toBeLessThan(500);
    }
  });
});

test('who cancels is sent back with an error and no code', async () => {
  const agent = createAgent(op.issuer);
  const page = await agent.visit(url());
  const cancel = page.forms.find((form) => form.buttons.some(({ name }) => name === 'cancel'));
  const left = leftFor(await agent.submit(page, { cancel: 'yes' }, cancel));
  expect(Object.fromEntries(left.searchParams)).toEqual({
    error: 'access_denied',
    error_description: expect.any(String),
    session_state: expect.any(String),
    state: 'some-state',
    iss: op.issuer,
  });
});

describe('the password’s hash', () => {
  test('is renewed at login when the parameters were raised', async () => {
    const raised = await startOp(
      { passwords: { memory_kib: 8192, iterations: 1 }, secrets_key: op.config.secrets_key },
      { store: 'sqlite' },
    );
    const again: Op[] = [];
    try {
      const person = await raised.createAccount();
      const hashOf = async (server: Op) => {
        const entry = await server.store
          .collection<{ password_hash: string }>({
            name: 'accounts',
            indexes: { email_key: 'unique' },
          })
          .get(person.id);
        return entry?.value.password_hash ?? '';
      };
      const before = await hashOf(raised);
      expect(before).toContain('m=8192,t=1');
      const next = await startOp(
        { passwords: { memory_kib: 9216, iterations: 2 }, secrets_key: raised.config.secrets_key },
        { store: raised.config.store_url },
      );
      again.push(next);
      const rpClient = await next.createClient();
      const signIn = () => createAgent(next.issuer).login(authorizeUrl(next, rpClient), person);
      expect(codeOf(await signIn())).toBeTruthy();
      const after = await hashOf(next);
      expect(after).toContain('m=9216,t=2');
      expect(codeOf(await signIn())).toBeTruthy();
      expect(await hashOf(next)).toBe(after);
    } finally {
      for (const server of [...again, raised]) await server.close();
    }
  });
});

test('a person whose account has no password cannot log in with an empty one', async () => {
  const { body } = await op.admin('/accounts', {
    method: 'POST',
    body: { email: 'no.password@example.com' },
  });
  expect(body.id).toBeTruthy();
  for (const password of ['', ' ', 'undefined', 'null']) {
    const page = await createAgent(op.issuer).login(url(), { email: body.email, password });
    expect(page.status).toBe(422);
  }
});

test('the login page has one form with e-mail, password and a button', async () => {
  const page = await createAgent(op.issuer).visit(url());
  const [form] = formsOf(page.html, page.url);
  expect(form?.method).toBe('POST');
  expect(form?.fields.map(([name]) => name).sort()).toEqual(['csrf', 'email', 'password']);
  expect(form?.buttons).toHaveLength(1);
  expect(page.html).not.toContain('<script');
});
