import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { payment, paymentType } from '../flows/detail-types.ts';
import { authorizeUrl, obtainCode } from '../flows/requests.ts';
import { overflows } from '../pages/axe.ts';
import { type Agent, createAgent, isLogin } from '../support/agent.ts';
import { describeWithBrowser, launchBrowser } from '../support/browser.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { axeFaults, type DashboardTab, signedIn } from './support.ts';

const HOSTILE = '<img src=x onerror=alert(1)>\u202e"';

describeWithBrowser('sessions and grants', () => {
  let op: Op;
  let browser: Browser;
  let tab: DashboardTab;
  let hostile: TestClient;
  let bank: TestClient;
  let ada: TestAccount;
  let grace: TestAccount;
  beforeAll(async () => {
    [op, browser] = await Promise.all([startOp(), launchBrowser()]);
    hostile = await op.createClient({
      client_name: HOSTILE.replace('\u202e', ''),
      first_party: false,
    });
    bank = await op.createClient({
      client_name: 'Bank',
      first_party: false,
      authorization_details_types: [paymentType.type],
    });
    const { identifier } = await op.createResource({
      scopes: [{ name: 'accounts', description: 'Read bank accounts' }],
      access: [{ client_id: '*', scopes: ['accounts'] }],
      authorization_details_types: [paymentType],
    });
    ada = await op.createAccount({ email: 'ada@mail.example', name: HOSTILE });
    grace = await op.createAccount({ email: 'grace@mail.example', name: 'Grace Hopper' });
    await obtainCode(op, hostile, ada, { scope: 'openid email profile' });
    await obtainCode(op, bank, grace, {
      scope: 'openid accounts',
      resource: identifier,
      authorization_details: JSON.stringify([payment]),
    });
    tab = await signedIn(op, browser, { look: { javaScript: false } });
    tab.page.setDefaultTimeout(5000);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await op?.close();
  });

  const press = (name: string) => tab.page.getByRole('button', { name, exact: true }).click();
  const text = (of = tab) => of.page.locator('main').innerText();
  const rows = (of = tab) => of.page.locator('#found tbody tr');

  test('show who is signed in, and names harmlessly', async () => {
    await tab.open('/sessions');
    expect(await rows().count()).toBe(3);
    expect(await text()).toContain('ada@mail.example');
    expect(await text()).toContain('Clientele dashboard');
    expect(await tab.page.locator('main img').count()).toBe(0);
    expect(await tab.page.locator('nav a[aria-current="page"]').allInnerTexts()).toEqual(
      expect.arrayContaining(['Sessions']),
    );
    expect(await axeFaults(tab.page)).toEqual([]);
  });

  test('are narrowed to a person and to a client by what people know of them', async () => {
    const { page } = tab;
    const find = async (fields: Record<string, string>) => {
      await tab.open('/sessions');
      for (const [name, value] of Object.entries(fields)) await page.fill(`#${name}`, value);
      await press('Find');
    };
    await find({ account: 'hopper' });
    expect(await rows().count()).toBe(1);
    expect(await text()).toContain('grace@mail.example');
    await find({ account: ada.id, client: hostile.client_id });
    expect(await rows().count()).toBe(1);
    expect(await page.inputValue('#account')).toBe('ada@mail.example');
    await find({ account: 'grace', client: hostile.client_id });
    expect(await text()).toContain('Nobody is signed in');
    await find({ account: 'nobody-at-all' });
    expect(await text()).toContain('No account has such a name');

    await find({ account: '@mail.example' });
    expect(await text()).toContain('Which account do you mean?');
    expect(await axeFaults(page)).toEqual([]);
    await page.locator('#found').getByRole('link', { name: 'grace@mail.example' }).click();
    expect(await rows().count()).toBe(1);
    expect(await text()).not.toContain('ada@mail.example');
    expect(await page.getByRole('link', { name: 'Sign out everywhere' }).count()).toBe(1);
  });

  test('end one at a time, and the list is where it was', async () => {
    const account = await op.createAccount({ email: 'two@mail.example' });
    const here: Agent = createAgent(op.issuer);
    const there: Agent = createAgent(op.issuer);
    await obtainCode(op, bank, account, {}, there);
    await obtainCode(op, bank, account, {}, here);
    await tab.open(`/sessions?account=${account.id}`);
    expect(await rows().count()).toBe(2);
    await tab.page
      .getByRole('link', { name: /^End session/ })
      .first()
      .click();
    expect(await text()).toContain('two@mail.example');
    expect(await axeFaults(tab.page)).toEqual([]);
    await press('End session');
    expect(await text()).toContain('The session was ended.');
    expect(await tab.page.inputValue('#account')).toBe('two@mail.example');
    expect(await rows().count()).toBe(1);
    const left = [
      await here.visit(authorizeUrl(op, bank)),
      await there.visit(authorizeUrl(op, bank)),
    ];
    expect(left.filter(isLogin)).toHaveLength(1);
    const { items } = (await op.admin('/audit?action=session.end')).body;
    expect(items[0]).toMatchObject({ actor: { account_id: tab.account.id } });
  });

  test('tell what was allowed: scopes, resources, details', async () => {
    await tab.open('/sessions/grants');
    expect(await axeFaults(tab.page)).toEqual([]);
    expect(await tab.page.locator('main img').count()).toBe(0);
    const row = rows().filter({ hasText: 'grace@mail.example' });
    expect(await row.innerText()).toMatch(/openid[\s\S]*https:\/\/api[\s\S]*accounts/);
    expect(await row.innerText()).toContain('payment_initiation');
    await tab.open(`/sessions/grants?client=${hostile.client_id}`);
    expect(await rows().count()).toBe(1);
    await tab.open(`/accounts/${grace.id}`);
    expect(await axeFaults(tab.page)).toEqual([]);
    await tab.page.getByText('payment_initiation', { exact: true }).click();
    expect(await text()).toContain('Merchant A');
  });

  test('lose a grant with its tokens', async () => {
    await tab.open('/sessions/grants?account=grace');
    await tab.page.getByRole('link', { name: /^Revoke/ }).click();
    await press('Revoke');
    expect(await text()).toContain('The access was revoked.');
    expect((await op.admin(`/grants?account=${grace.id}`)).body.items).toEqual([]);
  });

  test('are led to from an account and from a client', async () => {
    await tab.open(`/accounts/${ada.id}`);
    expect(await text()).toContain('Sessions');
    expect(await tab.page.getByRole('link', { name: /^End session/ }).count()).toBe(1);
    await tab.open(`/clients/${hostile.client_id}`);
    await tab.page.getByRole('link', { name: 'Who is signed in' }).click();
    expect(await text()).toContain('ada@mail.example');
  });

  test('are in pages', async () => {
    const account = await op.createAccount({ email: 'many@mail.example' });
    await Promise.all(
      Array.from({ length: 52 }, () => obtainCode(op, bank, account, {}, createAgent(op.issuer))),
    );
    await tab.open(`/sessions?account=${account.id}`);
    expect(await rows().count()).toBe(50);
    await tab.page.getByRole('link', { name: 'Show more' }).click();
    expect(await rows().count()).toBe(2);
    await tab.open(`/accounts/${account.id}`);
    await tab.page.getByRole('link', { name: 'All sessions' }).click();
    expect(await rows().count()).toBe(50);
  }, 30_000);

  test('viewers read and end nothing', async () => {
    const viewer = await signedIn(op, browser, { role: 'viewer', look: { size: 'phone' } });
    const { items } = (await op.admin(`/sessions?account=${ada.id}`)).body;
    for (const path of ['/sessions', '/sessions/grants', `/accounts/${ada.id}`]) {
      await viewer.open(path);
      expect(await viewer.page.getByRole('link', { name: /^(End session|Revoke)/ }).count()).toBe(
        0,
      );
      expect(await overflows(viewer.page)).toBe(false);
      expect(await axeFaults(viewer.page)).toEqual([]);
    }
    await viewer.open(`/sessions/${items[0].id}/end`);
    expect(await viewer.page.locator('h1').innerText()).toBe('This is not open to you');
    await viewer.close();
  });
});
