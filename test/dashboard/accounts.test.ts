import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { overflows } from '../pages/axe.ts';
import { describeWithBrowser, launchBrowser, openTab } from '../support/browser.ts';
import { mailsIn, until } from '../support/mail.ts';
import { type Op, startOp } from '../support/op.ts';
import { axeFaults, type DashboardTab, logIn, signedIn } from './support.ts';

const HOSTILE = '<img src=x onerror=alert(1)>\u202e"';

/** Gives the password where it is asked for once more. */
async function confirmed({ page, account }: DashboardTab) {
  if (await page.locator('#password').count()) await logIn(page, account);
}

describeWithBrowser('accounts', () => {
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
  const text = () => tab.page.locator('main').innerText();

  test('are made, found by e-mail, changed and deleted', async () => {
    const { page } = tab;
    await tab.open('/accounts/new');
    expect(await axeFaults(page)).toEqual([]);
    await page.fill('[name="email"]', 'grace@mail.example');
    await page.fill('[name="name"]', HOSTILE);
    await page.fill('[name="password"]', 'short');
    await press('Create account');
    expect(await page.locator('#e-password').innerText()).toContain('at least');
    expect(await page.inputValue('[name="name"]')).toContain('<img');
    await page.fill('[name="password"]', 'long enough to be one');
    await page.check('[name="roles"][value="viewer"]');
    await press('Create account');
    expect(await text()).toContain('The account was created.');
    expect(await page.locator('h1').innerText()).toBe('grace@mail.example');
    expect(await page.locator('main img').count()).toBe(0);
    expect(await axeFaults(page)).toEqual([]);

    await tab.open('/accounts?q=GRACE@');
    expect(await page.locator('tbody tr').count()).toBe(1);
    expect(await axeFaults(page)).toEqual([]);
    await page.click('tbody a');
    await page.getByRole('link', { name: 'Change', exact: true }).click();
    await page.getByText('More about the person').click();
    await page.fill('[name="given_name"]', 'Grace');
    await page.fill('[name="name"]', 'Grace Hopper');
    await page.getByText('Address', { exact: true }).click();
    await page.fill('[name="address.locality"]', 'Arlington');
    await page.uncheck('[name="roles"][value="viewer"]');
    await press('Save');
    const { items } = (await op.admin('/accounts?q=grace@')).body;
    expect(items).toMatchObject([
      { given_name: 'Grace', name: 'Grace Hopper', address: { locality: 'Arlington' }, roles: [] },
    ]);

    await page.getByRole('link', { name: 'Delete account' }).click();
    await confirmed(tab);
    expect(await axeFaults(page)).toEqual([]);
    await press('Delete account');
    expect(await text()).toContain('The account was deleted.');
    expect((await op.admin('/accounts?q=grace@')).body.items).toEqual([]);
  }, 90_000);

  test('keep the change of who was faster, and show it', async () => {
    const { id } = await op.createAccount({ name: 'Before' });
    await tab.open(`/accounts/${id}/edit`);
    await op.admin(`/accounts/${id}`, { method: 'PATCH', body: { name: 'Theirs' } });
    await tab.page.fill('[name="name"]', 'Mine');
    await press('Save');
    expect(await text()).toContain('There now: Theirs');
    expect(await tab.page.inputValue('[name="name"]')).toBe('Mine');
    expect((await op.admin(`/accounts/${id}`)).body.name).toBe('Theirs');
    expect(await axeFaults(tab.page)).toEqual([]);
    await press('Save');
    expect((await op.admin(`/accounts/${id}`)).body.name).toBe('Mine');
  });

  test('are signed out everywhere, disabled and enabled again', async () => {
    const other = await signedIn(op, browser, { role: 'viewer' });
    await tab.open(`/accounts/${other.account.id}`);
    await tab.page.getByRole('link', { name: 'Disable' }).click();
    await press('Disable');
    expect(await text()).toContain('disabled and signed out everywhere');
    await other.open('/accounts');
    expect(await other.page.locator('#password').count()).toBe(1);
    await tab.page.getByRole('link', { name: 'Enable' }).click();
    await press('Enable');
    expect((await op.admin(`/accounts/${other.account.id}`)).body.disabled).toBe(false);
    const { items } = (await op.admin(`/audit?target=account:${other.account.id}`)).body;
    expect(items.map(({ action }: { action: string }) => action)).toContain('account.end_sessions');
    await other.close();
  });

  test('are not taken away by who has them, so that an owner is left', async () => {
    const own = `/accounts/${tab.account.id}`;
    await tab.open(own);
    expect(await text()).toContain('another owner can disable or delete it');
    for (const act of ['disable', 'delete']) {
      expect(await tab.page.locator(`main a[href$="/${act}"]`).count()).toBe(0);
      await tab.open(`${own}/${act}`);
      await confirmed(tab);
      expect(await text()).toContain('another owner can disable or delete it');
      expect(await tab.page.locator('main button').count()).toBe(0);
      expect(await axeFaults(tab.page)).toEqual([]);
    }
    await tab.open(`${own}/edit`);
    await tab.page.uncheck('[name="roles"][value="owner"]');
    await tab.page.check('[name="roles"][value="editor"]');
    await press('Save');
    expect(await tab.page.innerText('[role=alert]')).toContain('another owner can');
    expect(await tab.page.isChecked('[name="roles"][value="editor"]')).toBe(true);
    await tab.page.check('[name="roles"][value="owner"]');
    await tab.page.fill('[name="name"]', 'Still here');
    await press('Save');
    const csrf = await tab.page.locator('input[name=csrf]').first().inputValue();
    for (const act of ['disable', 'delete']) {
      const address = `${op.issuer}/dashboard${own}/${act}`;
      expect((await tab.page.request.post(address, { form: { csrf } })).status()).toBe(409);
    }
    expect((await op.admin(own)).body).toMatchObject({
      name: 'Still here',
      roles: ['owner', 'editor'],
      disabled: false,
    });
    // A program can.
    expect((await op.admin(own, { method: 'PATCH', body: { roles: ['owner'] } })).status).toBe(200);
  });

  test('are given a password', async () => {
    const { id, email } = await op.createAccount();
    await tab.open(`/accounts/${id}/password`);
    await confirmed(tab);
    await tab.page.fill('[name="password"]', 'another one that is long');
    await press('Set password');
    expect(await text()).toContain('The password was set.');
    const visitor = await openTab(browser);
    await visitor.page.goto(`${op.issuer}/dashboard`);
    await logIn(visitor.page, { id, email, password: 'another one that is long' });
    expect(await visitor.page.locator('body').innerText()).toContain('no administration role');
    await visitor.close();
  });

  test('lose what a client may do for them', async () => {
    const other = await signedIn(op, browser, { role: 'viewer' });
    await tab.open(`/accounts/${other.account.id}`);
    await tab.page.getByRole('link', { name: /^Revoke/ }).click();
    expect(await tab.page.innerText('h1')).toBe('Revoke the access of Clientele dashboard?');
    expect(await axeFaults(tab.page)).toEqual([]);
    await press('Revoke');
    expect(await text()).toContain('The access was revoked.');
    expect((await op.admin(`/accounts/${other.account.id}/grants`)).body.items).toEqual([]);
    await other.close();
  });

  test('are found by name', async () => {
    await op.createAccount({ email: 'found@mail.example', name: 'Katherine Johnson' });
    for (const q of ['johnson', 'kath john', 'FOUND@', '@mail.example']) {
      await tab.open('/accounts');
      await tab.page.fill('#q', q);
      await press('Find');
      await tab.page.waitForURL(/q=/);
      expect(await text()).toContain('found@mail.example');
    }
    await tab.open('/accounts?q=nobody-is-called-this');
    expect(await text()).toContain('No account fits');
  });

  test('are sent the e-mail for a new password, by editors too', async () => {
    const { id, email } = await op.createAccount();
    const editor = await signedIn(op, browser, {
      role: 'editor',
      look: { javaScript: false, size: 'phone' },
    });
    const { page } = editor;
    const main = () => page.locator('main').innerText();
    await editor.open(`/accounts/${id}`);
    expect(await main()).toContain('mail.smtp_url');
    expect(await overflows(page)).toBe(false);
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Send a reset e-mail' }).click();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Send e-mail' }).click();
    expect(await main()).toContain(`The e-mail to ${email} is a file`);
    const mail = await until('e-mail', () => mailsIn(op.config.mail.folder)[0]);
    const [, ticket = ''] = /ticket=([\w-]+)/.exec(mail.link) ?? [];
    expect(ticket).toMatch(/^[\w-]{43}$/);
    expect(await page.content()).not.toContain(ticket);
    await page.getByRole('link', { name: 'Send a reset e-mail' }).click();
    await page.getByRole('button', { name: 'Send e-mail' }).click();
    expect(await main()).toContain('sent a moment ago');
    const { items } = (await op.admin(`/audit?target=account:${id}`)).body;
    expect(items[0]).toMatchObject({
      action: 'account.reset_email',
      actor: { account_id: editor.account.id },
    });
    await op.admin(`/accounts/${id}`, { method: 'PATCH', body: { disabled: true } });
    await editor.open(`/accounts/${id}`);
    expect(await page.getByRole('link', { name: 'Send a reset e-mail' }).count()).toBe(0);
    await editor.close();
  });

  test('viewers read and change nothing', async () => {
    const viewer = await signedIn(op, browser, { role: 'viewer', look: { size: 'phone' } });
    const { page } = viewer;
    await viewer.open('/accounts');
    expect(await overflows(page)).toBe(false);
    expect(await page.getByText('New account').count()).toBe(0);
    await viewer.open(`/accounts/${tab.account.id}`);
    expect(await overflows(page)).toBe(false);
    expect(
      await page
        .locator('main')
        .getByRole('link', { name: /Delete|Change$/ })
        .count(),
    ).toBe(0);
    for (const path of [
      'new',
      `${tab.account.id}/edit`,
      `${tab.account.id}/delete`,
      `${tab.account.id}/reset-email`,
    ]) {
      await viewer.open(`/accounts/${path}`);
      expect(await page.locator('h1').innerText()).toBe('This is not open to you');
    }
    await viewer.close();
  });
});
