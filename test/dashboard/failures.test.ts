import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { authorizeUrl, postAs } from '../flows/requests.ts';
import { overflows } from '../pages/axe.ts';
import { describeWithBrowser, launchBrowser, openTab } from '../support/browser.ts';
import { CALLBACK, type Fields, type Op, startOp, type TestClient } from '../support/op.ts';
import { axeFaults, signedIn } from './support.ts';

const HOSTILE = '<img src=x onerror=alert(1)>\u202e{{ 7777*7777 }}';

describeWithBrowser('why something failed', () => {
  let op: Op;
  let browser: Browser;
  let client: TestClient;
  beforeAll(async () => {
    [op, browser] = await Promise.all([
      startOp({ failures: { per_minute: 100 } }),
      launchBrowser(),
    ]);
    client = await op.createClient({ client_name: HOSTILE.replace('\u202e', '') });
  });
  afterAll(async () => {
    await browser?.close();
    await op?.close();
  });

  const fail = (of: TestClient, fields: Fields) =>
    op.get(authorizeUrl(op, of, fields).slice(op.issuer.length));
  const metadata = async (of: TestClient) => (await op.admin(`/clients/${of.client_id}`)).body;

  test('is found by the id on the error page, with what was sent beside what is registered', async () => {
    const visitor = await openTab(browser);
    const answer = await visitor.page.goto(
      authorizeUrl(op, client, { redirect_uri: `${CALLBACK}/` }),
    );
    const id = (await answer?.headerValue('x-correlation-id')) ?? '';
    expect(await visitor.page.innerText('body')).toContain(id);
    await visitor.close();
    // Others after it: it is the id that finds it.
    await fail(client, { redirect_uri: 'https://elsewhere.example/' });

    const { page, open, faults, close } = await signedIn(op, browser);
    await open('/failures');
    const called = await page.locator('article .note a').allInnerTexts();
    expect(called.slice(0, 2)).toEqual(Array(2).fill(HOSTILE.replace('\u202e', '')));
    await page.fill('#f-id', `  ${id} `);
    await page.click('form[role=search] button');
    expect(await page.locator('article').count()).toBe(1);
    const text = await page.innerText('article');
    expect(text).toContain('the nearest differs in trailing slash');
    expect(await page.innerText('article del')).toBe(`${CALLBACK}/`);
    expect(await page.innerText('article ins')).toBe(CALLBACK);
    expect(text).toContain('slash at the end');
    expect(await axeFaults(page)).toEqual([]);

    await page.fill('#f-id', 'of-no-failure');
    await page.click('form[role=search] button');
    expect(await page.innerText('.empty')).toContain('Nothing is known under this id');
    expect(faults).toEqual([]);
    await close();
  });

  test('leads to its remedy: the redirect URI is registered after it was shown', async () => {
    const own = await op.createClient();
    await fail(own, { redirect_uri: `${CALLBACK}/` });
    const { page, open, close } = await signedIn(op, browser, { role: 'editor' });
    await open(`/clients/${own.client_id}/failures`);
    await page.click('text=Register this redirect URI');
    expect(await page.innerText('main')).toContain('Register it only if it is yours');
    expect(await axeFaults(page)).toEqual([]);

    // Somebody else is faster: theirs stays, and it is shown before it is asked again.
    await op.admin(`/clients/${own.client_id}`, {
      method: 'PATCH',
      body: { redirect_uris: [CALLBACK, 'https://rp.example/theirs'] },
    });
    await page.click('button.primary');
    expect(await page.innerText('main')).toContain('Somebody changed the client');
    expect(await page.innerText('main')).toContain('https://rp.example/theirs');
    await page.click('button.primary');
    expect(await page.innerText('[role=status]')).toBe('The redirect URI is registered.');
    expect((await metadata(own)).redirect_uris).toEqual([
      CALLBACK,
      'https://rp.example/theirs',
      `${CALLBACK}/`,
    ]);
    await close();
  });

  test('says how many more are registered than are shown', async () => {
    const redirect_uris = Array.from({ length: 50 }, (_, n) => `https://rp.example/${n}`);
    const many = await op.createClient({ redirect_uris });
    await fail(many, { redirect_uri: 'https://rp.example/37/' });
    const { page, open, close } = await signedIn(op, browser, { role: 'viewer' });
    await open(`/clients/${many.client_id}/failures`);
    expect(await page.innerText('article ins')).toBe('https://rp.example/37');
    expect(await page.locator('article .diff li').count()).toBe(11);
    expect(await page.innerText('article .diff li >> nth=-1')).toBe('and 40 more');
    await close();
  });

  test('offers nothing to register of a host that the client does not have', async () => {
    const own = await op.createClient();
    await fail(own, { redirect_uri: 'https://evil.example/callback' });
    const failure = (await op.admin(`/failures?client_id=${own.client_id}`)).body.items[0];
    const { page, open, close } = await signedIn(op, browser);
    await open(`/clients/${own.client_id}/failures`);
    expect(await page.innerText('article')).toContain('https://evil.example/callback');
    expect(await page.locator('text=Register this redirect URI').count()).toBe(0);
    await open(`/clients/${own.client_id}/failures/${failure.id}/add`);
    expect(await page.locator('button.primary').count()).toBe(0);
    await close();
  });

  test('a wrong secret and PKCE are told in words', async () => {
    const own = await op.createClient();
    await postAs(op, { ...own, client_secret: 'a-wrong-secret-1' }, '/token', {
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: CALLBACK,
    });
    await fail(own, { code_challenge: undefined, code_challenge_method: undefined });
    const { page, open, close } = await signedIn(op, browser);
    await open(`/clients/${own.client_id}/failures`);
    const titles = await page.locator('article h2').allInnerTexts();
    expect(titles).toEqual([
      'The request has no code_challenge, and this client must use PKCE.',
      'The secret that was sent is none of the client’s valid secrets (1 valid, 0 expired).',
    ]);
    expect(await page.content()).not.toContain('a-wrong-secret-1');
    await close();
  });

  test('hostile values are shown and do nothing', async () => {
    await fail(client, { redirect_uri: `https://rp.example/${HOSTILE}` });
    await fail(client, { response_type: HOSTILE });
    await fail({ ...client, client_id: HOSTILE }, {});
    const { page, open, faults, close } = await signedIn(op, browser, {
      look: { javaScript: true, size: 'phone', scheme: 'dark' },
    });
    for (const path of ['/failures', `/clients/${client.client_id}/failures`]) {
      await open(path);
      expect(await page.locator('main img').count()).toBe(0);
      expect(await page.innerText('main')).toContain('onerror');
      expect(await page.innerText('main')).not.toContain('60481729');
      expect(await overflows(page)).toBe(false);
      expect(await axeFaults(page)).toEqual([]);
    }
    expect(faults).toEqual([]);
    await close();
  });

  test('a viewer reads, and is offered and allowed no change', async () => {
    const own = await op.createClient();
    await fail(own, { redirect_uri: `${CALLBACK}/` });
    const { id } = (await op.admin(`/failures?client_id=${own.client_id}`)).body.items[0];
    const { page, open, close } = await signedIn(op, browser, { role: 'viewer' });
    await open(`/clients/${own.client_id}/failures`);
    expect(await page.locator('article').count()).toBe(1);
    expect(await page.locator('main a[href$="/add"], main article a[href*="/edit"]').count()).toBe(
      0,
    );
    const answer = await page.goto(
      `${op.issuer}/dashboard/clients/${own.client_id}/failures/${id}/add`,
    );
    expect(answer?.status()).toBe(403);
    await close();
  });
});
