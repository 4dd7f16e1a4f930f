import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { overflows } from '../pages/axe.ts';
import { describeWithBrowser, type Look } from '../support/browser.ts';
import { type Op, startOp } from '../support/op.ts';
import { axeFaults, logIn, signedIn, useSite } from './support.ts';

const names = (page: Page) => page.locator('.table.clients tbody .who-is bdi').allTextContents();
const tick = (page: Page, id: string) => page.check(`input[name=id][value="${id}"]`);

const key = {
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  alg: 'ES256',
  use: 'sig',
  kid: 'one',
};

describeWithBrowser('the list of clients', () => {
  let op: Op;
  let browser: Browser;
  useSite(async (site) => {
    ({ op, browser } = site);
    const made = [
      { client_id: 'shop', client_name: 'Corner Shop', tags: ['prod'], first_party: true },
      { client_id: 'game', client_name: 'Their Game', first_party: false, disabled: true },
      {
        client_id: 'job',
        client_name: 'Nightly Job',
        type: 'server-to-server' as const,
        token_endpoint_auth_method: 'client_secret_basic' as const,
      },
      {
        client_id: 'cafe',
        client_name: 'Café Zoë',
        fapi_profile: 'fapi1-baseline' as const,
        jwks: { keys: [key] },
      },
    ];
    for (const client of made) await op.createClient(client);
  });
  const enter = (role: 'owner' | 'editor' | 'viewer' = 'owner', look: Look = {}) =>
    signedIn(op, browser, { role, look });

  test('filters and sorts without JavaScript', async () => {
    const { page, open, close } = await enter();
    await open('/clients');
    expect(await names(page)).toEqual(expect.arrayContaining(['Café Zoë', 'Corner Shop']));
    await page.fill('#f-q', 'corn');
    await page.click('form[role=search] button');
    expect(await names(page)).toEqual(['Corner Shop']);
    for (const [query, expected] of [
      ['type=server-to-server&q=night', ['Nightly Job']],
      ['state=disabled', ['Their Game']],
      ['profile=fapi1-baseline', ['Café Zoë']],
      ['tag=prod', ['Corner Shop']],
      ['party=first&q=shop', ['Corner Shop']],
      ['origin=api&q=game', ['Their Game']],
      ['origin=api&sort=-name&state=enabled', ['Nightly Job', 'Corner Shop', 'Café Zoë']],
    ] as const) {
      await open(`/clients?${query}`);
      expect([query, await names(page)]).toEqual([query, expected]);
    }
    // What means nothing is not asked for.
    await open('/clients?type=nonsense&sort=nonsense&q=corn');
    expect(await names(page)).toEqual(['Corner Shop']);
    await open('/clients?q=nobody');
    expect(await page.textContent('.empty')).toMatch('No client fits');
    await close();
  });

  test('leads to the wizard as long as nobody has made a client', async () => {
    const fresh = await startOp();
    const { page, open, close } = await signedIn(fresh, browser);
    await open('/clients');
    expect(await page.getAttribute('.empty a', 'href')).toBe('/dashboard/clients/new');
    expect(await names(page)).toContain('Clientele dashboard');
    await fresh.createClient();
    await open('/clients');
    expect(await page.locator('.empty').count()).toBe(0);
    await close();
    await fresh.close();
  });

  test('searches while one types, and keeps the address', async () => {
    const { page, faults, open, close } = await enter('owner', { javaScript: true });
    await open('/clients');
    await page.locator('#f-q').pressSequentially('zo');
    await page.waitForURL(/q=zo/);
    expect(await names(page)).toEqual(['Café Zoë']);
    await page.check('input[data-all=id]');
    expect(await page.isChecked('input[name=id]')).toBe(true);
    expect(faults).toEqual([]);
    await close();
  });

  test('shows when a client was last used, and finds those that nobody uses', async () => {
    const { page, open, close } = await enter();
    await open('/clients?q=test-admin');
    expect(await page.locator('tbody time').count()).toBe(1);
    await open('/clients?q=corner');
    expect(await page.textContent('tbody')).toMatch('never');
    await open('/clients?unused=30');
    expect(await names(page)).toEqual([]);
    const since = Math.floor(Date.now() / 1000) + 60;
    const { body } = await op.admin(`/clients?unused_since=${since}&limit=2&origin=api`);
    expect(body.items).toHaveLength(2);
    const { body: rest } = await op.admin(
      `/clients?unused_since=${since}&limit=2&origin=api&after=${encodeURIComponent(body.next)}`,
    );
    const ids = [...body.items, ...rest.items].map(({ client_id }) => client_id);
    expect(ids.sort()).toEqual(['cafe', 'game', 'job', 'shop']);
    await close();
  });

  test('changes many at once and tells what became of each', async () => {
    const { page, open, close } = await enter('editor');
    await open('/clients?origin=api');
    await tick(page, 'shop');
    await tick(page, 'cafe');
    await page.fill('#b-tag', 'eu');
    // Enter adds the tag, and does nothing worse.
    await page.press('#b-tag', 'Enter');
    await page.waitForSelector('.notice');
    expect(page.url()).toMatch(/clients\?origin=api$/);
    expect(await page.textContent('.notice')).toMatch('2 clients have the tag eu.');
    const { body } = await op.admin('/clients/shop');
    expect(body.tags).toEqual(['prod', 'eu']);

    await tick(page, 'shop');
    await tick(page, 'job');
    await op.admin('/clients/job', { method: 'DELETE' });
    await page.click('button[value=disable]');
    expect(await page.textContent('.notice')).toMatch('One client is disabled.');
    expect(await page.textContent('.notice .reasons')).toMatch('job');
    expect((await op.admin('/clients/shop')).body.disabled).toBe(true);

    // A tag that the rules refuse is refused in their words.
    await tick(page, 'shop');
    await page.fill('#b-tag', 'not a tag!');
    await page.click('button[value=tag]');
    expect(await page.textContent('.notice .reasons')).toMatch('letters, digits');

    await tick(page, 'shop');
    await page.click('button[value=enable]');
    await page.getByText('One client is enabled').waitFor();
    await page.reload();
    expect(await page.locator('.notice').count()).toBe(0);
    await page.click('button[value=enable]');
    expect(await page.textContent('.flash')).toMatch('No client was chosen');
    await close();
  });

  test('deletes many after a page that names them', async () => {
    await op.createClient({ client_id: 'old-1', client_name: 'Old One' });
    await op.createClient({ client_id: 'old-2', client_name: 'Old Two' });
    const { page, account, open, close } = await enter();
    await open('/clients?q=old');
    await tick(page, 'old-1');
    await tick(page, 'old-2');
    await page.click('button[value=delete]');
    // Who did not just sign in is asked for the password, and nothing is lost by it.
    if (await page.locator('#password').count()) await logIn(page, account);
    expect(await page.textContent('h1')).toBe('Delete 2 clients?');
    expect(await page.textContent('.panel')).toMatch(/Old One[\s\S]*Old Two/);
    expect(await axeFaults(page)).toEqual([]);
    await page.click('button.danger');
    expect(await page.textContent('.notice')).toMatch('2 clients were deleted.');
    expect((await op.admin('/clients/old-1')).status).toBe(404);
    await close();
  });

  test('never touches the dashboard’s own client', async () => {
    const { page, open, close } = await enter();
    await open('/clients?q=clientele-dashboard');
    expect(await names(page)).toEqual(['Clientele dashboard']);
    expect(await page.locator('input[name=id]').count()).toBe(0);
    await close();
  });

  test('offers a viewer nothing to change, and refuses it', async () => {
    const { page, open, close } = await enter('viewer');
    await open('/clients');
    expect(await page.locator('input[name=id], .bulk, a[href$="/clients/new"]').count()).toBe(0);
    await open('/clients/bulk?id=shop');
    expect(await page.textContent('h1')).toBe('This is not open to you');
    await close();
  });

  const looks: Look[] = [
    { size: 'phone', scheme: 'light', javaScript: true },
    { size: 'desktop', scheme: 'dark', javaScript: true },
  ];
  for (const look of looks) {
    test(`is accessible and fits (${look.size}, ${look.scheme})`, async () => {
      const { page, open, close } = await enter('owner', look);
      for (const path of [
        '/clients?origin=api',
        '/clients?state=disabled&party=third',
        '/clients?q=nobody',
      ]) {
        await open(path);
        expect(await axeFaults(page)).toEqual([]);
        expect(await overflows(page)).toBe(false);
      }
      await close();
    });
  }

  test('leads on to the next page', async () => {
    for (let at = 0; at < 51; at += 1)
      await op.createClient({ client_name: `Many ${at}`, tags: ['many'] });
    const { page, open, close } = await enter();
    await open('/clients?tag=many');
    expect(await names(page)).toHaveLength(50);
    await page.click('a[rel=next]');
    expect(await names(page)).toHaveLength(1);
    expect(await page.locator('a[rel=next]').count()).toBe(0);
    await open('/clients?tag=many&after=nonsense');
    expect(await names(page)).toHaveLength(50);
    await close();
  });

  test('stays small and harmless with 50 hostile names', async () => {
    const hostile = `"><img src=x onerror=alert(1)>${'"'.repeat(34)}`;
    for (let at = 0; at < 50; at += 1) {
      await op.createClient({
        client_name: hostile,
        logo_uri: `https://logo.invalid/${at}?"><script>`.replace(/[<>"]/g, encodeURIComponent),
        tags: ['hostile', ...Array.from({ length: 19 }, (_, i) => `${i}`.padEnd(32, 'ü'))],
      });
    }
    const { page, faults, open, close } = await enter('owner', { javaScript: true });
    const [answer] = await Promise.all([
      page.waitForResponse(/clients\?tag=hostile/),
      open('/clients?tag=hostile'),
    ]);
    const size = (await answer.body()).length;
    expect(size).toBeLessThan(100_000);
    expect((await names(page))[0]).toBe(hostile);
    expect(faults.filter((fault) => !/status of 404/.test(fault))).toEqual([]);
    await close();
  });
});
