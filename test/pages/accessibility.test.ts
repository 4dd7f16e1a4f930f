import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { authorizeUrl } from '../flows/requests.ts';
import {
  describeWithBrowser,
  type Landing,
  type Look,
  launchBrowser,
  openTab,
  startLanding,
} from '../support/browser.ts';
import { mailsIn, until } from '../support/mail.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { overflows, violations } from './axe.ts';

describeWithBrowser('every page', () => {
  let op: Op;
  let browser: Browser;
  let landing: Landing;
  let client: TestClient;
  let account: TestAccount;
  let identifier: string;
  beforeAll(async () => {
    [op, browser, landing] = await Promise.all([startOp(), launchBrowser(), startLanding()]);
    client = await op.createClient({
      client_name: 'Their Game',
      client_uri: `${landing.origin}/`,
      policy_uri: `${landing.origin}/privacy`,
      tos_uri: `${landing.origin}/terms`,
      contacts: ['help@game.example'],
      first_party: false,
      redirect_uris: [landing.callback],
    });
    ({ identifier } = await op.createResource({
      name: 'Photo Album',
      scopes: [{ name: 'photos:read', description: 'See your photos' }],
      access: [{ client_id: client.client_id, scopes: ['photos:read'] }],
    }));
  });
  let people = 0;
  // What a person decided is remembered, so each page has a person of its own.
  beforeEach(async () => {
    people += 1;
    const email = `ada.lovelace.with.a.rather.long.name.${people}@mail.example.com`;
    account = await op.createAccount({ email });
  });
  afterAll(async () => {
    await browser?.close();
    await landing?.close();
    await op?.close();
  });

  const url = (fields = {}) =>
    authorizeUrl(op, client, { redirect_uri: landing.callback, scope: 'openid email', ...fields });

  const signIn = async (page: Page, password = account.password) => {
    await page.fill('#email', account.email);
    await page.fill('#password', password);
    await page.click('button.primary');
  };

  const askForReset = async (page: Page) => {
    await page.goto(url());
    await page.click('a[href*="/account/forgot"]');
    await page.fill('#email', account.email);
    await page.click('button.primary');
  };
  const follow = async (page: Page, kind: string) => {
    const isIt = ({ link }: { link: string }) => link.includes(`/account/${kind}?`);
    const find = () => mailsIn(op.config.mail.folder).find(isIt);
    await page.goto((await until(`e-mail to ${kind}`, find)).link);
  };

  /** How to get to each page, and what is on it. */
  const pages: [name: string, go: (page: Page) => Promise<unknown>, sign: string][] = [
    ['login', (page) => page.goto(url()), '#password'],
    [
      'refused login',
      async (page) => {
        await page.goto(url());
        await signIn(page, 'a wrong password');
      },
      '#problem',
    ],
    [
      'consent',
      async (page) => {
        await page.goto(url({ scope: 'openid profile email photos:read', resource: identifier }));
        await signIn(page);
      },
      'button[name=decision]',
    ],
    [
      'consent to single claims',
      async (page) => {
        const asked = { userinfo: { birthdate: { essential: true }, picture: null, locale: null } };
        await page.goto(url({ claims: JSON.stringify(asked) }));
        await signIn(page);
      },
      'input[name=claim][value=birthdate]',
    ],
    [
      'logout',
      async (page) => {
        await page.goto(url());
        await signIn(page);
        await page.click('button[value=allow]');
        await page.goto(`${op.issuer}/logout`);
      },
      'button[name=logout]',
    ],
    [
      'signed out',
      (page) => page.goto(`${op.issuer}/logout/success?client_id=${client.client_id}`),
      'h1:has-text("signed out")',
    ],
    ['forgotten password', (page) => page.goto(`${op.issuer}/account/forgot`), '#email'],
    ['link on its way', askForReset, 'h1:has-text("Check your email")'],
    [
      'new password',
      async (page) => {
        await askForReset(page);
        await follow(page, 'reset');
      },
      '#password',
    ],
    [
      'verification of an address',
      async (page) => {
        await page.goto(url());
        await signIn(page);
        await follow(page, 'verify');
      },
      'strong',
    ],
    [
      'password changed',
      (page) => page.goto(`${op.issuer}/interaction/none/password_changed`),
      'h1:has-text("has been changed")',
    ],
    [
      'used link',
      (page) => page.goto(`${op.issuer}/account/reset?ticket=used`),
      'h1:has-text("does not work")',
    ],
    ['error', (page) => page.goto(url({ redirect_uri: 'https://evil.example/' })), 'code.id'],
    ['expired', (page) => page.goto(`${op.issuer}/interaction/none`), 'code.id'],
    ['nothing here', (page) => page.goto(`${op.issuer}/nothing`), 'code.id'],
  ];

  const looks: Look[] = [
    { size: 'phone', scheme: 'light' },
    { size: 'desktop', scheme: 'dark' },
  ];

  for (const look of looks) {
    for (const [name, go, sign] of pages) {
      test(`${name} is accessible and fits (${look.size}, ${look.scheme})`, async () => {
        const { page, faults, close } = await openTab(browser, { ...look, javaScript: true });
        await go(page);
        await page.waitForSelector(sign);
        expect(await violations(page)).toEqual([]);
        expect(await overflows(page)).toBe(false);
        expect(faults.filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
        await close();
      });
    }
  }

  test('login fits a window of 320 pixels, as zooming to 400 % makes it', async () => {
    const { page, close } = await openTab(browser);
    await page.setViewportSize({ width: 320, height: 256 });
    await page.goto(url());
    await page.waitForSelector('#password');
    expect(await overflows(page)).toBe(false);
    await close();
  });
});
