import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { authorizeUrl } from '../flows/requests.ts';
import {
  describeWithBrowser,
  type Landing,
  launchBrowser,
  openTab,
  startLanding,
} from '../support/browser.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';

describeWithBrowser('in a real browser', () => {
  let op: Op;
  let browser: Browser;
  let landing: Landing;
  let client: TestClient;
  let account: TestAccount;
  beforeAll(async () => {
    [op, browser, landing] = await Promise.all([startOp(), launchBrowser(), startLanding()]);
    [client, account] = await Promise.all([
      op.createClient({ client_name: 'Our Shop', redirect_uris: [landing.callback] }),
      op.createAccount(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await landing?.close();
    await op?.close();
  });

  const url = (fields = {}) =>
    authorizeUrl(op, client, { redirect_uri: landing.callback, ...fields });
  const signIn = async (page: Page, person: TestAccount = account) => {
    await page.fill('#email', person.email);
    await page.fill('#password', person.password);
    await page.click('button.primary');
  };

  test('no page can be framed', async () => {
    const { page, close } = await openTab(browser, { javaScript: true });
    await page.goto(url());
    await signIn(page);
    await page.waitForURL(`${landing.callback}?**`);
    const pages = [
      url({ prompt: 'login' }),
      url({ prompt: 'consent' }),
      `${op.issuer}/logout`,
      url({ redirect_uri: 'https://evil.example/' }),
    ];
    for (const framed of pages) {
      const html = `<!doctype html><title>Frame</title><iframe src="${framed.replaceAll('&', '&amp;')}"></iframe>`;
      await page.goto(landing.serve('/frame', html));
      const inside = page.frames().find((frame) => frame !== page.mainFrame());
      await inside?.waitForLoadState();
      expect(await inside?.locator('form, h1:has-text("return address")').count()).toBe(0);
    }
    await close();
  });

  test('another site’s form signs nobody in and nobody out', async () => {
    const { page, close } = await openTab(browser, { javaScript: true });
    await page.goto(url());
    await signIn(page);
    await page.waitForURL(`${landing.callback}?**`);
    const evil = landing.origin.replace('127.0.0.1', 'localhost');
    landing.serve(
      '/evil',
      `<!doctype html><title>Evil</title><form method="post" action="${op.issuer}/logout/confirm">
       <input name="logout" value="yes"><input name="xsrf" value="x"><button>Win</button></form>`,
    );
    await page.goto(`${evil}/evil`);
    await page.click('button');
    await page.waitForLoadState();
    await page.goto(url({ prompt: 'none' }));
    expect(new URL(page.url()).searchParams.has('code')).toBe(true);
    await close();
  });

  test('markup in a client’s name and in what was typed stays text', async () => {
    const hostile = '<img src=x onerror=alert(1)>"\'{{7*7}}';
    const evil = await op.createClient({
      client_name: hostile,
      first_party: false,
      redirect_uris: [landing.callback],
    });
    const { page, faults, close } = await openTab(browser, { javaScript: true });
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });
    await page.goto(
      authorizeUrl(op, evil, { redirect_uri: landing.callback, login_hint: hostile }),
    );
    expect(await page.locator('main').innerText()).toContain(hostile);
    expect(await page.inputValue('#email')).toBe(hostile);
    await signIn(page);
    await page.waitForSelector('button[name=decision]');
    expect(await page.locator('h1').innerText()).toContain(hostile);
    expect(await page.locator('img[src=x]').count()).toBe(0);
    expect([dialogs, faults]).toEqual([0, []]);
    await close();
  });

  for (const javaScript of [true, false]) {
    const way = javaScript ? 'by script' : 'by a button, without scripts';
    test(`an answer by form is posted ${way}`, async () => {
      const { page, faults, close } = await openTab(browser, { javaScript });
      const before = landing.arrived.length;
      await page.goto(url({ response_mode: 'form_post' }));
      await signIn(page);
      if (!javaScript) await page.click('button');
      await page.waitForURL(landing.callback);
      const [answer] = landing.arrived.slice(before);
      expect(answer?.get('code')).toBeTruthy();
      expect(answer?.get('iss')).toBe(op.issuer);
      expect(faults).toEqual([]);
      await close();
    });

    test(`another person takes over ${way}`, async () => {
      const other = await op.createAccount();
      const { page, faults, close } = await openTab(browser, { javaScript });
      await page.goto(url());
      await signIn(page);
      await page.waitForURL(`${landing.callback}?**`);
      await page.goto(url({ prompt: 'login' }));
      await signIn(page, other);
      if (!javaScript) await page.click('button');
      await page.waitForURL(`${landing.callback}?**`);
      expect(new URL(page.url()).searchParams.has('code')).toBe(true);
      expect(faults).toEqual([]);
      await close();
    });
  }

  test('the number on an error page is in the log, with the reason that the page keeps', async () => {
    const { page, close } = await openTab(browser);
    const response = await page.goto(url({ redirect_uri: 'https://evil.example/' }));
    expect(response?.status()).toBe(400);
    const id = await page.locator('code.id').innerText();
    expect(id).toMatch(/^[\w-]{16}$/);
    expect(await page.content()).not.toMatch(/redirect_uri|evil\.example|registered redirect/);
    expect(op.logs.find((line) => line.id === id)).toMatchObject({
      msg: 'authorization.error',
      client_id: client.client_id,
      error: 'invalid_redirect_uri',
      description: expect.stringContaining('did not match'),
    });
    await close();
  });

  test('an expired sign-in has its number and its reason in the log as well', async () => {
    const { page, close } = await openTab(browser);
    await page.goto(`${op.issuer}/interaction/none`);
    const id = await page.locator('code.id').innerText();
    const line = op.logs.find((entry) => entry.id === id);
    expect(JSON.stringify(line)).toContain('SessionNotFound');
    await close();
  });

  test('a page that was left is not shown from the browser’s cache', async () => {
    const { page, close } = await openTab(browser);
    await page.goto(url());
    const response = await page.reload();
    expect(response?.headers()['cache-control']).toBe('no-store');
    await signIn(page);
    await page.waitForURL(`${landing.callback}?**`);
    await page.goBack();
    expect(await page.locator('#password').count()).toBe(0);
    await close();
  });
});

describeWithBrowser('the language of pages', () => {
  let op: Op;
  let browser: Browser;
  let client: TestClient;
  let account: TestAccount;
  beforeAll(async () => {
    [op, browser] = await Promise.all([startOp(), launchBrowser()]);
    [client, account] = await Promise.all([
      op.createClient({ first_party: false }),
      op.createAccount(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await op?.close();
  });

  const languageOf = async (page: Page) => [
    await page.locator('html').getAttribute('lang'),
    await page.locator('h1').innerText(),
  ];
  const german = ['de', 'Anmelden'];
  const english = ['en', 'Sign in'];

  test.each([
    ['what the browser asks for', 'de-AT', {}, german],
    ['English when nobody speaks what it asks for', 'fi-FI', {}, english],
    [
      'what the client asks for, whatever the browser says',
      'en-GB',
      { ui_locales: 'fr de' },
      german,
    ],
    [
      'what the browser asks for when nobody speaks what the client does',
      'de-DE',
      { ui_locales: 'fr' },
      german,
    ],
  ])('is %s', async (_, locale, fields, expected) => {
    const { page, close } = await openTab(browser, { locale });
    await page.goto(authorizeUrl(op, client, fields));
    expect(await languageOf(page)).toEqual(expected);
    await close();
  });

  test('stays what the client asked for from login to consent to an error', async () => {
    const { page, close } = await openTab(browser);
    await page.goto(authorizeUrl(op, client, { ui_locales: 'de', scope: 'openid email' }));
    await page.fill('#email', account.email);
    await page.fill('#password', 'ein falsches Passwort');
    await page.click('button.primary');
    expect(await page.locator('#problem').innerText()).toContain('stimmt nicht');
    await page.fill('#password', account.password);
    await page.click('button.primary');
    await page.waitForSelector('button[name=decision]');
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    expect(await page.locator('button[value=allow]').innerText()).toBe('Erlauben');
    await page.goto(`${op.issuer}/logout?ui_locales=de`);
    expect((await languageOf(page))[0]).toBe('de');
    await page.goto(
      authorizeUrl(op, client, { ui_locales: 'de', redirect_uri: 'https://evil.example/' }),
    );
    expect((await languageOf(page))[0]).toBe('de');
    await close();
  });
});
