import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { accountsCollection } from '../../src/accounts/accounts.ts';
import type { Store } from '../../src/store/store.ts';
import { type Agent, createAgent, isLogin, leftFor, type Page, wordsOf } from '../support/agent.ts';
import { type Mail, type SmtpServer, startSmtp } from '../support/mail.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import { pass } from './clock.ts';
import { authorizeUrl } from './requests.ts';

let smtp: SmtpServer;
let op: Op;
let client: TestClient;
/** Milliseconds that finding an account takes, for tests that need to notice it. */
let slow = 0;
const slowly = (store: Store): Store => ({
  ...store,
  collection(spec) {
    const collection = store.collection(spec);
    if (spec.name !== accountsCollection.name) return collection as never;
    const find: typeof collection.find = async (...query) => {
      await sleep(slow);
      return collection.find(...query);
    };
    return { ...collection, find } as never;
  },
});
beforeAll(async () => {
  smtp = await startSmtp();
  op = await startOp(
    { mail: { smtp_url: smtp.url, from: 'Sign-in <id@op.example>' } },
    { through: slowly },
  );
  client = await op.createClient({ client_name: 'Lumen Invoices' });
});
afterEach(() => void jest.restoreAllMocks());
afterAll(async () => {
  await op?.close();
  await smtp?.close();
});

const verified = () => op.createAccount({ email_verified: true });
const url = () => authorizeUrl(op, client);
const NEW = 'a very new password';

/** From the login page to the answer of the form. */
async function forget(agent: Agent, email: string, at: string = url()): Promise<Page> {
  const login = await agent.visit(at);
  const href = /href="([^"]*\/account\/forgot[^"]*)"/.exec(login.html)?.[1] ?? '';
  return agent.submit(await agent.visit(new URL(href, login.url)), { email });
}

async function mailFor(account: TestAccount, agent = createAgent(op.issuer)): Promise<Mail> {
  const [mail] = await Promise.all([smtp.next(), forget(agent, account.email)]);
  return mail;
}

test('a forgotten password is replaced, and the same sign-in completes at the relying party', async () => {
  const account = await op.createAccount();
  const rp = await createRp(op.issuer, client);
  const [before] = await Promise.all([rp.signIn(account, { scope: 'openid email' }), smtp.next()]);

  const agent = createAgent(op.issuer);
  const started = await rp.start({ scope: 'openid email' });
  const [mail, sent] = await Promise.all([
    smtp.next(),
    forget(agent, account.email.toUpperCase(), started.url.href),
  ]);
  expect(wordsOf(sent)).toMatch(/If there is an account with that address.* 30 minutes/);
  expect(mail.headers.get('to')).toBe(account.email);
  expect(mail.headers.get('from')).toBe('"Sign-in" <id@op.example>');
  expect(smtp.envelopes.at(-1)).toEqual(['id@op.example', account.email]);
  expect(mail.subject).toBe('Reset your password for Lumen Invoices');
  expect(mail.link).toMatch(RegExp(`^${op.issuer}/account/reset\\?ticket=[\\w-]{43}$`));
  expect(mail.html).toContain(`href="${mail.link}"`);

  const form = await agent.visit(mail.link);
  expect(form.headers.get('referrer-policy')).toBe('no-referrer');
  expect(form.headers.get('cache-control')).toBe('no-store');
  expect(form.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(wordsOf(form)).toContain(account.email);
  const back = await agent.submit(form, { password: NEW });
  expect(isLogin(back)).toBe(true);
  expect(wordsOf(back)).toContain('Your password has been changed.');

  expect((await agent.login(back, account)).status).toBe(422);
  const left = leftFor(await agent.login(back, { email: account.email, password: NEW }));
  const tokens = await rp.redeem(left, started);
  expect(await rp.userInfo(tokens)).toMatchObject({ email: account.email, email_verified: true });

  // What was there before is over.
  expect(isLogin(await before.agent.visit(url()))).toBe(true);
  await expect(rp.refresh(before.tokens.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
  });
  await expect(rp.userInfo(before.tokens)).rejects.toMatchObject({ status: 401 });
});

test('a sign-in with the old password that was not resumed yet cannot be resumed any more', async () => {
  const account = await verified();
  const thief = createAgent(op.issuer);
  const login = await thief.visit(url());
  const fields = Object.fromEntries(login.forms[0]?.fields ?? []);
  const { email, password } = account;
  const answer = await thief.request(login.url, {
    method: 'POST',
    body: new URLSearchParams({ ...fields, email, password }),
  });
  expect(answer.status).toBe(303);
  const owner = createAgent(op.issuer);
  await owner.submit(await owner.visit((await mailFor(account)).link), { password: NEW });
  const resumed = await thief.visit(new URL(answer.headers.get('location') ?? '', login.url));
  expect([resumed.status, resumed.left]).toEqual([400, undefined]);
  expect(isLogin(await thief.visit(url()))).toBe(true);
});

test('in another browser it ends with a page, and the sign-in waits where it began', async () => {
  const account = await verified();
  const mail = await mailFor(account);
  const phone = createAgent(op.issuer);
  const done = await phone.submit(await phone.visit(mail.link), { password: NEW });
  expect([done.status, wordsOf(done)]).toEqual([200, expect.stringContaining('has been changed')]);
  expect(done.html).toContain('– Lumen Invoices</title>');
});

test('without a sign-in to come back to it ends with a page', async () => {
  const account = await verified();
  const agent = createAgent(op.issuer);
  const page = await agent.visit(`${op.issuer}/account/forgot?client_id=${client.client_id}`);
  expect(page.html).toContain('– Lumen Invoices</title>');
  const [mail] = await Promise.all([smtp.next(), agent.submit(page, { email: account.email })]);
  const done = await agent.submit(await agent.visit(mail.link), { password: NEW });
  expect(wordsOf(done)).toContain('Your password has been changed');
});

describe('an address that nobody has', () => {
  test('is answered as one that somebody has, and gets no mail', async () => {
    const account = await verified();
    const count = smtp.mails.length;
    const visible = ({ status, html, headers }: Page) => ({
      status,
      html: html.replace(/interaction\/[\w-]+/g, ''),
      headers: [...headers.keys()].sort(),
    });
    const unknown = await forget(createAgent(op.issuer), 'nobody@example.com');
    const [known] = await Promise.all([forget(createAgent(op.issuer), account.email), smtp.next()]);
    expect(visible(unknown)).toEqual(visible(known));
    expect(smtp.mails.slice(count).map((mail) => mail.headers.get('to'))).toEqual([account.email]);
  });

  test('and one of a disabled account are alike', async () => {
    const account = await verified();
    await op.admin(`/accounts/${account.id}`, { method: 'PATCH', body: { disabled: true } });
    const count = smtp.mails.length;
    const page = await forget(createAgent(op.issuer), account.email);
    expect(page.status).toBe(200);
    await mailFor(await verified());
    expect(smtp.mails.length).toBe(count + 1);
  });

  test('is answered before anything is looked up', async () => {
    const account = await verified();
    const login = createAgent(op.issuer);
    slow = 400;
    const begun = performance.now();
    const [mail] = await Promise.all([
      smtp.next(),
      forget(login, account.email).then((page) => {
        expect(page.status).toBe(200);
        expect(performance.now() - begun).toBeLessThan(400);
      }),
    ]);
    expect(performance.now() - begun).toBeGreaterThan(400);
    expect(mail.headers.get('to')).toBe(account.email);
    slow = 0;
  });
});

test('a second request within a minute sends nothing more', async () => {
  const account = await verified();
  await mailFor(account);
  const count = smtp.mails.length;
  await forget(createAgent(op.issuer), account.email);
  await mailFor(await verified());
  expect(smtp.mails.length).toBe(count + 1);
  pass(61);
  await mailFor(account);
});

describe('a link', () => {
  const invalid = async (link: string) => {
    const page = await createAgent(op.issuer).visit(link);
    expect([page.status, wordsOf(page)]).toEqual([
      410,
      expect.stringContaining('This link does not work any more'),
    ]);
    expect(page.forms).toEqual([]);
  };
  const set = async (link: string, password: string) => {
    const agent = createAgent(op.issuer);
    return agent.submit(await agent.visit(link), { password });
  };

  test('works once', async () => {
    const { link } = await mailFor(await verified());
    await set(link, NEW);
    await invalid(link);
  });

  test('works once also for two who opened it before', async () => {
    const account = await verified();
    const { link } = await mailFor(account);
    const agents = [createAgent(op.issuer), createAgent(op.issuer)];
    const forms = await Promise.all(agents.map((agent) => agent.visit(link)));
    const done = await Promise.all(
      agents.map((agent, at) => agent.submit(forms[at] as Page, { password: `${NEW} ${at}` })),
    );
    expect(done.map(({ status }) => status).sort()).toEqual([200, 410]);
    const winner = done.findIndex(({ status }) => status === 200);
    const back = await createAgent(op.issuer).login(url(), {
      email: account.email,
      password: `${NEW} ${winner}`,
    });
    expect(back.left?.searchParams.has('code')).toBe(true);
  });

  test('is not used up by programs that open it', async () => {
    const { link } = await mailFor(await verified());
    for (const method of ['GET', 'HEAD', 'GET']) await fetch(link, { method });
    expect((await set(link, NEW)).status).toBe(200);
  });

  test('expires', async () => {
    const { link } = await mailFor(await verified());
    pass(1799);
    expect((await createAgent(op.issuer).visit(link)).status).toBe(200);
    pass(2);
    await invalid(link);
  });

  test('is void when the password or the address was changed since', async () => {
    const changes = [{ password: 'set by an administrator' }, { email: 'moved@example.com' }];
    for (const body of changes) {
      const account = await verified();
      const { link } = await mailFor(account);
      const changed = await op.admin(`/accounts/${account.id}`, { method: 'PATCH', body });
      expect(changed.status).toBe(200);
      await invalid(link);
    }
  });

  test('does not verify an address, and one that verifies sets no password', async () => {
    const account = await op.createAccount();
    const { link } = await mailFor(account);
    await invalid(link.replace('/account/reset', '/account/verify'));
    const [mail] = await Promise.all([smtp.next(), createAgent(op.issuer).login(url(), account)]);
    expect(mail.link).toContain('/account/verify?');
    await invalid(mail.link.replace('/account/verify', '/account/reset'));
    // Neither was consumed by that.
    expect((await createAgent(op.issuer).visit(mail.link)).status).toBe(200);
    expect((await set(link, NEW)).status).toBe(200);
  });

  test('that never was one leads to the same page', async () => {
    for (const ticket of ['', '?ticket=', '?ticket=x', '?ticket=a&ticket=b', '?ticket=%00'])
      await invalid(`${op.issuer}/account/reset${ticket}`);
  });
});

describe('the new password', () => {
  test.each([
    ['', 'Please enter a new password.'],
    ['seven77', 'at least 8 characters'],
    ['x'.repeat(1025), 'too long'],
  ])('%.10j is refused with a reason, and the link stays good', async (password, reason) => {
    const agent = createAgent(op.issuer);
    const form = await agent.visit((await mailFor(await verified())).link);
    const refused = await agent.submit(form, { password });
    expect([refused.status, wordsOf(refused)]).toEqual([422, expect.stringContaining(reason)]);
    expect((await agent.submit(refused, { password: NEW })).status).toBe(200);
  });
});

describe('a form', () => {
  test('posted from elsewhere does nothing', async () => {
    const account = await verified();
    const agent = createAgent(op.issuer);
    const { link } = await mailFor(account, agent);
    const form = await agent.visit(link);
    const fields = Object.fromEntries(form.forms[0]?.fields ?? []);
    const post = (more: Record<string, string>, headers: Record<string, string> = {}) =>
      agent.request(`${op.issuer}/account/reset`, {
        method: 'POST',
        body: new URLSearchParams({ ...fields, password: NEW, ...more }),
        headers,
      });
    expect((await post({ csrf: 'x' })).status).toBe(403);
    expect((await post({}, { origin: 'https://evil.example' })).status).toBe(403);
    const site = { origin: 'null', 'sec-fetch-site': 'cross-site' };
    expect((await post({}, site)).status).toBe(403);
    const stranger = createAgent(op.issuer);
    const body = new URLSearchParams({ ...fields, password: NEW });
    const foreign = await stranger.request(`${op.issuer}/account/reset`, { method: 'POST', body });
    expect(foreign.status).toBe(403);
    const email = new URLSearchParams({ email: account.email });
    const bare = await stranger.request(`${op.issuer}/account/forgot`, {
      method: 'POST',
      body: email,
    });
    expect(bare.status).toBe(403);
    expect((await post({})).status).toBe(303);
  });

  test('without an address asks for one', async () => {
    const page = await forget(createAgent(op.issuer), ' ');
    expect([page.status, wordsOf(page)]).toEqual([
      422,
      expect.stringContaining('Please enter your email address.'),
    ]);
  });
});

test('neither links nor addresses come to the log', async () => {
  const account = await verified();
  const { link } = await mailFor(account);
  const agent = createAgent(op.issuer);
  await agent.submit(await agent.visit(link), { password: NEW });
  const ticket = new URL(link).searchParams.get('ticket') ?? 'none';
  const lines = op.logs.map((line) => JSON.stringify(line));
  expect(lines.filter((line) => line.includes(ticket))).toEqual([]);
  expect(lines.filter((line) => line.includes(account.email))).toEqual([]);
  expect(op.logs.filter(({ msg }) => msg === 'e-mail sent').length).toBeGreaterThan(0);
});
