/** What somebody else wrote is shown as text, and never more of it than fits. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizeUrl } from '../flows/requests.ts';
import { createAgent, isConsent, type Page, wordsOf } from '../support/agent.ts';
import { type Op, startOp, type TestAccount } from '../support/op.ts';
import { expectExplained, ways } from './hostile-clients.ts';

let op: Op;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp({ registration: { mode: 'open' } });
  account = await op.createAccount();
});
afterAll(() => op?.close());

const names: [what: string, name: string][] = [
  ['a bidi override', 'Bank\u202egpj.exe'],
  ['a bidi isolate', 'Bank\u2066'],
  ['a line break', 'Bank\r\nBcc: victim@example.com'],
  ['a line separator', 'Bank\u2028'],
  ['a NUL', 'Bank\0'],
  ['an escape sequence', 'Bank\u001b[31m'],
  ['a zero-width space', 'Ba\u200bnk'],
  ['a soft hyphen', 'Ba\u00adnk'],
  ['a tag', 'Bank\u{e0041}'],
  ['an annotation', 'Bank\ufff9'],
  ['a deprecated format character', 'Bank\u206f'],
  ['half a character', 'Bank\ud800'],
  ['nothing', ''],
  ['white space', '   '],
  ['an ideographic space', '\u3000'],
  ['a filler that is a letter', '\u3164'],
  ['an empty braille pattern', '\u2800'],
  ['a lone variation selector', '\ufe0f'],
  ['65 characters', 'W'.repeat(65)],
  ['a megabyte', 'W'.repeat(200_000)],
];

describe.each(Object.entries(ways))('abuse case 4: through %s', (way, attempt) => {
  test.each(names)('a name with %s is refused', async (_, client_name) => {
    // An empty value is an omitted one for who registers (RFC 7592, section 2.2).
    if (way === 'dynamic registration' && client_name === '') return;
    expectExplained(await attempt(op, { client_name }), '/client_name');
  });

  test.each(['logo_uri', 'policy_uri', 'tos_uri', 'client_uri'])(
    'an address of 1,025 characters, or with white space, is no %s',
    async (name) => {
      for (const path of ['x'.repeat(1025), 'a b', 'a\r\nb', 'a\\b', 'a\u202eb']) {
        expectExplained(await attempt(op, { [name]: `https://rp.example/${path}` }), `/${name}`);
      }
    },
  );
});

const markup = '<svg onload=alert(1)>"\'`{{ 7*7777 }}{% raw %}&lt;';

function expectText(page: Page): void {
  expect(page.html).not.toContain('<svg onload');
  expect(page.html).not.toContain('54439');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
}

test('abuse case 4: markup and templates in a client are text on every page that names it', async () => {
  const client = await op.createClient({
    client_name: markup,
    description: markup,
    first_party: false,
    contacts: ['help@rp.example'],
    logo_uri: 'https://rp.example/logo.png?"><svg%20onload=alert(1)>',
    policy_uri: "https://rp.example/'onmouseover='alert(1)",
    extra_metadata: { tier: markup },
  });
  const agent = createAgent(op.issuer);
  const login = await agent.visit(authorizeUrl(op, client, { login_hint: markup }));
  expectText(login);
  expect(wordsOf(login)).toContain(markup);
  const failed = await agent.login(login, { email: markup, password: 'x' });
  expectText(failed);
  const forgot = await agent.visit(
    `${op.issuer}/account/forgot?${new URLSearchParams({ client_id: client.client_id })}`,
  );
  expectText(forgot);
  const consent = await agent.login(authorizeUrl(op, client), account);
  expect(isConsent(consent)).toBe(true);
  expectText(consent);
  const refused = await agent.visit(authorizeUrl(op, client, { redirect_uri: 'https://evil/' }));
  expectText(refused);
});

test('abuse case 4: a logo whose host would write the policy of the page is not shown', async () => {
  for (const logo_uri of ['https://a;script-src.example/x.png', 'https://a,b.example/x.png']) {
    const answer = await op.admin('/clients', {
      method: 'POST',
      body: { redirect_uris: ['https://rp.example/callback'], logo_uri },
    });
    if (answer.status === 422) continue;
    const page = await createAgent(op.issuer).visit(authorizeUrl(op, answer.body));
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy.split(';').map((part) => part.trim().split(' ')[0])).toEqual([
      'default-src',
      'style-src',
      'img-src',
      'base-uri',
      'frame-ancestors',
      'script-src',
    ]);
    expect(policy).not.toContain('.example');
  }
});

test.each([
  { ui_locales: '../../../etc/passwd' },
  { ui_locales: '__proto__ constructor' },
  { ui_locales: 'x'.repeat(3000) },
  { ui_locales: '<svg onload=alert(1)>' },
  { state: '<svg onload=alert(1)>', acr_values: '<svg onload=alert(1)>' },
  { login_hint: `\u202e${'x'.repeat(3000)}<svg onload=alert(1)>` },
  { scope: 'openid __proto__ constructor toString' },
])('abuse case 4: a request with %j gets the login page as always', async (fields) => {
  const client = await op.createClient();
  const page = await createAgent(op.issuer).visit(authorizeUrl(op, client, fields));
  expect(page.status).toBe(200);
  expectText(page);
  expect(page.html).toContain('<html lang="en"');
});
