import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { accountDetail, accountsType, payment, paymentType } from '../flows/detail-types.ts';
import { describeWithBrowser, launchBrowser, openTab } from '../support/browser.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import { overflows, violations } from './axe.ts';

describeWithBrowser('allowing what is asked for in detail', () => {
  let op: Op;
  let browser: Browser;
  let client: TestClient;
  let account: TestAccount;
  let bank: string;
  beforeAll(async () => {
    [op, browser] = await Promise.all([startOp(), launchBrowser()]);
    [client, account, bank] = await Promise.all([
      op.createClient({
        client_name: 'Their Shop',
        first_party: false,
        authorization_details_types: [paymentType.type, accountsType.type],
      }),
      op.createAccount(),
      op
        .createResource({
          name: 'Lumen Bank',
          scopes: [{ name: 'read', description: 'Read statements' }],
          access: [{ client_id: '*', scopes: ['read'] }],
          authorization_details_types: [paymentType, accountsType],
        })
        .then(({ identifier }) => identifier),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await op?.close();
  });

  async function open(page: Page, ...details: object[]): Promise<void> {
    const { url } = await (await createRp(op.issuer, client)).start({
      scope: 'openid email read',
      resource: bank,
      authorization_details: JSON.stringify(details),
    });
    await page.goto(url.href);
    await page.fill('#email', account.email);
    await page.fill('#password', account.password);
    await page.press('#password', 'Enter');
    await page.waitForSelector('.detail');
  }

  const hostile = {
    ...payment,
    creditorName: `<script>alert(1)</script>${'W'.repeat(45)}`,
    creditorAccount: { iban: 'DE'.padEnd(34, '9') },
    remittanceInformationUnstructured: `${'}{'.repeat(20)} ${'long '.repeat(19)}`.slice(0, 140),
  };

  const widths = [360, 1280];
  const rows = widths.flatMap((width) =>
    [
      { locale: 'en-GB', scheme: 'light' as const, details: [payment, accountDetail] as const },
      { locale: 'de-DE', scheme: 'dark' as const, details: [hostile] as const },
    ].map((row) => ({ ...row, width })),
  );

  test.each(rows)('reads well at $width px in $locale', async ({ width, details, ...look }) => {
    const { page, faults, close } = await openTab(browser, { ...look, javaScript: true });
    await page.setViewportSize({ width, height: 800 });
    await open(page, ...details);
    const shown = await page.locator('.detail').allInnerTexts();
    expect(shown).toHaveLength(details.length);
    const [{ creditorName, creditorAccount }] = details;
    for (const said of [creditorName, creditorAccount.iban]) expect(shown[0]).toContain(said);
    expect(shown[0]).toMatch(look.locale === 'de-DE' ? /123,50 EUR an/ : /Pay 123\.50 EUR to/);
    if (details.length > 1)
      expect(shown[1]).toContain('Look at your accounts: which there are, what is in them');
    expect(await page.locator('.detail input').count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    expect(await overflows(page)).toBe(false);
    expect(faults).toEqual([]);
    await close();
  });
});
