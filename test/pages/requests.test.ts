import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { ask, createAsker, poll } from '../flows/ciba-requests.ts';
import { describeWithBrowser, type Look, launchBrowser, openTab } from '../support/browser.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { overflows, violations } from './axe.ts';

describeWithBrowser('the list of requests in the account', () => {
  let op: Op;
  let browser: Browser;
  let shop: TestClient;
  let till: TestClient;
  beforeAll(async () => {
    [op, browser] = await Promise.all([startOp(), launchBrowser()]);
    [till, shop] = await Promise.all([
      createAsker(op, { client_name: 'Our Till' }),
      createAsker(op, {
        client_name: 'Their Shop and Everything Else That You Buy',
        first_party: false,
      }),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await op?.close();
  });

  const newcomer = () => op.createAccount({ email_verified: true });
  const message = 'Counter 7, Mrs Miller: order 4711-0815-2342 of 23 November 2026';
  const scope = 'openid profile email';
  const twoFor = async (person: TestAccount) => {
    await ask(op, till, person, { scope });
    return ask(op, shop, person, { scope, binding_message: message });
  };
  async function signIn(page: Page, person: TestAccount): Promise<void> {
    await page.goto(`${op.issuer}/account/requests`);
    await page.fill('#email', person.email);
    await page.fill('#password', person.password);
    await page.click('button.primary');
    await page.waitForSelector('.page-requests');
  }

  const looks: Look[] = [
    { size: 'phone', scheme: 'dark', locale: 'de-DE' },
    { size: 'desktop', scheme: 'light' },
  ];

  test.each(looks)('by keyboard alone and without scripts ($size)', async (look) => {
    const { page, faults, close } = await openTab(browser, { ...look, locale: 'en-GB' });
    const person = await newcomer();
    const asked = await twoFor(person);
    await signIn(page, person);
    const row = page.getByRole('link', { name: message });
    for (let presses = 0; presses < 12; presses += 1) {
      if (await row.evaluate((link) => link.ownerDocument.activeElement === link)) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.waitForSelector('.page-approve');
    expect(await page.innerText('#message')).toBe(message);
    await page.uncheck('input[value=profile]');
    await page.fill('#password', person.password);
    await page.click('button[value=allow]');
    await page.waitForSelector('.page-approve-done');
    expect((await poll(op, shop, asked)).body.scope).toBe('openid email');
    await page.click('main a');
    await page.waitForSelector('.page-requests');
    expect(await page.locator('.scopes .name').allInnerTexts()).toEqual(['Our Till']);
    expect(faults).toEqual([]);
    await close();
  });

  /** How to get to each page, and what is on it. */
  const pages: [name: string, go: (page: Page) => Promise<unknown>, sign: string][] = [
    ['the sign-in', (page) => page.goto(`${op.issuer}/account/requests`), '.page-login #email'],
    ['the empty list', async (page) => signIn(page, await newcomer()), '.page-requests h1'],
    [
      'a list of two',
      async (page) => {
        const person = await newcomer();
        await twoFor(person);
        await signIn(page, person);
      },
      '.scope + .scope a',
    ],
    [
      'one that is gone',
      async (page) => {
        await signIn(page, await newcomer());
        await page.goto(`${op.issuer}/account/requests/x`);
      },
      '.page-link-invalid a',
    ],
  ];

  for (const look of looks) {
    test.each(pages)(
      `%s is accessible and fits (${look.size}, ${look.locale ?? 'en'})`,
      async (...it) => {
        const [, go, sign] = it;
        const { page, faults, close } = await openTab(browser, { ...look, javaScript: true });
        await go(page);
        await page.waitForSelector(sign);
        expect(await violations(page)).toEqual([]);
        expect(await overflows(page)).toBe(false);
        await page.setViewportSize({ width: 320, height: 568 });
        expect(await overflows(page)).toBe(false);
        expect(faults.filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
        await close();
      },
    );
  }
});
