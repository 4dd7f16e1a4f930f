/**
 * What a browser would not send, from somebody who is signed in: none of it is an error of the
 * server, none takes long, and what was chosen by others is nobody's formula, header or address.
 */
import { describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { allPages } from '../../src/dashboard/pages.ts';
import { scopesOfRoles } from '../../src/oidc/tokens.ts';
import { describeWithBrowser } from '../support/browser.ts';
import type { Op, TestClient } from '../support/op.ts';
import { type DashboardTab, signedIn, useSite } from './support.ts';

const nested = (depth: number) => `${'{"keys":'.repeat(depth)}1${'}'.repeat(depth)}`;

/** Forms that no page made. `*`: the path of a client. */
const forms: Readonly<Record<string, [path: string, body: string, status: number]>> = {
  'two megabytes': ['/clients/bulk', `x=${'a'.repeat(2_000_000)}`, 413],
  'thousands of parameters': ['/clients/bulk', 'act=disable&id=a'.repeat(50_000), 413],
  'one field said to be shown thousands of times': [
    '*/edit/review',
    'shown=redirect_uris&'.repeat(1900),
    409,
  ],
  'JSON that nests thousands deep': ['*/edit/review', `shown=jwks&jwks=${nested(5000)}`, 409],
  'JSON that nests without an end': ['*/edit/review', `shown=jwks&jwks=${'['.repeat(90_000)}`, 409],
  'a form said to have begun with such': [
    '*/edit/review',
    `seen=${nested(5000)}&shown=jwks&jwks=`,
    409,
  ],
  'keys that nest thousands deep': [
    '*/compliance/fix',
    `what=all&profile=fapi2-security-profile&jwks=${nested(5000)}`,
    200,
  ],
  'keys of a new client that nest thousands deep': [
    '/clients/new/web',
    `client_name=x&proof=key&keys=${nested(5000)}`,
    422,
  ],
  'another type of body': ['/clients/bulk', '{"act":"delete"}', 303],
  'names of what objects have': [
    '*/edit/review',
    'shown=__proto__&__proto__=x&shown=toString',
    409,
  ],
  'a version that is none': ['*/disable', 'version=__proto__', 303],
};

/** Addresses that no page links. */
const addresses = [
  '*%00',
  '/clients/%',
  '/clients/..%2f..%2faccount',
  '/clients/a%0d%0aSet-Cookie:%20x=1',
  `/clients/${'a'.repeat(5000)}`,
  `/clients?q=${'%28'.repeat(200)}`,
  '/clients?after=%7B%22%24gt%22%3A%22%22%7D',
  '/clients?sort=__proto__&type=constructor',
  '/clients/new/__proto__',
  '?span=__proto__',
  '/audit?after=x&time=nonsense',
  '/audit?target=%24where',
  '/failures?after=%00',
  '/accounts?q=%00&after=x',
  '/compliance/clients?profile=__proto__&rule=constructor',
  `/compliance/try?patch=${nested(200)}`,
  '*/compliance?profile=__proto__',
  '*/compliance/fix?what=__proto__',
  '*/convert?type=__proto__',
  '*/history/__proto__',
  '*/secrets/__proto__/remove',
  '/registration/policies/__proto__/edit',
];

describeWithBrowser('somebody signed in who sends what no page sends', () => {
  let op: Op;
  let browser: Browser;
  let tab: DashboardTab;
  let client: TestClient;
  let csrf: string;
  useSite(async (site) => {
    ({ op, browser } = site);
    tab = await signedIn(op, browser);
    client = await op.createClient();
    csrf = (await tab.page.locator('input[name=csrf]').first().getAttribute('value')) ?? '';
  });

  const at = (path: string) =>
    `${op.issuer}/dashboard${path.replace('*', `/clients/${client.client_id}`)}`;

  test.each(Object.entries(forms))('in a form: %s', async (_, [path, body, status]) => {
    const begun = performance.now();
    const answer = await tab.page.request.post(at(path), {
      maxRedirects: 0,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' },
      data: `csrf=${csrf}&${body}`,
    });
    expect(answer.status()).toBe(status);
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  test.each(addresses)('in an address: %s', async (path) => {
    const answer = await tab.page.request.get(at(path), {
      maxRedirects: 0,
      headers: { accept: 'text/html' },
    });
    expect([200, 303, 400, 404, 422]).toContain(answer.status());
    expect(answer.headers()['set-cookie']).toBeUndefined();
    expect(await answer.text()).not.toMatch(/node_modules|\.ts:\d|at \w+ \(/);
  });

  test('nothing of it is an error of the server', () => {
    const failed = op.logs.filter(({ level }) => level >= 50);
    expect(failed.map(({ msg, path }) => [msg, path])).toEqual([]);
  });

  test('leads nobody elsewhere by what a form or an address says', async () => {
    for (const evil of ['https://evil.example', '//evil.example', '/\\evil.example', '\r\nX: y']) {
      for (const name of ['back', 'from', 'to', 'return', 'go']) {
        const answer = await tab.page.request.post(at('/clients/bulk'), {
          maxRedirects: 0,
          form: { csrf, [name]: evil, act: 'nonsense', id: 'a' },
        });
        expect(answer.headers().location).toMatch(/^\/dashboard\/clients(\?|$)/);
      }
    }
  });
});

describeWithBrowser('roles', () => {
  let op: Op;
  let browser: Browser;
  useSite((site) => {
    ({ op, browser } = site);
  });

  test('every page that can be posted to wants more than a right to read', () => {
    const posts = allPages().filter(({ method }) => method === 'post');
    const open = posts.filter(({ scope }) => scopesOfRoles(['viewer']).includes(scope as never));
    expect(open.map(({ path }) => path)).toEqual([]);
  });

  describe.each(['viewer', 'editor'] as const)('a %s', (role) => {
    test('is refused every post that the role does not have, and nothing is done', async () => {
      const tab = await signedIn(op, browser, { role });
      const csrf = (await tab.page.locator('input[name=csrf]').first().getAttribute('value')) ?? '';
      const before = (await op.admin('/audit')).body.items[0].id;
      const rights: readonly string[] = scopesOfRoles([role]);
      const posts = allPages().filter(
        ({ method, scope }) => method === 'post' && !rights.includes(scope),
      );
      expect(posts.length).toBeGreaterThan(5);
      for (const { path } of posts) {
        const address = `${op.issuer}/dashboard${path.replaceAll(/:\w+/g, 'none')}`;
        const form = { csrf, version: '1', roles: 'owner', email: 'a@example.com' };
        const answer = await tab.page.request.post(address, { maxRedirects: 0, form });
        expect([path, answer.status()]).toEqual([path, 403]);
      }
      expect((await op.admin('/audit')).body.items[0].id).toBe(before);
      await tab.close();
    });
  });

  test('that are taken away while a form is open are taken away', async () => {
    const { client_id } = await op.createClient({ client_name: 'Before' });
    const tab = await signedIn(op, browser, { role: 'editor' });
    await tab.open(`/clients/${client_id}/disable`);
    await op.admin(`/accounts/${tab.account.id}`, {
      method: 'PATCH',
      body: { roles: ['viewer'] },
    });
    await tab.page.click('main button.danger');
    expect(await tab.page.innerText('h1')).toBe('This is not open to you');
    expect((await op.admin(`/clients/${client_id}`)).body.disabled).not.toBe(true);
    await tab.close();
  });

  test('everywhere signed out is signed out of every dashboard', async () => {
    const tab = await signedIn(op, browser);
    await op.admin(`/accounts/${tab.account.id}/sessions`, { method: 'DELETE' });
    const answer = await tab.page.request.get(`${op.issuer}/dashboard/clients`, {
      maxRedirects: 0,
    });
    expect(answer.status()).toBe(302);
    await tab.open('/clients');
    expect(await tab.page.locator('#password').count()).toBe(1);
    await tab.close();
  });
});
