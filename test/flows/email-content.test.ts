import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClientMetadataInput } from '../../src/clients/metadata.ts';
import { createLog } from '../../src/lib/log.ts';
import { createMailer } from '../../src/web/mail.ts';
import { createTransport } from '../../src/web/mail-transport.ts';
import { createRenderer } from '../../src/web/render.ts';
import { createAgent, wordsOf } from '../support/agent.ts';
import { type Mail, mailsIn, type SmtpServer, startSmtp, until } from '../support/mail.ts';
import { type Op, startOp } from '../support/op.ts';
import { authorizeUrl } from './requests.ts';

const root = join(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'clientele-content-'));
let smtp: SmtpServer;
let op: Op;
beforeAll(async () => {
  smtp = await startSmtp();
  op = await startOp({ mail: { smtp_url: smtp.url } });
});
afterAll(async () => {
  await op?.close();
  await smtp?.close();
  rmSync(scratch, { recursive: true });
});

/** Asks for a new password from a client's login page. */
async function ask(
  at: Op,
  client: { client_id: string },
  headers: Record<string, string> = {},
  fields: Record<string, string> = {},
): Promise<string> {
  const { email } = await at.createAccount({ name: 'Ada <b>Lovelace</b>' });
  const agent = createAgent(at.issuer, headers);
  const login = await agent.visit(authorizeUrl(at, client, fields));
  const uid = new URL(login.url).pathname.split('/').at(-1);
  const page = await agent.visit(`${at.issuer}/account/forgot?interaction=${uid}`);
  const sent = await agent.submit(page, { email });
  expect(sent.status).toBe(200);
  return email;
}

async function mailOf(client: Partial<ClientMetadataInput>): Promise<Mail> {
  const registered = await op.createClient(client);
  const [mail] = await Promise.all([smtp.next(), ask(op, registered)]);
  return mail;
}

const brand = {
  client_name: 'Lumen Invoices',
  client_uri: 'https://lumen.example/start',
  logo_uri: 'https://cdn.lumen.example/logo.png',
  policy_uri: 'https://lumen.example/privacy',
  tos_uri: 'https://lumen.example/terms',
  contacts: ['help@lumen.example'],
};

describe('an e-mail', () => {
  test('carries the brand of the client, as text and as HTML', async () => {
    const { html, text, subject, headers } = await mailOf(brand);
    expect(subject).toBe('Reset your password for Lumen Invoices');
    expect(headers.get('auto-submitted')).toBe('auto-generated');
    expect(headers.get('content-language')).toBe('en');
    for (const body of [html, text]) {
      for (const words of [
        'Lumen Invoices',
        'https://lumen.example/privacy',
        'https://lumen.example/terms',
        'help@lumen.example',
        '30 minutes',
      ])
        expect(body).toContain(words);
    }
    expect(html).toContain('<img src="https://cdn.lumen.example/logo.png"');
    expect(html).toContain('Ada &lt;b&gt;Lovelace');
    expect(text).toContain('Hello Ada <b>Lovelace</b>,');
    expect(html).not.toMatch(/<script|\son\w+=|undefined|\[object/);
    expect(text).not.toMatch(/&\w+;|undefined|\n\n\n/);
  });

  test('says as much without a brand', async () => {
    const { subject, text, html } = await mailOf({});
    expect(subject).toBe('Reset your password');
    expect(text).toContain('Somebody asked for a new password for your account.');
    expect(html).not.toContain('<img');
  });

  test('shows no logo that is not fetched over https', async () => {
    const { html } = await mailOf({ ...brand, logo_uri: 'http://localhost:9/logo.png' });
    expect(html).not.toContain('<img');
  });

  test('never tells a secret of the client', async () => {
    const registered = await op.createClient(brand);
    const [{ raw }] = await Promise.all([smtp.next(), ask(op, registered)]);
    expect(registered.client_secret).toBeTruthy();
    expect(raw).not.toContain(registered.client_secret);
  });

  test('links to the issuer, whatever host a request claims', async () => {
    const registered = await op.createClient(brand);
    const headers = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
    const [{ link, raw }] = await Promise.all([smtp.next(), ask(op, registered, headers)]);
    expect(link.startsWith(`${op.issuer}/account/reset?`)).toBe(true);
    expect(raw).not.toContain('evil.example');
  });

  test.each([
    ['Accept-Language', { 'accept-language': 'de-AT' }, {}],
    ['ui_locales', {}, { ui_locales: 'de' }],
  ])(
    'speaks the language of the request, and so does the page behind it (%s)',
    async (_, headers, fields) => {
      const registered = await op.createClient(brand);
      const [mail] = await Promise.all([smtp.next(), ask(op, registered, headers, fields)]);
      expect(mail.subject).toBe('Setzen Sie Ihr Passwort für Lumen Invoices zurück');
      expect(mail.html).toContain('<html lang="de"');
      expect(mail.text).toContain('Der Link gilt einmal und 30 Minuten lang.');
      const page = await createAgent(op.issuer).visit(mail.link);
      expect(wordsOf(page)).toContain('Neues Passwort wählen');
    },
  );
});

test('a changed client name shows in the next page and the next e-mail', async () => {
  const registered = await op.createClient(brand);
  await Promise.all([smtp.next(), ask(op, registered)]);
  const body = { client_name: 'Lumen & Sons' };
  await op.admin(`/clients/${registered.client_id}`, { method: 'PATCH', body });
  const [mail] = await Promise.all([smtp.next(), ask(op, registered)]);
  expect(mail.subject).toBe('Reset your password for Lumen & Sons');
  expect(mail.html).toContain('Lumen &amp; Sons');
  const page = await createAgent(op.issuer).visit(mail.link);
  expect(page.html).toContain('– Lumen &amp; Sons</title>');
});

describe('a hostile name', () => {
  const log = createLog('silent');
  const renderer = createRenderer({
    views: join(root, 'views'),
    locales: join(root, 'locales'),
    theme: 'default',
    defaultLocale: 'en',
  });

  /** Sent over the wire with a brand that no registration would let through. */
  async function send(name: string): Promise<Mail> {
    const config = { ...op.config.mail, smtp_url: smtp.url };
    const mailer = createMailer({
      transport: createTransport(config),
      renderer,
      brand: async () => ({ client_name: name, description: name, contacts: [name] }),
      log,
    });
    const link = 'https://op.example/account/reset?ticket=x';
    const letter = {
      kind: 'reset',
      locale: 'en',
      email: 'a@b.example',
      name,
      link,
      ttl: 60,
    } as const;
    const [mail] = await Promise.all([
      smtp.next(),
      mailer.afterwards({ closed: true } as never, '1', async () => letter),
    ]);
    await mailer.close();
    return mail;
  }

  test.each([
    ['line breaks', 'Evil\r\nBcc: victim@example.com\r\n\r\n<p>hi', 'Evil  Bcc: victim'],
    ['markup', '"><script>alert(1)</script><img src=x onerror=alert(1)>', '"><script>'],
    ['bidi overrides', 'Bank\u202egnp.exe\u2066\u0000\u200b', 'Bankgnp.exe'],
    ['64 characters', 'W'.repeat(64), `${'W'.repeat(39)}…`],
    ['a template', '{{ 7 * 7777 }}', '{{ 7 * 7777 }}'],
    ['an encoded word', '=?utf-8?q?=0D=0ABcc:x?=', ''],
  ])('(%s) stays text in the subject and in both bodies', async (_, name, shown) => {
    const { subject, html, text, headers, raw } = await send(name);
    expect(subject).toContain(shown);
    expect(headers.has('bcc')).toBe(false);
    expect(headers.get('to')).toBe('a@b.example');
    expect(smtp.envelopes.at(-1)).toEqual([expect.any(String), 'a@b.example']);
    expect(raw.split('\r\n\r\n')[0]).not.toMatch(/^bcc:/im);
    expect(html).not.toMatch(/<script|<img|54439/);
    for (const body of [subject, html, text])
      expect(body).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]|\0/);
  });
});

test('a theme replaces one template of an e-mail, and knows what is documented', async () => {
  const views = join(scratch, 'views');
  cpSync(join(root, 'views'), views, { recursive: true });
  mkdirSync(join(views, 'acme/emails'), { recursive: true });
  writeFileSync(
    join(views, 'acme/emails/reset.txt.njk'),
    'ACME for {{ client.client_name }} ({{ client.extra_metadata.tier }}, {{ client.description }})\n{{ link }}\n{{ client.client_secret }}',
  );
  const themed = await startOp(
    { mail: { smtp_url: smtp.url }, pages: { theme: 'acme' } },
    { views },
  );
  const registered = await themed.createClient({
    ...brand,
    description: 'Sends them',
    extra_metadata: { tier: 'gold' },
  });
  const [mail] = await Promise.all([smtp.next(), ask(themed, registered)]);
  expect(mail.text.split('\n')[0]).toBe('ACME for Lumen Invoices (gold, Sends them)');
  expect(mail.text.trim()).toMatch(/\?ticket=[\w-]{43}$/);
  expect(mail.html).toContain('Choose a new password');
  await themed.close();
});

describe('without a mail server', () => {
  test('an e-mail becomes a file that only its owner reads, and the log tells where', async () => {
    const folder = join(scratch, 'mail');
    const local = await startOp({ mail: { folder } });
    const email = await ask(local, await local.createClient(brand));
    const line = await until('line', () => local.logs.find(({ msg }) => msg === 'e-mail sent'));
    const [file = ''] = readdirSync(folder);
    expect(file).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z-[\w-]+\.eml$/);
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(line).toMatchObject({
      file: join(folder, file),
      subject: 'Reset your password for Lumen Invoices',
    });
    const [mail] = mailsIn(folder);
    expect(mail?.headers.get('to')).toBe(email);
    const page = await createAgent(local.issuer).visit(mail?.link ?? '');
    expect(wordsOf(page)).toContain('Choose a new password');
    expect(JSON.stringify(line)).not.toContain('ticket');
    await local.close();
  });
});

describe('a mail server', () => {
  const said = (at: Op, msg: string) => until(msg, () => at.logs.find((line) => line.msg === msg));

  test('that is busy is asked again', async () => {
    smtp.refusals.push('451 later');
    const [mail, email] = await Promise.all([smtp.next(), ask(op, await op.createClient())]);
    expect(mail.headers.get('to')).toBe(email);
    expect(await said(op, 'e-mail not sent yet')).toMatchObject({ responseCode: 451 });
  });

  test('that refuses for good is not; the log says so, without the link', async () => {
    smtp.refusals.push('550 no http://x/account/reset?ticket=abc here');
    const count = smtp.mails.length;
    await ask(op, await op.createClient());
    const line = await said(op, 'e-mail not sent');
    expect(line).toMatchObject({ responseCode: 550, id: expect.any(String) });
    expect(JSON.stringify(line)).toContain('ticket=(hidden)');
    expect(smtp.mails.length).toBe(count);
  });

  test('is asked once more when the server ends', async () => {
    const ending = await startOp({ mail: { smtp_url: smtp.url } });
    smtp.refusals.push('451 later');
    const email = await ask(ending, await ending.createClient());
    await said(ending, 'e-mail not sent yet');
    const [mail] = await Promise.all([smtp.next(), ending.close()]);
    expect(mail.headers.get('to')).toBe(email);
  });

  test('that is not there changes no page', async () => {
    const lonely = await startOp({ mail: { smtp_url: 'smtp://127.0.0.1:1' } });
    await ask(lonely, await lonely.createClient());
    expect(await said(lonely, 'e-mail not sent yet')).toMatchObject({ code: 'ESOCKET' });
    await lonely.close();
    expect(await said(lonely, 'e-mail not sent')).toMatchObject({ level: 50 });
  });
});
