/** What a try of a client never does, and the flows that ask more of a client. */
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { exportJWK } from 'jose';
import type { Browser } from 'playwright-core';
import { CIBA } from '../../src/clients/values.ts';
import { pass } from '../flows/clock.ts';
import { describeWithBrowser, launchBrowser, openTab } from '../support/browser.ts';
import { makeKeys } from '../support/keys.ts';
import { mailsIn, until } from '../support/mail.ts';
import { type Op, startOp } from '../support/op.ts';
import { axeFaults, type DashboardTab, type Entrance, logIn, signedIn } from './support.ts';
import { HOSTILE } from './world.ts';

let op: Op;
let browser: Browser;
const tabs: DashboardTab[] = [];

beforeAll(async () => {
  [op, browser] = await Promise.all([
    startOp({ mtls: { mode: 'proxy' }, http: { trust_proxy: true } }),
    launchBrowser(),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all(tabs.map((tab) => tab.close()));
  await browser.close();
  await op.close();
});

const enter = async (entrance: Entrance = {}) => {
  const tab = await signedIn(op, browser, entrance);
  tabs.push(tab);
  tab.page.setDefaultTimeout(8_000);
  return tab;
};

afterEach(() => void jest.restoreAllMocks());

const content = ({ page }: DashboardTab) => page.innerText('main');
const last = ({ page }: DashboardTab) => page.locator('.steps > li').last().innerText();
const press = ({ page }: DashboardTab, name: string) => page.click(`button[value="${name}"]`);
const spa = (more: object = {}) => op.createClient({ type: 'single-page-application', ...more });

/** As far as the link that leaves the dashboard. */
async function prepare(tab: DashboardTab, client: { client_id: string }) {
  await tab.open(`/clients/${client.client_id}/try`);
  await tab.page.click('text="Make the request"');
}

describeWithBrowser('a try', () => {
  test('asks for consent as the server always does, and takes a no for an answer', async () => {
    const client = await spa({ first_party: false, client_name: 'Stranger' });
    const tab = await enter();
    await prepare(tab, client);
    await tab.page.click('#go');
    expect(tab.page.url()).toContain('/interaction/');
    await tab.page.click('button[name=decision][value=deny]');
    expect(await last(tab)).toContain('access_denied');
    expect(await tab.page.locator('button[value=redeem]').count()).toBe(0);

    await tab.page.click('text="Begin anew"');
    await prepare(tab, client);
    await tab.page.click('#go');
    await tab.page.click('button[name=decision][value=allow]');
    expect(await last(tab)).toContain('A code came');
  }, 60_000);

  test('brings nobody else’s answer', async () => {
    const client = await spa();
    const tab = await enter();
    const other = await op.createAccount();
    await prepare(tab, client);
    await tab.page.context().clearCookies({ name: /^session/ });
    await tab.page.click('#go');
    await logIn(tab.page, other);
    expect(await last(tab)).toContain('Somebody else is signed in');
    expect(await last(tab)).not.toContain('code');
    expect(await tab.page.locator('button[value=redeem]').count()).toBe(0);
  }, 60_000);

  test('takes its own answer alone; any other goes where it always goes', async () => {
    const client = await spa();
    const tab = await enter();
    await prepare(tab, client);
    const href = (await tab.page.getAttribute('#go', 'href')) as string;
    const another = new URL(href, op.issuer);
    another.searchParams.set('state', 'of-the-application');
    const goes = async ({ page }: Pick<DashboardTab, 'page'>, to: URL) => {
      const left = page.waitForRequest((request) => request.url().startsWith('https://rp.example'));
      await page.goto(to.href).catch(() => {});
      // Nobody is there; the browser says so on a page of its own, before it goes anywhere else.
      await page.waitForURL('chrome-error://**');
      return new URL((await left).url()).searchParams;
    };
    expect((await goes(tab, another)).has('code')).toBe(true);

    // The link of somebody’s try, opened in another browser, is an ordinary request.
    const stranger = await enter({ role: 'editor' });
    expect((await goes(stranger, new URL(href, op.issuer))).has('code')).toBe(true);
    await stranger.open(`/clients/${client.client_id}/try`);
    expect(await stranger.page.locator('.steps').count()).toBe(0);
  }, 60_000);

  test('redeems no device code that somebody else has let in', async () => {
    const client = await op.createClient({ type: 'device', redirect_uris: [] });
    const tab = await enter();
    await tab.open(`/clients/${client.client_id}/try`);
    await tab.page.click('text="Get a code"');
    const address = (await tab.page.getAttribute('#verify', 'href')) as string;
    const victim = await openTab(browser);
    await victim.page.goto(address);
    await victim.page.click('button[name=confirm][value=yes], button.primary');
    await logIn(victim.page, await op.createAccount());
    await victim.page.waitForLoadState();
    await victim.close();
    await press(tab, 'poll_device');
    expect(await last(tab)).toContain('Somebody else has let this device in');
    expect(await content(tab)).not.toContain('Access token');
    expect(await tab.page.locator('button[value=poll_device]').count()).toBe(0);
  }, 60_000);

  test('is over after ten minutes, with what was typed', async () => {
    const client = await op.createClient({ type: 'server-to-server' });
    const tab = await enter();
    await tab.open(`/clients/${client.client_id}/try`);
    await tab.page.fill('input[name=secret]', client.client_secret as string);
    await tab.page.click('text="Get a token"');
    expect(await tab.page.content()).not.toContain(client.client_secret);
    const stored = JSON.stringify(
      await op.store.collection({ name: 'dashboard_tries' }).list({ limit: 10 }),
    );
    expect(stored).not.toContain(client.client_secret);
    pass(601);
    await press(tab, 'introspect');
    expect(await content(tab)).toContain('This try is over');
    expect(await tab.page.locator('.steps').count()).toBe(0);
  }, 60_000);

  test('is not a viewer’s', async () => {
    const client = await op.createClient();
    const tab = await enter({ role: 'viewer', look: { javaScript: true } });
    const { page } = tab;
    await tab.open(`/clients/${client.client_id}/try`);
    expect(await content(tab)).toContain('You may look');
    expect(await page.locator('main form').count()).toBe(0);
    expect(await content(tab)).toContain('curl');
    expect(await axeFaults(page)).toEqual([]);
    const csrf = await page.getAttribute('input[name=csrf]', 'value');
    for (const more of ['', '/next', '/end']) {
      const answer = await page.request.post(
        `${op.issuer}/dashboard/clients/${client.client_id}/try${more}`,
        { form: { csrf: csrf as string, flow: 'people', secret: 'x' }, maxRedirects: 0 },
      );
      expect(answer.status()).toBe(403);
    }
    expect(tab.faults).toEqual([]);
  }, 60_000);

  test('shows hostile names as what they are', async () => {
    const client = await spa({
      client_name: HOSTILE.slice(0, 60),
      redirect_uris: ['https://rp.example/callback?x=%3Cscript%3Ealert(1)%3C/script%3E'],
    });
    const tab = await enter({ look: { javaScript: true, size: 'phone', scheme: 'dark' } });
    const { page } = tab;
    await prepare(tab, client);
    expect(await axeFaults(page)).toEqual([]);
    await page.click('#go');
    await press(tab, 'redeem');
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(await axeFaults(page)).toEqual([]);
    expect(await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth')).toBe(
      true,
    );
    expect(tab.faults).toEqual([]);
  }, 60_000);

  test('financial: pushed, by a private key, with DPoP, and a signed answer', async () => {
    const keys = await makeKeys('PS256');
    const client = await op.createClient({
      type: 'financial',
      fapi_profile: 'fapi2-message-signing',
      dpop_bound_access_tokens: true,
      jwks: keys.jwks as never,
    });
    const tab = await enter();
    const { page } = tab;
    await tab.open(`/clients/${client.client_id}/try`);
    await page.fill('textarea[name=key]', 'no key');
    await page.click('text="Make the request"');
    expect(await content(tab)).toContain('This is no private key');
    const key = { ...(await exportJWK(keys.privateKey)), kid: keys.kid };
    await page.fill('textarea[name=key]', JSON.stringify(key));
    await page.click('text="Make the request"');
    expect(await page.textContent('.steps')).toContain('The browser carries only this reference');
    await page.click('#go');
    expect(await last(tab)).toContain('The response is signed (JARM)');
    await press(tab, 'redeem');
    expect(await last(tab)).toContain('There is an access token');
    await press(tab, 'userinfo');
    expect(await last(tab)).toContain('200');
    await press(tab, 'introspect');
    expect(await last(tab)).toContain('The token is active');
    expect(await content(tab)).not.toContain('wrong');
    expect(await page.content()).not.toContain(key.d);
  }, 60_000);

  test('CIBA: the administrator, and nobody else, is asked', async () => {
    const client = await op.createClient({
      grant_types: ['authorization_code', 'refresh_token', CIBA],
      backchannel_token_delivery_mode: 'poll',
    });
    const tab = await enter();
    const { page } = tab;
    await tab.open(`/clients/${client.client_id}/try`);
    await page.click('text="Ask for approval without a browser"');
    const form = page.locator('details', { has: page.locator('text="Ask me"') });
    await form.locator('input[name=secret]').fill(client.client_secret as string);
    await form.locator('button').click();
    expect(await last(tab)).toContain(tab.account.email);
    const mail = await until('e-mail', () =>
      mailsIn(op.config.mail.folder).find(
        ({ headers, link }) => headers.get('to')?.includes(tab.account.email) && link,
      ),
    );
    const address = page.url();
    await page.goto(mail.link as string);
    await page.fill('#password', tab.account.password);
    await page.click('button[name=decision][value=allow]');
    await page.waitForSelector('text="You have allowed it"');
    await page.goto(address);
    await press(tab, 'poll_ciba');
    expect(await last(tab)).toContain('There is an access token');
  }, 60_000);

  test('a certificate is nothing that a page has: there is a command instead', async () => {
    const client = await op.createClient({
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: 'CN=shop',
    });
    const tab = await enter();
    await tab.open(`/clients/${client.client_id}/try`);
    expect(await content(tab)).toContain('This cannot be tried from here');
    expect(await content(tab)).toContain('--cert client.pem');
    expect(await content(tab)).toContain(client.client_id);
    expect(await axeFaults(tab.page)).toEqual([]);
  }, 60_000);
});
