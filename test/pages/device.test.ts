import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { DEVICE_CODE } from '../../src/clients/values.ts';
import { describeWithBrowser, type Look, launchBrowser, openTab } from '../support/browser.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { overflows, violations } from './axe.ts';

const TELEVISION =
  'Mozilla/5.0 (Linux; Android 12; BRAVIA 4K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36';

describeWithBrowser('connecting a device', () => {
  let op: Op;
  let browser: Browser;
  let ours: TestClient;
  let theirs: TestClient;
  let account: TestAccount;
  beforeAll(async () => {
    [op, browser] = await Promise.all([startOp(), launchBrowser()]);
    const device = { type: 'device' as const, redirect_uris: [] };
    [ours, theirs, account] = await Promise.all([
      op.createClient({ ...device, client_name: 'Our Films' }),
      op.createClient({
        ...device,
        client_name: 'Their Games and Everything Else That You Play',
        client_uri: 'https://games.example/',
        policy_uri: 'https://games.example/privacy',
        description: 'Games for rainy evenings',
        first_party: false,
      }),
      op.createAccount(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await op?.close();
  });

  const ask = async ({ client_id }: TestClient) => {
    const fields = { client_id, scope: 'openid profile email' };
    const headers = { 'user-agent': TELEVISION };
    return (await op.post('/device/authorize', fields, { headers })).body;
  };
  const poll = async ({ client_id }: TestClient, { device_code }: { device_code: string }) =>
    op.post('/token', { client_id, device_code, grant_type: DEVICE_CODE });
  const heading = (page: Page) => page.innerText('h1');
  const text = (page: Page, selector: string) => page.locator(selector).innerText();

  /** Moves on with the Tab key until a control has the focus. */
  async function tabTo(page: Page, selector: string): Promise<void> {
    for (let presses = 0; presses < 12; presses += 1) {
      if ((await page.locator(`${selector}:focus-visible`).count()) > 0) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${selector}`);
  }

  const looks: Look[] = [
    { size: 'phone', scheme: 'dark', locale: 'de-DE' },
    { size: 'desktop', scheme: 'light' },
  ];

  test.each(looks)('by keyboard alone and without scripts ($size)', async (look) => {
    const { page, faults, close } = await openTab(browser, { ...look, locale: 'en-GB' });
    const account = await op.createAccount();
    const asked = await ask(theirs);
    await page.goto(asked.verification_uri);
    await page.waitForSelector('#user_code:focus');
    await page.keyboard.type(asked.user_code.toLowerCase().replace('-', ''));
    await page.keyboard.press('Enter');

    await page.waitForSelector('button[name=confirm]');
    expect(await text(page, '.code-shown code')).toBe(asked.user_code);
    expect(await text(page, '.report')).toMatch(/Chrome on Android TV[\s\S]*127\.0\.0\.1/);
    expect(await text(page, '.caution')).toContain('Continue only if you see this code');
    await tabTo(page, 'button[name=confirm]');
    await page.keyboard.press('Enter');

    await page.waitForSelector('#email:focus');
    expect(await text(page, 'button[name=cancel]')).toBe('Cancel');
    await page.keyboard.type(account.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(account.password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('button[name=decision]');
    await tabTo(page, 'input[value=profile]');
    await page.keyboard.press('Space');
    await tabTo(page, 'button[value=allow]');
    await page.keyboard.press('Enter');

    await page.waitForSelector('h1:has-text("is connected")');
    expect((await poll(theirs, asked)).body.scope).toBe('openid email');
    expect(faults).toEqual([]);
    await close();
  });

  test('a link leads straight to the confirmation, and cancelling there lets nobody in', async () => {
    const { page, faults, close } = await openTab(browser, { size: 'phone' });
    const asked = await ask(ours);
    await page.goto(asked.verification_uri_complete);
    expect(await heading(page)).toBe('Does your device show this code?');
    await page.click('button[name=abort]');
    expect(await heading(page)).toBe('The device was not connected');
    expect((await poll(ours, asked)).body.error).toBe('access_denied');
    expect(faults).toEqual([]);
    await close();
  });

  test('what cannot be a code stays on the page, what may be one is looked up', async () => {
    const { page, close } = await openTab(browser, { size: 'phone', javaScript: true });
    await page.goto(`${op.issuer}/device`);
    const field = page.locator('#user_code');
    // As text: this project knows no types of the browser's own world.
    const valid = async (value: string) => {
      await field.fill(value);
      return page.evaluate<boolean>('document.getElementById("user_code").checkValidity()');
    };
    const values = ['BCDF-GHJK', 'bcdfghjk', ' bcdf ghjk ', 'BCDF – GHJK', 'BCDF-GHJ', 'BCD1-GHJK'];
    const found: boolean[] = [];
    for (const value of values) found.push(await valid(value));
    expect(found).toEqual([true, true, true, true, false, false]);
    expect(await field.getAttribute('autocomplete')).toBe('off');
    expect(await field.getAttribute('autocapitalize')).toBe('characters');
    await close();
  });

  /** How to get to each page, and what is on it. */
  const pages: [name: string, go: (page: Page) => Promise<unknown>, sign: string][] = [
    ['the code', (page) => page.goto(`${op.issuer}/device`), '#user_code'],
    ['a wrong code', (page) => page.goto(`${op.issuer}/device?user_code=BCDF-BCDF`), '#problem'],
    [
      'the confirmation',
      async (page) => page.goto((await ask(theirs)).verification_uri_complete),
      'button[name=confirm]',
    ],
    [
      'a device that was connected',
      async (page) => {
        await page.goto((await ask(ours)).verification_uri_complete);
        await page.click('button[name=confirm]');
        await page.fill('#email', account.email);
        await page.fill('#password', account.password);
        await page.click('button.primary');
      },
      '.page-device-done h1',
    ],
    [
      'a device that was not',
      async (page) => {
        await page.goto((await ask(theirs)).verification_uri_complete);
        await page.click('button[name=abort]');
      },
      '.page-device-declined h1',
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
