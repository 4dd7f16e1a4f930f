import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { describeWithBrowser, launchBrowser, openTab, type Tab } from '../support/browser.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { type Spa, startSpa } from './spa.ts';

describeWithBrowser('a single-page application (oidc-client-ts) by discovery alone', () => {
  let op: Op;
  let spa: Spa;
  let browser: Browser;
  let client: TestClient;
  let account: TestAccount;
  let tab: Tab;
  beforeAll(async () => {
    [op, spa, browser] = await Promise.all([startOp(), startSpa(), launchBrowser()]);
    const homes = [spa.origin, spa.elsewhere];
    [client, account] = await Promise.all([
      op.createClient({
        type: 'single-page-application',
        redirect_uris: homes.map((home) => `${home}/callback`),
        post_logout_redirect_uris: homes.map((home) => `${home}/`),
      }),
      op.createAccount(),
    ]);
  });
  beforeEach(async () => {
    tab = await openTab(browser, { javaScript: true });
  });
  afterEach(() => tab?.close());
  afterAll(async () => {
    await browser?.close();
    await spa?.close();
    await op?.close();
  });

  const ready = () => tab.page.waitForSelector('html[data-ready]');
  const open = async (settings: object = {}, origin = spa.origin) => {
    spa.settings = { authority: op.issuer, client_id: client.client_id, ...settings };
    await tab.page.goto(origin);
    await ready();
  };
  /** What one of the application's buttons answers. */
  // biome-ignore lint/suspicious/noExplicitAny: what it answers is what the test is about
  const press = (button: string, ...given: unknown[]): Promise<any> =>
    tab.page.evaluate(`rp.${button}(${given.map((one) => JSON.stringify(one)).join(', ')})`);
  /** Goes away to the server and comes back. */
  async function signIn(settings: object = {}, origin = spa.origin) {
    await open(settings, origin);
    await press('signIn').catch(() => {});
    await tab.page.fill('#email', account.email);
    await tab.page.fill('#password', account.password);
    await tab.page.click('button.primary');
    await tab.page.waitForURL(`${origin}/`);
    await ready();
    return press('user');
  }
  const heading = () => tab.page.innerText('h1');

  test('signs a person in with code and PKCE, and asks UserInfo', async () => {
    const user = await signIn({ loadUserInfo: true });
    expect(await heading()).toBe('Hello Ada Lovelace');
    expect(user.profile).toMatchObject({ sub: account.id, email: account.email });
    expect(user).toMatchObject({ token_type: 'Bearer', scope: 'openid profile email' });
    const { status, body } = await press('call');
    expect([status, body.sub]).toEqual([200, account.id]);
    expect(tab.faults).toEqual([]);
  });

  test('refreshes with rotation', async () => {
    const before = await signIn();
    const after = await press('refresh');
    expect(after.profile.sub).toBe(account.id);
    expect(after.access_token).not.toBe(before.access_token);
    expect(after.refresh_token).toMatch(/./);
    expect(after.refresh_token).not.toBe(before.refresh_token);
    expect(await press('call')).toMatchObject({ status: 200 });
    expect(tab.faults).toEqual([]);
  });

  test('renews in a frame with prompt=none', async () => {
    const before = await signIn();
    const after = await press('renew');
    expect(after.profile.sub).toBe(account.id);
    expect(after.access_token).not.toBe(before.access_token);
    expect(tab.faults).toEqual([]);
  });

  test('of another site has no session in a frame, and its refresh token all the same', async () => {
    await signIn({}, spa.elsewhere);
    expect(await press('renew')).toEqual({ error: 'login_required' });
    expect((await press('refresh')).profile.sub).toBe(account.id);
    expect(tab.faults).toEqual([]);
  });

  test('notices a logout in another tab', async () => {
    await signIn({ monitorSession: true });
    const events = () => tab.page.evaluate('rp.events.join()');
    await tab.page.waitForTimeout(2500);
    expect(await events()).toBe('');
    const other = await tab.page.context().newPage();
    await other.goto(`${op.issuer}/logout`);
    await other.click('button[name=logout]');
    await other.waitForURL('**/logout/success');
    await tab.page.waitForFunction('rp.events.length > 0', undefined, { timeout: 8000 });
    expect(await events()).toBe('signed out');
    expect(tab.faults).toEqual([]);
  });

  test('signs out at the server, and comes back to a person who must sign in', async () => {
    await signIn();
    await press('signOut').catch(() => {});
    await tab.page.click('button[name=logout]');
    await tab.page.waitForURL(`${spa.origin}/`);
    await ready();
    expect(await heading()).toBe('Nobody');
    expect(await press('renew')).toEqual({ error: 'login_required' });
    expect(tab.faults).toEqual([]);
  });

  test('revokes its tokens', async () => {
    await signIn();
    const { access_token } = await press('user');
    await press('revoke');
    const { status } = await op.get('/userinfo', { authorization: `Bearer ${access_token}` });
    expect(status).toBe(401);
    expect(tab.faults).toEqual([]);
  });

  test('binds its tokens to a key of the browser (DPoP)', async () => {
    const user = await signIn({ dpop: true });
    expect(user.token_type).toBe('DPoP');
    expect(await press('call', true)).toMatchObject({ status: 200, body: { sub: account.id } });
    expect((await press('refresh')).access_token).not.toBe(user.access_token);
    expect(await press('call', true)).toMatchObject({ status: 200 });
    expect(tab.faults).toEqual([]);
    // Without the proof it is worth nothing, and the application can read why.
    const { status, challenge } = await press('call', false);
    expect([status, challenge]).toEqual([401, expect.stringContaining('DPoP')]);
  });
});
