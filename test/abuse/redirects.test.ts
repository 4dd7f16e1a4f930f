/** Where people are sent to: only to what is registered, and only what leads to one place is. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizeUrl } from '../flows/requests.ts';
import { createAgent, isConsent, leftFor, wordsOf } from '../support/agent.ts';
import { CALLBACK, type Op, startOp, type TestAccount } from '../support/op.ts';
import { expectExplained, ways } from './hostile-clients.ts';

let op: Op;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp({ registration: { mode: 'open' } });
  account = await op.createAccount();
});
afterAll(() => op?.close());

const misleading = [
  'http://localhost:80@evil.example',
  'https://rp.example@evil.example/',
  'https://user:password@rp.example/callback',
  'https://rp.example\\@evil.example/',
  'https:\\\\evil.example',
  'https://rp.example/call\tback',
  'https://rp.example/\r\nSet-Cookie: a=b',
  ' https://rp.example/callback',
  'https://rp.example/callback ',
  'https://rp.example/%2e%2e/evil',
  'https://rp.example/..%2fevil',
  'https://rp.example/..;/evil',
  'https://rp.example/a/../evil',
  'https://*.rp.example/callback',
  'https://rp.example/*',
  'HTTPS://RP.example/callback',
  'https://rp.example:443/callback',
  'https://rp.example/callback#fragment',
  'https://rp.example%00.evil.example/',
  'https://rp.example%2eevil.example/',
  'https://rp.example\u3002evil.example/',
  'https://rp.ex\u0430mple/callback',
  'https://rp.example\u200b/callback',
  'https://rp.example/\u202egpj.exe',
  'https:rp.example/callback',
  'https:///rp.example/callback',
  'https://0x7f.1/',
  'https://[::ffff:10.0.0.1]/',
  'https://rp.example:99999/',
  'http://rp.example/callback',
  'http://localhost.evil.example/',
  'http://127.0.0.1.evil.example/',
  '//rp.example/callback',
  '/callback',
  'rp.example/callback',
  `https://rp.example/${'x'.repeat(2048)}`,
];

describe.each(Object.entries(ways))('abuse case 1: through %s', (_, attempt) => {
  test.each(misleading)('%j is no redirect URI', async (uri) => {
    const errors = await attempt(op, { redirect_uris: [CALLBACK, uri] });
    expectExplained(errors, '/redirect_uris/1');
  });

  test.each(misleading.slice(0, 16))('%j is nowhere to come back to from a logout', async (uri) => {
    const errors = await attempt(op, { post_logout_redirect_uris: [uri] });
    expectExplained(errors, '/post_logout_redirect_uris/0');
  });
});

test('abuse case 1: a name that looks like another is shown as it is written in DNS', async () => {
  // Cyrillic а: https://rp.ex\u0430mple
  const uri = 'https://rp.xn--exmple-4nf/callback';
  const client = await op.createClient({ redirect_uris: [uri], first_party: false });
  const agent = createAgent(op.issuer);
  const page = await agent.login(authorizeUrl(op, client, { redirect_uri: uri }), account);
  expect(isConsent(page)).toBe(true);
  expect(wordsOf(page)).toContain('rp.xn--exmple-4nf');
  const unicode = authorizeUrl(op, client, { redirect_uri: 'https://rp.ex\u0430mple/callback' });
  expect((await agent.request(unicode)).headers.get('location')).toBeNull();
});

const elsewhere = [
  '//evil.example',
  '/\\evil.example',
  'https://evil.example/',
  'evil.example',
  'javascript:alert(1)',
  '\thttps://evil.example',
];

/** Names under which products of this kind take an address to go back to. */
const returns = ['return_to', 'returnTo', 'next', 'continue', 'redirect', 'redirect_uri', 'url'];

describe('abuse case 3: no page takes an address to go back to', () => {
  test.each(elsewhere)('%j in the query of a page is followed by none', async (address) => {
    const query = new URLSearchParams(returns.map((name): [string, string] => [name, address]));
    for (const path of ['/account/forgot', '/logout', '/device']) {
      const page = await createAgent(op.issuer).visit(`${op.issuer}${path}?${query}`);
      expect([path, page.left]).toEqual([path, undefined]);
      expect(page.html).not.toMatch(/evil\.example|alert\(1\)/);
    }
    const agent = createAgent(op.issuer);
    const client = await op.createClient();
    const login = await agent.visit(authorizeUrl(op, client));
    const forged = await agent.visit(`${login.url}?${query}`);
    const left = leftFor(await agent.login(forged, account));
    expect(left.origin + left.pathname).toBe(CALLBACK);
  });

  test.each(elsewhere)('%j among the fields of a login is ignored', async (address) => {
    const client = await op.createClient();
    const agent = createAgent(op.issuer);
    const { email, password } = account;
    const page = await agent.visit(authorizeUrl(op, client));
    const fields = Object.fromEntries(returns.map((name) => [name, address]));
    const left = leftFor(await agent.submit(page, { ...fields, email, password }));
    expect(left.origin + left.pathname).toBe(CALLBACK);
  });

  test.each(elsewhere)('%j is no way out of a logout', async (address) => {
    const client = await op.createClient({ post_logout_redirect_uris: ['https://rp.example/bye'] });
    const { client_id } = client;
    const query = new URLSearchParams({ client_id, post_logout_redirect_uri: address });
    const page = await createAgent(op.issuer).visit(`${op.issuer}/logout?${query}`);
    expect([page.status, page.left]).toEqual([400, undefined]);
    expect(page.html).not.toContain('evil.example');
  });
});
