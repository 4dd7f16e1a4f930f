import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { overflows } from '../pages/axe.ts';
import { describeWithBrowser, launchBrowser } from '../support/browser.ts';
import { type Op, startOp } from '../support/op.ts';
import { axeFaults, signedIn } from './support.ts';

describeWithBrowser('settings', () => {
  let op: Op;
  let browser: Browser;
  beforeAll(async () => {
    [op, browser] = await Promise.all([
      startOp({ registration: { mode: 'off' } }),
      launchBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await op?.close();
  });

  test('show owners what is in force and where it comes from, but no secret', async () => {
    const { page, open, close } = await signedIn(op, browser);
    await open('/settings');
    const row = (name: string) =>
      page.locator('tr').filter({ has: page.getByText(name, { exact: true }) });
    expect(await row('registration.mode').innerText()).toMatch(/\boff\b.*\bfile\b/s);
    expect(await row('workers').innerText()).toMatch(/\b1\b.*\bdefault\b/s);
    expect(await row('secrets_key').innerText()).toContain('set, not shown');
    const source = await page.content();
    for (const secret of [op.config.secrets_key, op.config.admin.client_secret]) {
      expect(source).not.toContain(secret);
    }
    expect(source.length).toBeLessThan(100_000);
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Only what was set' }).click();
    expect(await row('workers').count()).toBe(0);
    expect(await row('registration.mode').count()).toBe(1);
    await close();
  });

  test('are open to owners alone', async () => {
    for (const role of ['viewer', 'editor'] as const) {
      const { page, open, close } = await signedIn(op, browser, { role });
      expect(await page.locator('nav a[href$="/settings"]').count()).toBe(0);
      await open('/settings');
      expect(await page.locator('h1').innerText()).toBe('This is not open to you');
      await close();
    }
  });

  test('fit a phone', async () => {
    const { page, open, close } = await signedIn(op, browser, { look: { size: 'phone' } });
    await open('/settings');
    expect(await overflows(page)).toBe(false);
    await close();
  });
});
