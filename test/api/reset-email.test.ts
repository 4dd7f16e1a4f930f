/** Administrators send people the e-mail of a forgotten password, and learn nothing of its link. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { pass } from '../flows/clock.ts';
import { obtainTokens } from '../flows/requests.ts';
import { createAgent, wordsOf } from '../support/agent.ts';
import { type SmtpServer, startSmtp } from '../support/mail.ts';
import { type Op, startOp, type TestAccount } from '../support/op.ts';
import { createRp } from '../support/rp.ts';

let smtp: SmtpServer;
let op: Op;
beforeAll(async () => {
  smtp = await startSmtp();
  op = await startOp({ mail: { smtp_url: smtp.url } });
});
afterAll(async () => {
  await op?.close();
  await smtp?.close();
});

const at = ({ id }: { id: string }) => `/accounts/${id}/reset-email`;
const send = (account: { id: string }, token?: string) =>
  op.admin(at(account), {
    method: 'POST',
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
  });
const sendAndRead = async (account: TestAccount) => {
  const [mail, answer] = await Promise.all([smtp.next(), send(account)]);
  return { mail, answer };
};

test('the person gets the link, in their language, and nobody else does', async () => {
  const account = await op.createAccount({ name: 'Ada Lovelace', locale: 'de-AT' });
  const { mail, answer } = await sendAndRead(account);
  expect(answer).toMatchObject({
    status: 202,
    body: { delivery: 'smtp', email: account.email, possible: true },
  });
  expect(mail.headers.get('to')).toContain(account.email);
  expect(mail.headers.get('content-language')).toBe('de');
  const ticket = new URL(mail.link).searchParams.get('ticket') as string;
  const everything = JSON.stringify([
    answer.body,
    [...answer.headers],
    op.logs,
    (await op.admin(`/audit?target=account:${account.id}`)).body,
  ]);
  expect(everything).not.toContain(ticket);

  const agent = createAgent(op.issuer);
  const done = await agent.submit(await agent.visit(mail.link), { password: 'quite another one' });
  expect(wordsOf(done)).toMatch(/Passwort/);
  const rp = await createRp(op.issuer, await op.createClient());
  await rp.signIn({ email: account.email, password: 'quite another one' });
});

test('it is the e-mail of a forgotten password, and of both together one a minute is sent', async () => {
  const account = await op.createAccount();
  const agent = createAgent(op.issuer);
  const page = await agent.visit(`${op.issuer}/account/forgot`);
  const [asked] = await Promise.all([smtp.next(), agent.submit(page, { email: account.email })]);
  const soon = await send(account);
  expect(soon).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
  expect(Number(soon.headers.get('retry-after'))).toBeGreaterThan(0);
  pass(61);
  const { mail, answer } = await sendAndRead(account);
  expect(answer.status).toBe(202);
  expect(mail.subject).toBe(asked.subject);
  expect((await send(account)).status).toBe(429);
  jest.restoreAllMocks();
});

test('it is in the audit', async () => {
  const account = await op.createAccount();
  await sendAndRead(account);
  const { items } = (await op.admin(`/audit?target=account:${account.id}`)).body;
  expect(items[0]).toMatchObject({
    action: 'account.reset_email',
    actor: { via: 'api', client_id: op.adminClient.client_id },
    changes: [],
  });
});

test('a disabled account gets none, and what is no account is not found', async () => {
  const account = await op.createAccount({ disabled: true });
  expect((await op.admin(at(account))).body).toMatchObject({ possible: false });
  expect(await send(account)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  for (const method of ['GET', 'POST']) {
    expect((await op.admin(at({ id: 'nobody' }), { method })).status).toBe(404);
  }
});

test('editors may, viewers may not', async () => {
  const api = `${op.issuer}/api/v1`;
  const console = await op.createClient({ client_name: 'Console' });
  const { items } = (await op.admin('/resources')).body;
  const own = items.find(({ identifier }: { identifier: string }) => identifier === api);
  const scopes = ['accounts:read', 'accounts:recover'];
  const access = [...own.access, { client_id: console.client_id, scopes }];
  await op.admin(`/resources/${own.id}`, { method: 'PATCH', body: { access } });
  const account = await op.createAccount();
  const as = async (role: 'editor' | 'viewer') => {
    const person = await op.createAccount({ email_verified: true, roles: [role] });
    const fields = { resource: api, scope: ['openid', ...scopes].join(' ') };
    return (await obtainTokens(op, console, person, fields)).access_token;
  };
  expect((await send(account, await as('viewer'))).status).toBe(403);
  const [mail, answer] = await Promise.all([
    smtp.next(),
    as('editor').then((t) => send(account, t)),
  ]);
  expect(answer.status).toBe(202);
  expect(mail.headers.get('to')).toContain(account.email);
});

test('limits of the page hold for an administrator too, and a folder is called one', async () => {
  const limits = { reset: { email: { max: 1, per: 3600 } } };
  const strict = await startOp({ limits });
  const account = await strict.createAccount();
  const ask = () => strict.admin(at(account), { method: 'POST' });
  expect(await ask()).toMatchObject({ status: 202, body: { delivery: 'folder' } });
  pass(120);
  const refused = await ask();
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3000);
  jest.restoreAllMocks();
  await strict.close();
});
