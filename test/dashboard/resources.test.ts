import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { overflows } from '../pages/axe.ts';
import { describeWithBrowser, launchBrowser } from '../support/browser.ts';
import { type Op, startOp } from '../support/op.ts';
import { axeFaults, type DashboardTab, logIn, signedIn } from './support.ts';

describeWithBrowser('resources', () => {
  let op: Op;
  let browser: Browser;
  let tab: DashboardTab;
  beforeAll(async () => {
    [op, browser] = await Promise.all([startOp(), launchBrowser()]);
    tab = await signedIn(op, browser, { role: 'editor' });
    tab.page.setDefaultTimeout(5000);
  });
  afterAll(async () => {
    await browser?.close();
    await op?.close();
  });

  const press = (name: string) => tab.page.getByRole('button', { name, exact: true }).click();
  const idOf = () => tab.page.url().split('/').at(-1);

  test('are made, listed, changed and deleted', async () => {
    const { page } = tab;
    const { client_id } = await op.createClient();
    await tab.open('/resources/new');
    expect(await axeFaults(page)).toEqual([]);
    await page.fill('[name="identifier"]', 'https://photos.example/api');
    await page.fill('[name="name"]', '<b>Photos</b>');
    await page.fill('[name="scopes"]', 'photos:read: See your photos\nphotos:write');
    await page.fill('[name="access"]', `${client_id}: photos:read photos:none`);
    await press('Create resource');
    expect(await page.locator('#e-access').innerText()).toContain('photos:none');
    await page.fill('[name="access"]', `${client_id}: photos:read\n*:`);
    await press('Create resource');
    expect(await page.locator('.flash').innerText()).toBe('The resource was created.');
    expect(await page.locator('main b').count()).toBe(0);
    expect(await page.locator('h1').innerText()).toBe('<b>Photos</b>');
    expect(await axeFaults(page)).toEqual([]);
    const id = idOf();
    expect((await op.admin(`/resources/${id}`)).body).toMatchObject({
      scopes: [{ name: 'photos:read', description: 'See your photos' }, { name: 'photos:write' }],
      access: [
        { client_id, scopes: ['photos:read'] },
        { client_id: '*', scopes: [] },
      ],
      access_token_ttl: 3600,
    });

    await tab.open('/resources');
    expect(await axeFaults(page)).toEqual([]);
    await page.click('text=https://photos.example/api');
    await page.getByRole('link', { name: 'Change', exact: true }).click();
    await page.selectOption('[name="access_token_format"]', 'opaque');
    await page.fill('[name="access_token_ttl"]', '600');
    await press('Save');
    const { body } = await op.admin(`/resources/${id}`);
    expect(body).toMatchObject({ access_token_format: 'opaque', access_token_ttl: 600 });
    expect(body.scopes).toHaveLength(2);

    await page.getByRole('link', { name: 'Delete resource' }).click();
    if (await page.locator('#password').count()) await logIn(page, tab.account);
    expect(await axeFaults(page)).toEqual([]);
    await press('Delete resource');
    expect((await op.admin(`/resources/${id}`)).status).toBe(404);
  });

  test('keep the types of details that no form shows', async () => {
    const types = [{ type: 'payment', title: 'Payment', sentence: 'Pay' }];
    const { id } = await op.createResource({ authorization_details_types: types as never });
    const before = (await op.admin(`/resources/${id}`)).body.authorization_details_types;
    expect(before).toHaveLength(1);
    await tab.open(`/resources/${id}/edit`);
    await tab.page.fill('[name="name"]', 'Payments');
    await press('Save');
    const { body } = await op.admin(`/resources/${id}`);
    expect(body.name).toBe('Payments');
    expect(body.authorization_details_types).toEqual(before);
  });

  test('are shown with the first of very many clients', async () => {
    const names = Array.from({ length: 25 }, (_, n) => ({ name: `resource:operation-${n}` }));
    const scopes = names.map(({ name }) => name);
    const access = Array.from({ length: 150 }, (_, n) => ({ client_id: `client-${n}`, scopes }));
    const { id } = await op.createResource({ scopes: names, access });
    await tab.open(`/resources/${id}`);
    expect(await axeFaults(tab.page)).toEqual([]);
    const text = await tab.page.innerText('section:has(#access)');
    expect(text).toContain('client-99');
    expect(text).not.toContain('client-100');
    expect(text).toContain('+13');
    expect(text).toContain('and 50 more');
    expect((await tab.page.content()).length).toBeLessThan(100_000);
  });

  test('viewers read and change nothing', async () => {
    const { id } = await op.createResource();
    const viewer = await signedIn(op, browser, { role: 'viewer', look: { size: 'phone' } });
    await viewer.open(`/resources/${id}`);
    expect(await overflows(viewer.page)).toBe(false);
    expect(await viewer.page.locator('main a').count()).toBe(0);
    await viewer.open(`/resources/${id}/edit`);
    expect(await viewer.page.locator('h1').innerText()).toBe('This is not open to you');
    await viewer.close();
  });
});
