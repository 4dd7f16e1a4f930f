import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { overflows } from '../pages/axe.ts';
import { describeWithBrowser, launchBrowser } from '../support/browser.ts';
import { CALLBACK, type Op, startOp } from '../support/op.ts';
import { axeFaults, type DashboardTab, logIn, signedIn } from './support.ts';

describeWithBrowser('registration', () => {
  let op: Op;
  let browser: Browser;
  let tab: DashboardTab;
  beforeAll(async () => {
    [op, browser] = await Promise.all([startOp(), launchBrowser()]);
    tab = await signedIn(op, browser);
    tab.page.setDefaultTimeout(5000);
  });
  afterAll(async () => {
    await browser?.close();
    await op?.close();
  });

  const press = (name: string) => tab.page.getByRole('button', { name, exact: true }).click();

  test('policies are made, changed and deleted', async () => {
    const { page } = tab;
    await tab.open('/registration/policies/new');
    expect(await axeFaults(page)).toEqual([]);
    await page.fill('[name="name"]', 'partners');
    await page.fill('[name="redirect_domains"]', 'not a domain');
    await press('Create policy');
    expect(await page.locator('#e-redirect_domains').innerText()).toContain('registrable domain');
    await page.fill('[name="redirect_domains"]', 'example.com\nexample.org');
    await page.uncheck('[value="native"]');
    await press('Create policy');
    expect(await page.locator('.flash').innerText()).toBe('The policy was created.');
    expect((await op.admin('/registration-policies/partners')).body).toMatchObject({
      types: ['web', 'single-page-application'],
      redirect_domains: ['example.com', 'example.org'],
      require_pkce: true,
    });
    await page.click('text=partners');
    await page.getByText('Lifetimes and quota').click();
    await page.fill('[name="quota.clients"]', '5');
    await page.fill('[name="quota.per"]', '3600');
    await press('Save');
    const { body } = await op.admin('/registration-policies/partners');
    expect(body.quota).toEqual({ clients: 5, per: 3600 });
    expect(body.redirect_domains).toEqual(['example.com', 'example.org']);
    await tab.open('/registration/policies/partners/delete');
    if (await page.locator('#password').count()) await logIn(page, tab.account);
    expect(await axeFaults(page)).toEqual([]);
    await press('Delete');
    expect((await op.admin('/registration-policies/partners')).status).toBe(404);
  });

  test('a token is shown once, registers, and is revoked', async () => {
    const { page } = tab;
    await op.admin('/registration-policies', { method: 'POST', body: { name: 'games' } });
    await tab.open('/registration/tokens/new');
    expect(await axeFaults(page)).toEqual([]);
    await page.selectOption('[name="policy"]', 'games');
    await page.fill('[name="uses"]', '2');
    await press('Make token');
    const token = (await page.locator('.code code').innerText()).trim();
    expect(await axeFaults(page)).toEqual([]);
    const register = async () => {
      const answer = await fetch(`${op.issuer}/register`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: [CALLBACK] }),
      });
      return answer.status;
    };
    expect(await register()).toBe(201);
    await tab.open('/registration');
    expect(await page.locator('.notice').innerText()).toContain('Who has an initial access token');
    expect(await page.content()).not.toContain(token);
    expect(await page.locator('tbody').first().innerText()).toContain('1 of 2 left');
    await page.getByRole('link', { name: /^Revoke/ }).click();
    await press('Revoke');
    expect(await register()).toBe(401);
  });

  test('many policies are read on, and a page of them is light', async () => {
    const { page } = tab;
    const redirect_hosts = Array.from(
      { length: 100 },
      (_, n) => `a-long-name-of-host-${n}.example.com`,
    );
    for (let n = 10; n < 62; n += 1) {
      const body = { name: `many-${n}`, redirect_hosts };
      expect((await op.admin('/registration-policies', { method: 'POST', body })).status).toBe(201);
    }
    await tab.open('/registration');
    expect((await page.content()).length).toBeLessThan(100_000);
    expect(await axeFaults(page)).toEqual([]);
    const row = page.locator('tr').filter({ hasText: 'many-10' }).first();
    expect(await row.innerText()).toContain('+94');
    const names = () => page.locator('a[href$="/edit"]').allInnerTexts();
    const seen = await names();
    await page.click('[rel="next"]');
    seen.push(...(await names()));
    expect(seen).toEqual(expect.arrayContaining(['many-10', 'many-61']));
    expect(new Set(seen).size).toBe(seen.length);
    for (let n = 10; n < 62; n += 1) {
      await op.admin(`/registration-policies/many-${n}`, { method: 'DELETE' });
    }
  });

  test('viewers see no buttons and make nothing', async () => {
    const viewer = await signedIn(op, browser, { role: 'viewer', look: { size: 'phone' } });
    await viewer.open('/registration');
    expect(await overflows(viewer.page)).toBe(false);
    expect(await viewer.page.locator('main a').count()).toBe(0);
    await viewer.open('/registration/tokens/new');
    expect(await viewer.page.locator('h1').innerText()).toBe('This is not open to you');
    await viewer.close();
  });
});
