import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { pass } from '../flows/clock.ts';
import { describeWithBrowser, launchBrowser, startLanding } from '../support/browser.ts';
import { type Op, startOp } from '../support/op.ts';
import { axeFaults, type DashboardTab, type Entrance, logIn, signedIn } from './support.ts';

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
  return tab;
};

const content = (page: Page) => page.innerText('main');
const metadata = async (id: string) => (await op.admin(`/clients/${id}`)).body;
const title = (page: Page) => page.innerText('h1');

/** Whether a secret gets the client tokens. */
const works = async (id: string, secret: string) =>
  (await op.post('/token', { grant_type: 'client_credentials' }, { basic: [id, secret] }))
    .status === 200;

describeWithBrowser('a client in the dashboard', () => {
  test('is told of in plain words, without its secret', async () => {
    const client = await op.createClient({ client_name: 'Shop', first_party: false });
    const tab = await enter();
    await tab.open(`/clients/${client.client_id}`);
    const text = await content(tab.page);
    expect(text).toContain('go back to rp.example');
    expect(text).toContain('people are asked what it may have');
    expect(text).toContain('by a secret in a header');
    expect(await tab.page.content()).not.toContain(client.client_secret);
    expect(await axeFaults(tab.page)).toEqual([]);
    expect(tab.faults).toEqual([]);
  });

  test('tells which redirect URIs nobody uses', async () => {
    const landing = await startLanding();
    const uris = [landing.callback, 'https://rp.example/forgotten'];
    const { client_id: id } = await op.createClient({ redirect_uris: uris });
    const { page, open } = await enter();
    const query = new URLSearchParams({
      client_id: id,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: uris[0] as string,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    await page.goto(`${op.issuer}/authorize?${query}`);
    expect(landing.arrived).toHaveLength(1);
    await landing.close();
    await open(`/clients/${id}`);
    const told = await page.locator('section li:has(code)').allInnerTexts();
    expect(told.find((line) => line.includes('/callback'))).not.toContain('Never used');
    expect(told.find((line) => line.includes('/forgotten'))).toContain('Never used');
  });

  test('is edited without scripts, and what changes is shown before it is saved', async () => {
    const { client_id: id } = await op.createClient({ client_name: 'Old name' });
    const { page, open } = await enter();
    await open(`/clients/${id}/edit`);
    expect(await axeFaults(page)).toEqual([]);
    await page.fill('#f-client_name', 'New name');
    await page.fill('#f-redirect_uris', 'https://rp.example/callback\nhttps://rp.example/other');
    await page.click('#review button');
    expect(await page.innerText('#review del')).toBe('Old name');
    expect(await page.locator('#review ins').allInnerTexts()).toEqual([
      'New name',
      'https://rp.example/other',
    ]);
    expect(await axeFaults(page)).toEqual([]);
    expect((await metadata(id)).client_name).toBe('Old name');
    // What was typed since the review is not saved unseen.
    await page.fill('#f-description', 'unseen');
    await page.click('text="Save"');
    expect(await page.innerText('#review ins:has-text("unseen")')).toBe('unseen');
    expect((await metadata(id)).client_name).toBe('Old name');
    await page.click('text="Save"');
    expect(await title(page)).toBe('New name');
    expect(await metadata(id)).toMatchObject({
      client_name: 'New name',
      description: 'unseen',
      redirect_uris: ['https://rp.example/callback', 'https://rp.example/other'],
    });
  });

  test.each([
    ['web', {}],
    ['single-page-application', {}],
    ['native', { redirect_uris: ['com.example.app:/callback'] }],
    ['server-to-server', {}],
    ['device', { redirect_uris: [] }],
    ['web', { extra_metadata: { team: 'a' }, default_max_age: 60, contacts: ['a@example.com'] }],
  ] as const)('%s: an untouched form %j changes nothing', async (type, more) => {
    const { client_id: id } = await op.createClient({ type, ...more } as never);
    const { page, open } = await enter();
    await open(`/clients/${id}/edit`);
    await page.click('#review button');
    expect(await page.innerText('#review')).toContain('Nothing is changed');
  });

  test('shows a violation at its field, keeps what was typed, and saves nothing', async () => {
    const { client_id: id } = await op.createClient({ client_name: 'Careful' });
    const { page, open } = await enter();
    await open(`/clients/${id}/edit`);
    await page.fill('#f-logo_uri', 'http://rp.example/logo.png');
    await page.fill('#f-extra_metadata', '{ "team": ');
    await page.fill('#f-description', 'typed');
    await page.click('#review button');
    expect(await page.innerText('#e-logo_uri')).toContain('an https URL');
    expect(await page.innerText('#e-extra_metadata')).toContain('is not JSON');
    expect(await page.inputValue('#f-extra_metadata')).toBe('{ "team": ');
    expect(await page.inputValue('#f-logo_uri')).toBe('http://rp.example/logo.png');
    expect(await page.inputValue('#f-description')).toBe('typed');
    expect(await page.locator('text="Save"').count()).toBe(0);
    expect((await metadata(id)).description).toBeUndefined();
  });

  test('loses nothing when two administrators edit it at the same time', async () => {
    const { client_id: id } = await op.createClient({ client_name: 'Start' });
    const [ada, bob] = [await enter(), await enter()];
    await ada.open(`/clients/${id}/edit`);
    await bob.open(`/clients/${id}/edit`);
    for (const [{ page }, name] of [
      [ada, 'Of Ada'],
      [bob, 'Of Bob'],
    ] as const) {
      await page.fill('#f-client_name', name);
      await page.click('#review button');
    }
    await bob.page.fill('#f-description', 'by Bob');
    await ada.page.click('text="Save"');
    await bob.page.click('text="Save"');
    const text = await content(bob.page);
    expect(text).toContain('Somebody else was faster');
    expect(text).toContain('Of Ada');
    expect(await bob.page.inputValue('#f-client_name')).toBe('Of Bob');
    expect(await bob.page.inputValue('#f-description')).toBe('by Bob');
    expect((await metadata(id)).client_name).toBe('Of Ada');
    await bob.page.click('text="Save"');
    expect(await metadata(id)).toMatchObject({ client_name: 'Of Bob', description: 'by Bob' });
  });

  test('keeps what somebody else changed in another field', async () => {
    const { client_id: id } = await op.createClient({ client_name: 'Start' });
    const { page, open } = await enter();
    await open(`/clients/${id}/edit`);
    await op.admin(`/clients/${id}`, { method: 'PATCH', body: { tags: ['theirs'] } });
    await page.fill('#f-client_name', 'Mine');
    await page.click('#review button');
    await page.click('text="Save"');
    expect(await metadata(id)).toMatchObject({ client_name: 'Mine', tags: ['theirs'] });
  });

  test('is given a new secret while the old one goes on working', async () => {
    const client = await op.createClient({ type: 'server-to-server' });
    const [id, old] = [client.client_id, client.client_secret as string];
    const { page, open } = await enter();
    await open(`/clients/${id}/secrets`);
    await page.click('text="Rotate"');
    expect(await page.isChecked('input[value="86400"]')).toBe(true);
    expect(await axeFaults(page)).toEqual([]);
    await page.click('text="Make the secret"');
    const fresh = await page.innerText('.code pre');
    expect(await axeFaults(page)).toEqual([]);
    expect(await works(id, old)).toBe(true);
    expect(await works(id, fresh.trim())).toBe(true);
    await page.reload();
    expect(await page.content()).not.toContain(fresh.trim());

    await page.click('tbody tr:first-child a.button');
    expect(await axeFaults(page)).toEqual([]);
    await page.click('button.danger');
    expect(await works(id, old)).toBe(false);
    expect(await works(id, fresh.trim())).toBe(true);
  });

  test('is disabled and enabled', async () => {
    const client = await op.createClient({ type: 'server-to-server' });
    const [id, secret] = [client.client_id, client.client_secret as string];
    const { page, open } = await enter();
    await open(`/clients/${id}`);
    await page.click('text="Disable…"');
    expect(await content(page)).toContain('every request of the client would be refused');
    await page.click('button.danger');
    expect(await works(id, secret)).toBe(false);
    await page.click('text="Enable"');
    expect(await works(id, secret)).toBe(true);
  });

  test('returns to an earlier state, which is shown before', async () => {
    const { client_id: id } = await op.createClient({ client_name: 'First' });
    await op.admin(`/clients/${id}`, { method: 'PATCH', body: { client_name: 'Second' } });
    const { page, open } = await enter();
    await open(`/clients/${id}/history`);
    expect(await axeFaults(page)).toEqual([]);
    expect(await page.innerText('article del')).toBe('First');
    expect(await page.innerText('article ins')).toBe('Second');
    await page.click('article:nth-of-type(2) a.button');
    expect(await page.innerText('del')).toBe('Second');
    expect(await page.innerText('ins')).toBe('First');
    expect(await axeFaults(page)).toEqual([]);
    await page.click('main button.primary');
    expect(await title(page)).toBe('First');
    expect((await metadata(id)).client_name).toBe('First');
  });

  test('becomes another type once the consequences were shown', async () => {
    const { client_id: id } = await op.createClient({ client_name: 'Turned' });
    const { page, open } = await enter();
    await open(`/clients/${id}/convert`);
    await page.check('input[value="single-page-application"]');
    await page.click('main button');
    expect(await content(page)).toContain('would be deleted');
    expect(await axeFaults(page)).toEqual([]);
    await page.click('text="Convert"');
    expect(await metadata(id)).toMatchObject({
      type: 'single-page-application',
      token_endpoint_auth_method: 'none',
    });
  });

  test('is deleted by who types its name, and shows again who they are', async () => {
    const { client_id: id } = await op.createClient({ client_name: 'Doomed' });
    const { page, open, account } = await enter();
    try {
      pass(6 * 60);
      await open(`/clients/${id}/delete`);
      expect(new URL(page.url()).pathname).not.toContain('/dashboard');
      await logIn(page, account);
      expect(await title(page)).toBe('Delete Doomed?');
      expect(await axeFaults(page)).toEqual([]);
      await page.fill('#f-name', 'Something else');
      await page.click('main button.danger');
      expect(await page.innerText('#e-name')).toContain('neither its name nor its client ID');
      expect((await op.admin(`/clients/${id}`)).status).toBe(200);
      await page.fill('#f-name', 'Doomed');
      await page.click('main button.danger');
      expect(new URL(page.url()).pathname).toBe('/dashboard/clients');
      expect(await content(page)).toContain('Doomed');
      expect((await op.admin(`/clients/${id}`)).status).toBe(404);
    } finally {
      jest.restoreAllMocks();
    }
  });

  test('offers a viewer no buttons and no secrets, and refuses what they try', async () => {
    const { client_id: id } = await op.createClient({ client_name: 'Watched' });
    const { page, open } = await enter({ role: 'viewer' });
    const [{ prefix }] = (await metadata(id)).secrets;
    // Which secrets would go is told by what they are called.
    const change = encodeURIComponent('{"token_endpoint_auth_method":"none"}');
    for (const path of [
      '/audit',
      '/audit/export?format=csv',
      '/audit/export?format=jsonl',
      `/compliance/try?patch=${change}`,
    ]) {
      const told = await (await page.request.get(`${op.issuer}/dashboard${path}`)).text();
      expect(told).toContain(id);
      expect([path, told.includes(prefix)]).toEqual([path, false]);
    }
    for (const path of ['', '/secrets', '/history']) {
      await open(`/clients/${id}${path}`);
      expect(await title(page)).toContain('Watched');
      expect(await page.locator('main button, main a.button').count()).toBe(0);
      expect(await page.innerHTML('main')).not.toContain(prefix);
    }
    for (const path of ['/edit', '/secrets/new', '/disable', '/delete', '/convert']) {
      await open(`/clients/${id}${path}`);
      expect(await title(page)).toBe('This is not open to you');
    }
  });

  test('is harmless by its name and addresses', async () => {
    const name = '"><script>alert(1)</script>{{ 7*7 }}';
    const { client_id: id } = await op.createClient({ client_name: name, description: name });
    const tab = await enter({ look: { javaScript: true, size: 'phone' } });
    for (const path of ['', '/edit', '/secrets', '/disable', '/history', '/convert', '/delete']) {
      await tab.open(`/clients/${id}${path}`);
      expect(await title(tab.page)).toContain(name);
    }
    expect(tab.faults).toEqual([]);
  });

  test('reviews while one types, where there are scripts', async () => {
    const { client_id: id } = await op.createClient({ client_name: 'Before' });
    const { page, open } = await enter({ look: { javaScript: true } });
    await open(`/clients/${id}/edit`);
    await page.fill('#f-client_name', 'After');
    await page.waitForSelector('#review ins:has-text("After")');
    await page.click('text="Save"');
    await page.waitForSelector('h1:has-text("After")');
    expect((await metadata(id)).client_name).toBe('After');
  });

  test('is not there', async () => {
    const { page, open } = await enter();
    await open('/clients/nobody');
    expect(await content(page)).toContain('nobody');
  });
});
