/** A client's real flows, walked through from the dashboard. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { describeWithBrowser, launchBrowser } from '../support/browser.ts';
import { type Op, startOp } from '../support/op.ts';
import { axeFaults, type DashboardTab, type Entrance, signedIn } from './support.ts';

let op: Op;
let browser: Browser;
const tabs: DashboardTab[] = [];

beforeAll(async () => {
  [op, browser] = await Promise.all([startOp(), launchBrowser()]);
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

const content = ({ page }: DashboardTab) => page.innerText('main');
const last = ({ page }: DashboardTab) => page.locator('.steps > li').last().innerText();
const press = ({ page }: DashboardTab, name: string) => page.click(`button[value="${name}"]`);

/** The words for a claim of a token. */
const saidOf = ({ page }: DashboardTab, token: string, claim: string) =>
  page
    .locator(`section[aria-labelledby="${token}"] tr`, {
      has: page.locator(`td:first-child code:text-is("${claim}")`),
    })
    .innerText();

describeWithBrowser('trying a client', () => {
  test('web: code, tokens, UserInfo, refresh, introspection, logout', async () => {
    const client = await op.createClient({
      client_name: 'Shop',
      post_logout_redirect_uris: ['https://rp.example/bye'],
      grant_types: ['authorization_code', 'refresh_token'],
    });
    const tab = await enter({ role: 'editor' });
    const { page } = tab;
    await tab.open(`/clients/${client.client_id}`);
    await page.click('.tabs >> text="Try it"');
    expect(await axeFaults(page)).toEqual([]);
    await page.fill('input[name=secret]', client.client_secret as string);
    await page.click('text="Make the request"');
    expect(await last(tab)).toContain('code_challenge');
    expect(await axeFaults(page)).toEqual([]);

    await page.click('#go');
    // First-party, and signed in: nothing is asked, and the answer does not go to rp.example.
    expect(page.url()).toBe(`${op.issuer}/dashboard/clients/${client.client_id}/try`);
    expect(await last(tab)).toContain('state is the one that was sent');
    expect(await last(tab)).toContain('https://rp.example/callback');

    await press(tab, 'redeem');
    expect(await last(tab)).toContain('200');
    expect(await saidOf(tab, 'id_token', 'nonce')).toContain('The nonce that was sent');
    expect(await saidOf(tab, 'id_token', 'aud')).toContain('It is for this client');
    expect(await saidOf(tab, 'id_token', 'sub')).toContain(tab.account.id);
    expect(await content(tab)).toContain('The signature is right');
    expect(await content(tab)).toContain('RS256 is the algorithm');
    expect(await content(tab)).not.toContain('wrong');
    expect(await axeFaults(page)).toEqual([]);

    await press(tab, 'userinfo');
    expect(await last(tab)).toContain(tab.account.email);
    await press(tab, 'introspect');
    expect(await last(tab)).toContain('The token is active');
    await press(tab, 'refresh');
    expect(await last(tab)).toContain('There is an ID token');
    await press(tab, 'revoke');
    await press(tab, 'introspect');
    expect(await last(tab)).toContain('The token is not active');

    // What was typed is on none of these pages, nor is anything else that could be used.
    const source = await page.content();
    expect(source).not.toContain(client.client_secret);
    expect(source.length).toBeLessThan(100_000);

    await page.click('#logout');
    expect(await page.innerText('body')).toContain('Shop');
    const left = page.waitForRequest((request) => request.url().startsWith('https://rp.example/'));
    await page.click('button[name=logout]');
    expect((await left).url()).toBe('https://rp.example/bye');
    expect(tab.faults.filter((fault) => !fault.includes('rp.example'))).toEqual([]);
  }, 60_000);

  test('a wrong secret is explained, and can be typed again', async () => {
    const client = await op.createClient({ client_name: 'Careless' });
    const tab = await enter();
    const { page } = tab;
    await tab.open(`/clients/${client.client_id}/try`);
    await page.click('text="Make the request"');
    expect(await content(tab)).toContain('Type the client’s secret');
    expect(await axeFaults(page)).toEqual([]);
    await page.fill('input[name=secret]', 'not the secret at all');
    await page.click('text="Make the request"');
    await page.click('#go');
    await press(tab, 'redeem');
    expect(await last(tab)).toContain('The server does not believe that this is the client');
    expect(await page.innerText('#why')).toContain('secret');
    expect(await axeFaults(page)).toEqual([]);
    await page.click('text="Why did it fail?" >> nth=-1');
    expect(await content(tab)).toContain('secret');
    await page.goBack();
    await page.fill('input[name=secret]', client.client_secret as string);
    await press(tab, 'redeem');
    expect(await last(tab)).toContain('There is an access token');
  }, 60_000);

  test('single-page application: no credentials are asked for', async () => {
    const client = await op.createClient({
      type: 'single-page-application',
      redirect_uris: ['https://rp.example/callback', 'https://rp.example/other?a=b'],
    });
    const tab = await enter();
    const { page } = tab;
    await tab.open(`/clients/${client.client_id}/try`);
    expect(await page.locator('input[name=secret], textarea[name=key]').count()).toBe(0);
    await page.selectOption('select[name=redirect_uri]', 'https://rp.example/other?a=b');
    await page.selectOption('select[name=response_mode]', 'fragment');
    await page.click('text="Make the request"');
    await page.click('#go');
    expect(await last(tab)).toContain('as a fragment');
    await press(tab, 'redeem');
    expect(await content(tab)).toContain('The signature is right');
  }, 60_000);

  test.each(['query', 'form_post', 'jwt', 'form_post.jwt'])(
    'the answer is read however it is sent: %s',
    async (mode) => {
      const client = await op.createClient({ type: 'single-page-application' });
      const tab = await enter();
      await tab.open(`/clients/${client.client_id}/try`);
      const modes = await tab.page.locator('select[name=response_mode] option').allInnerTexts();
      if (modes.includes(mode)) await tab.page.selectOption('select[name=response_mode]', mode);
      else expect(mode).toBe('form_post.jwt');
      await tab.page.click('text="Make the request"');
      await tab.page.click('#go');
      expect(await last(tab)).toContain('state is the one that was sent');
      await press(tab, 'redeem');
      expect(await last(tab)).toContain('There is an access token');
    },
    60_000,
  );

  test('server to server: a token for an API, read claim by claim', async () => {
    const client = await op.createClient({ type: 'server-to-server' });
    const { identifier } = await op.createResource({
      scopes: [{ name: 'stock:read' }],
      access: [{ client_id: client.client_id, scopes: ['stock:read'] }],
    });
    const tab = await enter();
    const { page } = tab;
    await tab.open(`/clients/${client.client_id}/try`);
    await page.fill('input[name=secret]', client.client_secret as string);
    await page.selectOption('select[name=resource]', identifier);
    expect(await page.inputValue('input[name=scope]')).toBe('stock:read');
    await page.click('text="Get a token"');
    expect(await saidOf(tab, 'access_token', 'aud')).toContain(identifier);
    expect(await saidOf(tab, 'access_token', 'sub')).toContain('The client itself');
    await press(tab, 'introspect');
    await page.click('text="Begin anew"');
    expect(await page.locator('text="Get a token"').count()).toBe(1);
  }, 60_000);

  test('device: the code is shown, entered in the same browser, and asked about', async () => {
    const client = await op.createClient({ type: 'device', redirect_uris: [] });
    const tab = await enter();
    const { page } = tab;
    await tab.open(`/clients/${client.client_id}/try`);
    await page.click('text="Get a code"');
    await press(tab, 'poll_device');
    expect(await last(tab)).toContain('Nobody has decided yet');
    expect(await axeFaults(page)).toEqual([]);
    const address = page.url();
    const drawn = 'document.querySelector("#qr")?.naturalWidth > 0';
    await page.waitForFunction(drawn, null, { timeout: 5000 });
    await page.goto((await page.getAttribute('#verify', 'href')) as string);
    await page.click('button[name=confirm][value=yes], button.primary');
    await page.goto(address);
    await page.waitForTimeout(4_000);
    await press(tab, 'poll_device');
    expect(await last(tab)).toContain('There is an access token');
    expect(await saidOf(tab, 'id_token', 'sub')).toContain('That is you');
  }, 60_000);
});
