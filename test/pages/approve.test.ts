import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { ask, createAsker, poll } from '../flows/ciba-requests.ts';
import { describeWithBrowser, type Look, launchBrowser, openTab } from '../support/browser.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { overflows, violations } from './axe.ts';

describeWithBrowser('approving a request', () => {
  let op: Op;
  let browser: Browser;
  let ours: TestClient;
  let theirs: TestClient;
  let account: TestAccount;
  beforeAll(async () => {
    [op, browser] = await Promise.all([
      startOp({ limits: { login: { account_ip: { max: 1, per: 900 } } } }),
      launchBrowser(),
    ]);
    [ours, theirs, account] = await Promise.all([
      createAsker(op, { client_name: 'Our Till' }),
      createAsker(op, {
        client_name: 'Their Shop and Everything Else That You Buy',
        client_uri: 'https://shop.example/',
        policy_uri: 'https://shop.example/privacy',
        description: 'Things for rainy evenings',
        first_party: false,
      }),
      op.createAccount(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await op?.close();
  });

  const scope = 'openid profile email';
  const message = 'Counter 7, Mrs Miller: order 4711-0815-2342 of 23 November 2026';
  const linkOf = async (client: TestClient, person: { email: string }, binding_message?: string) =>
    (await ask(op, client, person, { scope, binding_message })).link;
  const heading = (page: Page) => page.innerText('h1');

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
    const person = await op.createAccount();
    const asked = await ask(op, theirs, person, { scope, binding_message: message });
    await page.goto(asked.link);
    expect(await page.locator('#message').innerText()).toContain(message);
    await tabTo(page, 'input[value=profile]');
    await page.keyboard.press('Space');
    await tabTo(page, '#password');
    await page.keyboard.type(person.password);
    await tabTo(page, 'button[value=allow]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("You have allowed it")');
    expect((await poll(op, theirs, asked)).body.scope).toBe('openid email');
    expect(faults).toEqual([]);
    await close();
  });

  test('denies without a password, which allowing cannot do', async () => {
    const { page, faults, close } = await openTab(browser, { size: 'phone' });
    const asked = await ask(op, ours, account);
    await page.goto(asked.link);
    await page.click('button[value=allow]');
    expect(await heading(page)).toBe('Our Till asks for your approval');
    await page.click('button[value=deny]');
    expect(await heading(page)).toBe('You have denied it');
    expect((await poll(op, ours, asked)).body.error).toBe('access_denied');
    expect(faults).toEqual([]);
    await close();
  });

  const fail = async (page: Page, times: number) => {
    const person = await op.createAccount();
    await page.goto(await linkOf(theirs, person, message));
    for (let tries = 0; tries < times; tries += 1) {
      await page.fill('#password', 'not it');
      await page.click('button[value=allow]');
    }
  };

  /** How to get to each page, and what is on it. */
  const pages: [name: string, go: (page: Page) => Promise<unknown>, sign: string][] = [
    [
      'what a third party asks for',
      async (page) => page.goto(await linkOf(theirs, account, message)),
      'input[value=profile]',
    ],
    ['what is our own', async (page) => page.goto(await linkOf(ours, account)), '.badge'],
    ['a wrong password', (page) => fail(page, 1), '#problem'],
    ['too many attempts', (page) => fail(page, 2), '#problem'],
    [
      'what was allowed',
      async (page) => {
        const person = await op.createAccount();
        await page.goto(await linkOf(ours, person));
        await page.fill('#password', person.password);
        await page.click('button[value=allow]');
      },
      '.page-approve-done h1',
    ],
    [
      'a link that is worth nothing',
      (page) => page.goto(`${op.issuer}/account/approve?ticket=x`),
      '.page-link-invalid h1',
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
