import { expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { overflows } from '../pages/axe.ts';
import { describeWithBrowser } from '../support/browser.ts';
import type { Op } from '../support/op.ts';
import { axeFaults, logIn, signedIn, useSite } from './support.ts';

describeWithBrowser('keys', () => {
  let op: Op;
  let browser: Browser;
  useSite((site) => {
    ({ op, browser } = site);
  });

  test('are listed, and rotated by an owner who gives the password', async () => {
    const { page, account, open, close } = await signedIn(op, browser);
    page.setDefaultTimeout(5000);
    await open('/keys');
    const { items } = (await op.admin('/keys')).body;
    expect(await page.locator('tbody tr').count()).toBe(items.length);
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Rotate keys' }).click();
    if (await page.locator('#password').count()) await logIn(page, account);
    expect(await axeFaults(page)).toEqual([]);
    await page.selectOption('[name="alg"]', 'ES256');
    await page.getByRole('button', { name: 'Rotate keys' }).click();
    expect(await page.locator('.flash').innerText()).toBe('The next keys are published.');
    const after = (await op.admin('/keys')).body.items;
    const fresh = after.filter(({ state }: { state: string }) => state === 'published');
    expect(fresh.map(({ alg }: { alg: string }) => alg)).toEqual(['ES256']);
    await close();
  });

  test('viewers see them and rotate nothing', async () => {
    const { page, open, close } = await signedIn(op, browser, {
      role: 'viewer',
      look: { size: 'phone', scheme: 'dark' },
    });
    await open('/keys');
    expect(await overflows(page)).toBe(false);
    expect(await page.getByText('Rotate keys').count()).toBe(0);
    await open('/keys/rotate');
    expect(await page.locator('h1').innerText()).toBe('This is not open to you');
    await close();
  });
});
