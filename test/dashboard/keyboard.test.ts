import { expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { describeWithBrowser } from '../support/browser.ts';
import type { Op } from '../support/op.ts';
import { type DashboardTab, signedIn, useSite } from './support.ts';

/** What has the focus, in words. */
const focused = (page: Page) =>
  page.evaluate<string>(
    `((one) => one === document.body ? 'BODY' : (one.matches('input') && one.name) || one.id || one.textContent.trim() || one.tagName)(document.activeElement)`,
  );

describeWithBrowser('by the keyboard alone', () => {
  let op: Op;
  let browser: Browser;
  let tab: DashboardTab;
  useSite(async (site) => {
    ({ op, browser } = site);
    tab = await signedIn(op, browser, { look: { javaScript: true } });
    tab.page.setDefaultTimeout(5000);
  });

  /** Tabs until what has the focus is called so. */
  async function tabTo(name: string, most = 60): Promise<void> {
    for (let presses = 0; presses < most; presses += 1) {
      await tab.page.keyboard.press('Tab');
      if ((await focused(tab.page)) === name) return;
    }
    throw new Error(`${name} is not reached`);
  }

  test('the menu is skipped, and the first thing after it is of the page', async () => {
    const { page, open } = tab;
    await open('/clients');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    const { y = -1 } = (await page.locator('.skip').boundingBox()) ?? {};
    expect(y).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('New client');
  });

  test('whatever has the focus shows it', async () => {
    const { page, open } = tab;
    const { client_id } = await op.createClient();
    for (const path of ['/clients', `/clients/${client_id}`, '/compliance', '/audit']) {
      await open(path);
      const count = await page.locator('a, button, input, select, summary').count();
      for (let presses = 0; presses < Math.min(count, 40); presses += 1) {
        await page.keyboard.press('Tab');
        const shown = await page.evaluate<boolean>(
          `((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 1)(getComputedStyle(document.activeElement))`,
        );
        if ((await focused(page)) !== 'BODY') {
          expect([path, await focused(page), shown]).toEqual([path, await focused(page), true]);
        }
      }
    }
  });

  test('the list of keys gives the focus back', async () => {
    const { page, open } = tab;
    await open('/clients');
    await page.focus('a.button.primary');
    await page.keyboard.press('?');
    expect(await page.locator('#keys').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await focused(page)).toBe('New client');
  });

  test('a slash finds the search of every list that has one', async () => {
    const { page, open } = tab;
    for (const path of ['/clients', '/accounts', '/failures']) {
      await open(path);
      await page.keyboard.press('/');
      expect([path, await page.evaluate('document.activeElement.type')]).toEqual([path, 'search']);
    }
    await open('/keys');
    await page.keyboard.press('/');
    expect(await focused(page)).not.toBe('');
  });

  test('the focus stays where it is while what is typed is reviewed', async () => {
    const { page, open } = tab;
    const { client_id } = await op.createClient({ client_name: 'Before' });
    await open(`/clients/${client_id}/edit`);
    await page.focus('[name=client_name]');
    await page.keyboard.press('End');
    await page.keyboard.type(' and after');
    // Faster than the review is: it comes when the button has the focus.
    await page.focus('#review button');
    await page.waitForSelector('#review ins');
    expect(await page.evaluate<boolean>(`document.activeElement.matches('#review button')`)).toBe(
      true,
    );
    await tabTo('Save', 5).catch(() => page.focus('text="Save"'));
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=status]');
    expect(await page.innerText('h1')).toBe('Before and after');
  });

  test('a client is found, chosen and disabled', async () => {
    const { page, open } = tab;
    const { client_id } = await op.createClient({ client_name: 'Zebra' });
    await open('');
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.waitForURL('**/dashboard/clients');
    await page.keyboard.press('/');
    await page.keyboard.type('Zebra');
    await page.waitForSelector('#found tbody tr:only-child >> text=Zebra');
    expect(await focused(page)).toBe('q');
    await tabTo('id');
    await page.keyboard.press('Space');
    await tabTo('Disable');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=status]');
    expect((await op.admin(`/clients/${client_id}`)).body.disabled).toBe(true);
  });
});
