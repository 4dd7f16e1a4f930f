/** People make accounts themselves: from the sign-in page, or where an application asks for it. */
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Agent, createAgent, isLogin, leftFor, type Page, wordsOf } from '../support/agent.ts';
import { type SmtpServer, startSmtp } from '../support/mail.ts';
import { type Op, startOp, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import { pass } from './clock.ts';
import { authorizeUrl } from './requests.ts';

let smtp: SmtpServer;
let op: Op;
let client: TestClient;
const on = { accounts: { sign_up: 'on' as const } };
beforeAll(async () => {
  smtp = await startSmtp();
  op = await startOp({ ...on, mail: { smtp_url: smtp.url } });
  client = await op.createClient({ client_name: 'Lumen' });
});
beforeEach(() => void jest.restoreAllMocks());
afterAll(async () => {
  await op?.close();
  await smtp?.close();
});

let count = 0;
/** An address that nobody has used. */
const fresh = () => `new-${++count}@example.org`;
const password = 'a password of mine';

const begin = (agent: Agent, fields = {}) =>
  agent.visit(authorizeUrl(op, client, { prompt: 'create', ...fields }));
const submit = (agent: Agent, page: Page, email: string, name = 'Grace Hopper') =>
  agent.submit(page, { name, email });
/** As far as the e-mail. */
async function signUp(agent: Agent, email: string, fields = {}) {
  const page = await begin(agent, fields);
  const [mail, sent] = await Promise.all([smtp.next(), submit(agent, page, email)]);
  return { mail, sent, page };
}
const accountsWith = async (email: string) => {
  const { body } = await op.admin('/accounts?limit=100');
  return (body.items ?? body.accounts ?? body.data).filter(
    (one: { email: string }) => one.email === email,
  );
};

describe('prompt=create', () => {
  test('leads to a new account, and the relying party gets who it is', async () => {
    const agent = createAgent(op.issuer);
    const email = fresh();
    const rp = await createRp(op.issuer, client);
    const started = await rp.start({ prompt: 'create', scope: 'openid profile email' });
    const page = await agent.visit(started.url);
    expect(page.url).toMatch(/\/interaction\/[\w-]+\/sign-up$/);
    const [mail, sent] = await Promise.all([smtp.next(), submit(agent, page, email)]);
    expect(wordsOf(sent)).toContain(email);
    expect(mail.subject).toBe('Go on with your account for Lumen');
    expect(await accountsWith(email)).toEqual([]);

    const choose = await agent.visit(mail.link);
    // Programs open links, too.
    expect(await accountsWith(email)).toEqual([]);
    const end = await agent.submit(choose, { password });
    const back = leftFor(end.left ? end : await agent.consent(end));
    const tokens = await rp.redeem(back, started);
    expect(await rp.userInfo(tokens)).toMatchObject({
      name: 'Grace Hopper',
      email,
      email_verified: true,
    });
    expect((await agent.visit(mail.link)).status).toBe(410);
    await rp.signIn({ email, password });
  });

  test('is in the audit, as the deed of the account that it made', async () => {
    const agent = createAgent(op.issuer);
    const email = fresh();
    const { mail } = await signUp(agent, email);
    const made = async () => (await op.admin('/audit?action=account.create')).body.items;
    const before = (await made()).length;
    await agent.submit(await agent.visit(mail.link), { password });
    const [account] = await accountsWith(email);
    const [event, ...rest] = await made();
    expect(rest).toHaveLength(before);
    expect(event).toMatchObject({
      actor: {
        via: 'account',
        account_id: account.id,
        client_id: client.client_id,
        request: expect.any(String),
      },
      target: `account:${account.id}`,
    });
    const told = JSON.stringify(event);
    expect(told).toContain(email);
    expect(told).not.toContain(password);
    expect(told).not.toMatch(/argon2|password_hash|terms/);
    const own = (await op.admin(`/audit?actor=${account.id}`)).body.items;
    expect(own).toEqual([event]);
  });

  test('asks for an account although somebody is signed in', async () => {
    const agent = createAgent(op.issuer);
    // Verified, so that there is no e-mail to it.
    const other = await op.createAccount({ email_verified: true });
    await agent.authorize(authorizeUrl(op, client), other);
    const rp = await createRp(op.issuer, client);
    const started = await rp.start({ prompt: 'create', scope: 'openid email' });
    const email = fresh();
    const page = await agent.visit(started.url);
    const [mail] = await Promise.all([smtp.next(), submit(agent, page, email)]);
    const end = await agent.submit(await agent.visit(mail.link), { password });
    // The engine signs the other account out first, with a form that goes on by itself.
    const next = end.left ? end : await agent.submit(end, {});
    const back = leftFor(next.left ? next : await agent.consent(next));
    expect(await rp.userInfo(await rp.redeem(back, started))).toMatchObject({ email });
  });

  test('lets who has an account sign in with it', async () => {
    const account = await op.createAccount();
    const agent = createAgent(op.issuer);
    const page = await begin(agent);
    const href = /href="([^"]+\?sign_in)"/.exec(page.html)?.[1] ?? '';
    const login = await agent.visit(new URL(href, op.issuer));
    expect(isLogin(login)).toBe(true);
    const wrong = await agent.login(login, { ...account, password: 'not this one' });
    expect(wrong.status).toBe(422);
    const end = await agent.login(wrong, account);
    expect(
      leftFor(end.left ? end : await agent.consent(end)).searchParams.get('code'),
    ).toBeTruthy();
  });

  test('beside none is an error of the request', async () => {
    const page = await begin(createAgent(op.issuer), { prompt: 'create none' });
    expect(leftFor(page).searchParams.get('error')).toBe('invalid_request');
  });

  test('is in discovery where it is on, and unknown where it is off', async () => {
    const { body } = await op.get('/.well-known/openid-configuration');
    expect(body.prompt_values_supported).toEqual(['none', 'login', 'consent', 'create']);
    const off = await startOp();
    try {
      const document = (await off.get('/.well-known/openid-configuration')).body;
      expect(document.prompt_values_supported).toEqual(['none', 'login', 'consent']);
      const other = await off.createClient();
      const agent = createAgent(off.issuer);
      const refused = await agent.visit(authorizeUrl(off, other, { prompt: 'create' }));
      expect(leftFor(refused).searchParams.get('error')).toBe('invalid_request');
      const login = await agent.visit(authorizeUrl(off, other));
      expect(login.html).not.toContain('sign-up');
      expect((await agent.visit(`${login.url}/sign-up`)).status).toBe(404);
      expect((await agent.visit(`${off.issuer}/account/sign-up`)).status).toBe(404);
    } finally {
      await off.close();
    }
  });
});

test('the sign-in page leads to it, and the flow goes on', async () => {
  const agent = createAgent(op.issuer);
  const login = await agent.visit(authorizeUrl(op, client));
  const page = await agent.visit(`${login.url}/sign-up`);
  expect(login.html).toContain(`href="${new URL(page.url).pathname}"`);
  const [mail] = await Promise.all([smtp.next(), submit(agent, page, fresh())]);
  const end = await agent.submit(await agent.visit(mail.link), { password });
  expect(leftFor(end.left ? end : await agent.consent(end)).searchParams.get('code')).toBeTruthy();
});

describe('an address that has an account', () => {
  test('is answered as any other, and told in a letter', async () => {
    const account = await op.createAccount();
    const [known, unknown] = [
      await signUp(createAgent(op.issuer), account.email.toUpperCase()),
      await signUp(createAgent(op.issuer), fresh()),
    ];
    const plain = ({ sent, page }: typeof known, email: string) =>
      sent.html.replaceAll(email, 'EMAIL').replaceAll(new URL(page.url).pathname, 'PATH');
    expect(known.sent.status).toBe(unknown.sent.status);
    expect(plain(known, account.email.toUpperCase())).toBe(
      plain(unknown, `new-${count}@example.org`),
    );
    expect(known.mail.subject).toBe('You have an account already for Lumen');
    expect(known.mail.link).toContain('/account/reset?ticket=');
    expect(await accountsWith(account.email)).toHaveLength(1);
  });

  test('gets no second one, though two sign-ups were begun', async () => {
    const email = fresh();
    const [one, other] = [createAgent(op.issuer), createAgent(op.issuer)];
    const first = await signUp(one, email);
    pass(61);
    const second = await signUp(other, email);
    await one.submit(await one.visit(first.mail.link), { password });
    const late = await other.submit(await other.visit(second.mail.link), {
      password: 'another one',
    });
    expect(late.status).toBe(410);
    expect(await accountsWith(email)).toHaveLength(1);
  });
});

describe('the link', () => {
  test('in another browser makes the account, and signs nobody in where it was begun', async () => {
    const [theirs, mine] = [createAgent(op.issuer), createAgent(op.issuer)];
    const email = fresh();
    const { mail, page } = await signUp(theirs, email);
    const done = await mine.submit(await mine.visit(mail.link), { password });
    expect(wordsOf(done)).toContain('Your account has been created');
    expect(done.left).toBeUndefined();
    expect(await accountsWith(email)).toHaveLength(1);
    // Who typed in somebody else's address has gained nothing.
    const again = await theirs.visit(page.url.replace('/sign-up', ''));
    expect(again.left).toBeUndefined();
    expect(again.url).toMatch(/sign-up$/);
    // Not even with the address that the other browser was led to.
    const handed = await theirs.visit(done.url);
    expect([handed.left, /sign-up$/.test(handed.url)]).toEqual([undefined, true]);
  });

  test.each([
    ['missing', '', 'Please enter a new password'],
    ['too short', 'short', 'too short'],
    ['too long', 'x'.repeat(1025), 'too long'],
  ])('takes no password that is %s', async (_, wrong, words) => {
    const agent = createAgent(op.issuer);
    const email = fresh();
    const { mail } = await signUp(agent, email);
    const page = await agent.submit(await agent.visit(mail.link), { password: wrong });
    expect(page.status).toBe(422);
    expect(wordsOf(page)).toContain(words);
    expect(await accountsWith(email)).toEqual([]);
  });

  test('ends after a day', async () => {
    const agent = createAgent(op.issuer);
    const { mail } = await signUp(agent, fresh());
    pass(86_401);
    expect((await agent.visit(mail.link)).status).toBe(410);
  });

  test('that nobody was sent is none', async () => {
    for (const ticket of ['', 'x', '__proto__', 'x'.repeat(43)]) {
      const page = await createAgent(op.issuer).visit(
        `${op.issuer}/account/sign-up?ticket=${ticket}`,
      );
      expect(page.status).toBe(410);
    }
  });

  test('is posted by our own page alone', async () => {
    const agent = createAgent(op.issuer);
    const email = fresh();
    const { mail } = await signUp(agent, email);
    const page = await agent.visit(mail.link);
    for (const fields of [{ csrf: 'x' }, { csrf: undefined }]) {
      expect((await agent.submit(page, { ...fields, password })).status).toBe(403);
    }
    const ticket = new URL(mail.link).searchParams.get('ticket') ?? '';
    const elsewhere = await op.post('/account/sign-up', { ticket, password });
    expect(elsewhere.status).toBe(403);
    expect(await accountsWith(email)).toEqual([]);
  });
});

describe('the form', () => {
  test.each([
    ['no name', '', 'ada@example.org'],
    ['no address', 'Ada', ''],
    ['what is no address', 'Ada', 'no address'],
    ['half an address', 'Ada', 'ada@'],
    ['a name without end', 'x'.repeat(256), 'ada@example.org'],
    ['an address without end', 'Ada', `${'x'.repeat(250)}@example.org`],
  ])('refuses %s', async (_, name, email) => {
    const agent = createAgent(op.issuer);
    const before = smtp.mails.length;
    const page = await submit(agent, await begin(agent), email, name);
    expect(page.status).toBe(422);
    expect(smtp.mails).toHaveLength(before);
  });

  test('is posted by our own page, in the browser that began it', async () => {
    const agent = createAgent(op.issuer);
    const page = await begin(agent);
    const forged = await agent.submit(page, { csrf: 'x', name: 'Ada', email: fresh() });
    expect(forged.status).toBe(403);
    const stranger = await submit(createAgent(op.issuer), page, fresh());
    expect(stranger.status).toBe(400);
  });

  test('carries nothing of a stranger’s words into the letter', async () => {
    const agent = createAgent(op.issuer);
    const page = await begin(agent);
    const [mail] = await Promise.all([
      smtp.next(),
      submit(agent, page, fresh(), 'Visit https://evil.example now'),
    ]);
    expect(mail.raw).not.toContain('evil.example');
    expect(mail.text).not.toContain('evil.example');
    expect(mail.html).not.toContain('evil.example');
  });
});

test('letters are limited by address and by who asks, and the page does not tell', async () => {
  const few = await startOp({
    ...on,
    mail: { smtp_url: smtp.url },
    limits: { sign_up: { email: { max: 2 }, ip: { max: 4 } } },
  });
  try {
    const asking = await few.createClient();
    const agent = createAgent(few.issuer);
    const ask = async (email: string) => {
      const page = await agent.visit(authorizeUrl(few, asking, { prompt: 'create' }));
      const sent = await submit(agent, page, email);
      expect(sent.status).toBe(200);
      pass(61);
    };
    const [email, before] = [fresh(), smtp.mails.length];
    for (const _ of [1, 2, 3]) await ask(email);
    for (const _ of [1, 2, 3]) await ask(fresh());
    await few.close();
    expect(smtp.mails.length - before).toBe(4);
  } finally {
    await few.close();
  }
});
