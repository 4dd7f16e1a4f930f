import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import {
  describeWithBrowser,
  type Landing,
  launchBrowser,
  openTab,
  sizes,
  startLanding,
} from '../support/browser.ts';
import { type SmtpServer, startSmtp } from '../support/mail.ts';
import { type Op, startOp, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import { overflows, violations } from './axe.ts';

describeWithBrowser('in a browser without scripts', () => {
  let smtp: SmtpServer;
  let op: Op;
  let browser: Browser;
  let landing: Landing;
  let client: TestClient;
  beforeAll(async () => {
    smtp = await startSmtp();
    [op, browser, landing] = await Promise.all([
      startOp({ mail: { smtp_url: smtp.url, verification: 'require' } }),
      launchBrowser(),
      startLanding(),
    ]);
    client = await op.createClient({
      client_name: 'Their Game',
      redirect_uris: [landing.callback],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await landing?.close();
    await op?.close();
    await smtp?.close();
  });

  const signIn = async (page: Page, email: string, password: string) => {
    await page.fill('#email', email);
    await page.fill('#password', password);
    await page.click('button.primary');
  };

  for (const size of Object.keys(sizes) as (keyof typeof sizes)[]) {
    test(`a person replaces a forgotten password and gets where they wanted to (${size})`, async () => {
      const { page, faults, close } = await openTab(browser, { size });
      const account = await op.createAccount();
      const rp = await createRp(op.issuer, client);
      const started = await rp.start({ scope: 'openid email' });
      await page.goto(started.url.href);
      await page.click('text=Forgot your password?');
      await page.waitForSelector('#email:focus');
      await page.keyboard.type(account.email);
      const [mail] = await Promise.all([smtp.next(), page.keyboard.press('Enter')]);
      await page.waitForSelector('h1:has-text("Check your email")');

      await page.goto(mail.link);
      await page.waitForSelector('#password:focus');
      await page.keyboard.type('a new password');
      await page.keyboard.press('Enter');
      await page.waitForSelector('[role=status]:has-text("has been changed")');
      await signIn(page, account.email, 'a new password');
      await page.waitForURL(`${landing.callback}?**`);
      // The link had shown that the address is theirs.
      const tokens = await rp.redeem(new URL(page.url()), started);
      expect(await rp.userInfo(tokens)).toMatchObject({ email_verified: true });
      expect(faults).toEqual([]);
      await close();
    });

    test(`a person confirms their address on the way (${size})`, async () => {
      const { page, faults, close } = await openTab(browser, { size, scheme: 'dark' });
      const account = await op.createAccount();
      const rp = await createRp(op.issuer, client);
      const started = await rp.start();
      await page.goto(started.url.href);
      const [mail] = await Promise.all([
        smtp.next(),
        signIn(page, account.email, account.password),
      ]);
      await page.waitForSelector('button[name=step]');
      expect(await overflows(page)).toBe(false);
      await page.click('text=I have confirmed it');
      await page.waitForSelector('button[name=step]');

      await page.goto(mail.link);
      await page.click('text=Confirm this address');
      await page.waitForURL(`${landing.callback}?**`);
      expect((await rp.redeem(new URL(page.url()), started)).id_token).toBeTruthy();
      expect(faults).toEqual([]);
      await close();
    });
  }

  test('the page that waits for a confirmation is accessible', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const { page, close } = await openTab(browser, { scheme, javaScript: true });
      const account = await op.createAccount();
      await page.goto((await (await createRp(op.issuer, client)).start()).url.href);
      await signIn(page, account.email, account.password);
      await page.click('button[value=again]');
      await page.waitForSelector('[role=status]');
      expect(await violations(page)).toEqual([]);
      await close();
    }
  });
});
