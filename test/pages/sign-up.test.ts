/** Making an account, in a browser without scripts. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
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

describeWithBrowser('a person without an account', () => {
  let smtp: SmtpServer;
  let op: Op;
  let browser: Browser;
  let landing: Landing;
  let client: TestClient;
  beforeAll(async () => {
    smtp = await startSmtp();
    [op, browser, landing] = await Promise.all([
      startOp({
        accounts: { sign_up: 'on' },
        mail: { smtp_url: smtp.url, verification: 'require' },
      }),
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

  for (const size of Object.keys(sizes) as (keyof typeof sizes)[]) {
    test(`makes one from the sign-in page and gets where they wanted to (${size})`, async () => {
      const { page, faults, close } = await openTab(browser, { size });
      const rp = await createRp(op.issuer, client);
      const started = await rp.start({ scope: 'openid profile email' });
      await page.goto(started.url.href);
      await page.click('text=Create an account');
      await page.waitForSelector('#name:focus');
      await page.keyboard.type('Grace Hopper');
      await page.fill('#email', `${size}@example.org`);
      const [mail] = await Promise.all([smtp.next(), page.keyboard.press('Enter')]);
      await page.waitForSelector('h1:has-text("Check your email")');

      await page.goto(mail.link);
      await page.waitForSelector('#password:focus');
      await page.keyboard.type('short');
      // The browser itself says that it is too short.
      await page.keyboard.press('Enter');
      expect(await page.inputValue('#password')).toBe('short');
      await page.fill('#password', 'a password of mine');
      await page.keyboard.press('Enter');
      await page.waitForURL(`${landing.callback}?**`);
      const tokens = await rp.redeem(new URL(page.url()), started);
      expect(await rp.userInfo(tokens)).toMatchObject({
        name: 'Grace Hopper',
        email: `${size}@example.org`,
        email_verified: true,
      });
      expect(faults).toEqual([]);
      await close();
    });
  }

  test.each(['light', 'dark'] as const)(
    'meets pages that are accessible and fit on a phone, in %s colours',
    async (scheme) => {
      const { page, close } = await openTab(browser, { size: 'phone', scheme, javaScript: true });
      const check = async (name: string) => {
        expect([name, await overflows(page), await violations(page)]).toEqual([name, false, []]);
      };
      const { url } = await (await createRp(op.issuer, client)).start({ prompt: 'create' });
      await page.goto(url.href);
      await check('sign-up');
      await page.evaluate("document.querySelector('form').noValidate = true");
      await page.click('button.primary');
      await page.waitForSelector('#problem');
      await check('refused sign-up');
      await page.fill('#name', 'Grace');
      await page.fill('#email', `${scheme}@example.org`);
      const [mail] = await Promise.all([smtp.next(), page.click('button.primary')]);
      await page.waitForSelector('h1:has-text("Check your email")');
      await check('sign-up-sent');
      await page.goto(mail.link);
      await check('sign-up-finish');
      await close();
    },
  );
});
