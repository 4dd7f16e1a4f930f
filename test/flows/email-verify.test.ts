import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createAgent, isLogin, leftFor, wordsOf } from '../support/agent.ts';
import { type SmtpServer, startSmtp } from '../support/mail.ts';
import { type Op, startOp, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import { pass } from './clock.ts';
import { authorizeUrl } from './requests.ts';

let smtp: SmtpServer;
const ops: Op[] = [];

/** A server with one of the modes, and a client of it. */
async function start(verification: 'off' | 'ask' | 'require', path?: string) {
  const overrides = { mail: { smtp_url: smtp.url, verification } };
  const op = await startOp(overrides, path ? { path } : {});
  ops.push(op);
  return { op, client: await op.createClient({ client_name: 'Lumen' }) };
}

beforeAll(async () => {
  smtp = await startSmtp();
});
afterEach(() => void jest.restoreAllMocks());
afterAll(async () => {
  for (const op of ops) await op.close();
  await smtp?.close();
});

const isVerified = async (op: Op, id: string) =>
  (await op.admin(`/accounts/${id}`)).body.email_verified;

describe('asked for, verification', () => {
  let op: Op;
  let client: TestClient;
  beforeAll(async () => {
    ({ op, client } = await start('ask'));
  });

  test('lets the sign-in go on, and is done by a link', async () => {
    const account = await op.createAccount();
    const rp = await createRp(op.issuer, client);
    const [mail, { tokens }] = await Promise.all([
      smtp.next(),
      rp.signIn(account, { scope: 'openid email' }),
    ]);
    expect(await rp.userInfo(tokens)).toMatchObject({ email_verified: false });
    expect(mail.subject).toBe('Confirm your email address for Lumen');
    expect(mail.text).toContain('24 hours');

    const agent = createAgent(op.issuer);
    const page = await agent.visit(mail.link);
    expect(wordsOf(page)).toContain(account.email);
    // Programs open links, too.
    expect(await isVerified(op, account.id)).toBe(false);
    const done = await agent.submit(page, {});
    expect(wordsOf(done)).toContain('Your email address is confirmed');
    expect(await rp.userInfo(tokens)).toMatchObject({ email_verified: true });
    expect((await agent.visit(mail.link)).status).toBe(410);
  });

  test('is asked for once a day', async () => {
    const account = await op.createAccount();
    const login = () => createAgent(op.issuer).login(authorizeUrl(op, client), account);
    await Promise.all([smtp.next(), login()]);
    const count = smtp.mails.length;
    await login();
    pass(86_399);
    await login();
    expect(smtp.mails.length).toBe(count);
    pass(2);
    await Promise.all([smtp.next(), login()]);
  });

  test('is not asked for of a verified address', async () => {
    const account = await op.createAccount({ email_verified: true });
    const other = await op.createAccount();
    const count = smtp.mails.length;
    await createAgent(op.issuer).login(authorizeUrl(op, client), account);
    await Promise.all([smtp.next(), createAgent(op.issuer).login(authorizeUrl(op, client), other)]);
    expect(smtp.mails.slice(count).map((mail) => mail.headers.get('to'))).toEqual([other.email]);
  });

  test('does not hold for an address that was changed since', async () => {
    const account = await op.createAccount();
    const [mail] = await Promise.all([
      smtp.next(),
      createAgent(op.issuer).login(authorizeUrl(op, client), account),
    ]);
    const agent = createAgent(op.issuer);
    const page = await agent.visit(mail.link);
    const body = { email: 'another.of.hers@example.com' };
    await op.admin(`/accounts/${account.id}`, { method: 'PATCH', body });
    expect((await agent.submit(page, {})).status).toBe(410);
    expect(await isVerified(op, account.id)).toBe(false);
  });
});

test('switched off, nothing is sent', async () => {
  const { op, client } = await start('off');
  const count = smtp.mails.length;
  const account = await op.createAccount();
  leftFor(await createAgent(op.issuer).login(authorizeUrl(op, client), account));
  await op.close();
  expect(smtp.mails.length).toBe(count);
});

describe.each([undefined, '/auth'])('required, below %p, verification', (path) => {
  let op: Op;
  let client: TestClient;
  beforeAll(async () => {
    ({ op, client } = await start('require', path));
  });

  test('comes before going on, and the same sign-in completes without another password', async () => {
    const account = await op.createAccount();
    const rp = await createRp(op.issuer, client);
    const started = await rp.start({ scope: 'openid email' });
    const agent = createAgent(op.issuer);
    const [mail, waits] = await Promise.all([smtp.next(), agent.login(started.url, account)]);
    expect(waits.left).toBeUndefined();
    expect(wordsOf(waits)).toContain(`We have sent a message to ${account.email}`);
    // Looking again changes nothing, and there is no way around.
    expect(wordsOf(await agent.visit(waits.url))).toContain('We have sent a message');
    const other = createAgent(op.issuer);
    const silent = leftFor(await other.visit(`${started.url.href}&prompt=none`));
    expect(silent.searchParams.get('error')).toBe('login_required');

    const left = leftFor(await agent.submit(await agent.visit(mail.link), {}));
    const tokens = await rp.redeem(left, started);
    expect(await rp.userInfo(tokens)).toMatchObject({ email_verified: true });
    // From now on it is no question any more.
    expect((await rp.signIn(account)).claims.sub).toBe(account.id);
  });

  test('in another browser lets this one go on when it is looked at again', async () => {
    const account = await op.createAccount();
    const agent = createAgent(op.issuer);
    const url = authorizeUrl(op, client);
    const [mail, waits] = await Promise.all([
      smtp.next(),
      agent.login(url, { ...account, remember: false }),
    ]);
    const phone = createAgent(op.issuer);
    const done = await phone.submit(await phone.visit(mail.link), {});
    expect(wordsOf(done)).toContain('Your email address is confirmed');
    // The address of the waiting page alone signs nobody in.
    expect((await phone.visit(waits.url)).status).toBe(400);
    leftFor(await agent.visit(waits.url));
    expect(agent.cookie('session')?.expires).toBeUndefined();
  });

  test('sends again when asked to, once a minute', async () => {
    const account = await op.createAccount();
    const agent = createAgent(op.issuer);
    const [, waits] = await Promise.all([
      smtp.next(),
      agent.login(authorizeUrl(op, client), account),
    ]);
    const early = await agent.submit(waits, { step: 'again' });
    expect(wordsOf(early)).toContain('Please wait a moment');
    pass(61);
    const [mail, late] = await Promise.all([smtp.next(), agent.submit(early, { step: 'again' })]);
    expect(wordsOf(late)).toContain('Another message is on its way.');
    leftFor(await agent.submit(await agent.visit(mail.link), {}));
  });

  test('lets the person choose another account', async () => {
    const [account, other] = [
      await op.createAccount(),
      await op.createAccount({ email_verified: true }),
    ];
    const agent = createAgent(op.issuer);
    const waits = await agent.login(authorizeUrl(op, client), account);
    const forged = await agent.submit(waits, { step: 'other', csrf: 'x' });
    expect([forged.status, isLogin(forged)]).toEqual([403, false]);
    const login = await agent.submit(waits, { step: 'other' });
    expect(isLogin(login)).toBe(true);
    leftFor(await agent.login(login, other));
  });

  test('does not keep a right password of one that was replaced meanwhile', async () => {
    const account = await op.createAccount();
    const agent = createAgent(op.issuer);
    const waits = await agent.login(authorizeUrl(op, client), account);
    const body = { password: 'because the old one was stolen', email_verified: true };
    await op.admin(`/accounts/${account.id}`, { method: 'PATCH', body });
    expect(isLogin(await agent.visit(waits.url))).toBe(true);
  });
});

test('an e-mail changed over REST is not verified, unless that is said', async () => {
  const { op } = await start('off');
  const { id, email } = await op.createAccount({ email_verified: true });
  const patch = (body: object) => op.admin(`/accounts/${id}`, { method: 'PATCH', body });
  expect((await patch({ name: 'Ada King' })).body.email_verified).toBe(true);
  expect((await patch({ email: email.toUpperCase() })).body.email_verified).toBe(true);
  expect((await patch({ email: 'ada@new.example' })).body.email_verified).toBe(false);
  const sure = { email: 'ada@newer.example', email_verified: true };
  expect((await patch(sure)).body.email_verified).toBe(true);
});
