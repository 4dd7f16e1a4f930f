import { afterEach, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { UnavailableError } from '../../src/store/store.ts';
import { pass } from '../flows/clock.ts';
import { describeWithBrowser, openTab } from '../support/browser.ts';
import { guarded } from '../support/guarded-store.ts';
import type { Op } from '../support/op.ts';
import { administrator, axeFaults, logIn, signedIn, useSite } from './support.ts';

const never = () => false;
/** A store that is away for the calls of which this says so. */
const away = { for: never };
const through = guarded(() =>
  away.for()
    ? Promise.reject(new UnavailableError({ cause: 'mongodb://db.internal:27017' }))
    : undefined,
);

describeWithBrowser('a session of the dashboard', () => {
  let op: Op;
  let browser: Browser;
  useSite(
    (site) => {
      ({ op, browser } = site);
    },
    {},
    { through },
  );
  afterEach(() => {
    away.for = never;
    jest.restoreAllMocks();
  });

  test('begins in each of several tabs that ask for it at the same time', async () => {
    const account = await administrator(op);
    const first = await openTab(browser);
    const second = await first.page.context().newPage();
    await first.page.goto(`${op.issuer}/dashboard/clients`);
    await second.goto(`${op.issuer}/dashboard/keys`);
    await logIn(first.page, account);
    expect(first.page.url()).toBe(`${op.issuer}/dashboard/clients`);
    await logIn(second, account);
    expect(second.url()).toBe(`${op.issuer}/dashboard/keys`);
    await first.page.reload();
    expect(first.page.url()).toBe(`${op.issuer}/dashboard/clients`);
    await first.close();
  });

  test('is not begun so often that its cookies become too many', async () => {
    const { page, close } = await openTab(browser);
    const query = 'q='.padEnd(1500, 'x');
    for (let tries = 0; tries < 12; tries += 1) {
      await page.request.get(`${op.issuer}/dashboard/clients?${query}`, { maxRedirects: 0 });
    }
    const cookies = await page.context().cookies();
    const size = cookies.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
    expect(size).toBeLessThan(9000);
    // The newest of them leads to where it began.
    await page.goto(`${op.issuer}/dashboard/keys`);
    await logIn(page, await administrator(op));
    expect(page.url()).toBe(`${op.issuer}/dashboard/keys`);
    const left = (await page.context().cookies()).map(({ name }) => name);
    expect(left.filter((name) => name.startsWith('dashboard-'))).toContain('dashboard-session');
    await close();
  });

  test('begins for an address that is too long for a cookie, and ends at its page', async () => {
    const { page, close } = await openTab(browser);
    await page.goto(`${op.issuer}/dashboard/clients?${'q='.padEnd(5000, 'x')}`);
    await logIn(page, await administrator(op));
    expect(page.url()).toBe(`${op.issuer}/dashboard/clients`);
    await close();
  });

  test('takes a form that was open before another tab asked for the password', async () => {
    const { client_id } = await op.createClient({ client_name: 'Before' });
    const { page, account, open, close } = await signedIn(op, browser);
    await open(`/clients/${client_id}/edit`);
    await page.fill('[name=client_name]', 'After');
    pass(6 * 60);
    const other = await page.context().newPage();
    await other.goto(`${op.issuer}/dashboard/clients/${client_id}/delete`);
    await logIn(other, account);
    expect(other.url()).toContain('/delete');
    await page.click('#review button');
    expect(await page.innerText('#review')).toContain('After');
    // Somebody else’s session in the same browser takes none of it.
    await other.goto(`${op.issuer}/dashboard/sign-in?other`);
    await logIn(other, await administrator(op));
    if (await other.locator('form button').count()) await other.click('form button');
    await other.waitForURL(`${op.issuer}/dashboard**`);
    await page.click('text=Save');
    expect(await page.innerText('h1')).toBe('Nothing was changed');
    expect((await op.admin(`/clients/${client_id}`)).body.client_name).toBe('Before');
    await close();
  });

  test('that is over when a form is sent says so, and is back at that form', async () => {
    const { client_id } = await op.createClient({ description: 'Before' });
    const { page, account, open, close } = await signedIn(op, browser);
    for (const press of ['#review button', 'main form > .stack button']) {
      await open(`/clients/${client_id}/edit`);
      await page.fill('[name=description]', 'Typed with care');
      await page.context().clearCookies();
      await page.click(press);
      await logIn(page, account);
      expect(page.url()).toBe(`${op.issuer}/dashboard/clients/${client_id}/edit`);
      expect(await page.innerText('.flash')).toContain('Nothing of what you sent was done');
    }
    await open('/clients');
    expect(await page.locator('.flash').count()).toBe(0);
    await close();
  });

  test('that is over while one types is told of, and lists ask who it is', async () => {
    const { client_id } = await op.createClient();
    const look = { javaScript: true } as const;
    const { page, account, open, close } = await signedIn(op, browser, { look });
    await open(`/clients/${client_id}/edit`);
    await page.context().clearCookies();
    await page.locator('[name=description]').pressSequentially('Typed');
    await page.getByText('You are not signed in any more').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await open('/clients');
    await logIn(page, account);
    await page.context().clearCookies();
    await page.locator('input[type=search]').pressSequentially('a');
    await page.waitForSelector('#password');
    await logIn(page, account);
    expect(page.url()).toContain('/dashboard/clients?q=a');
    await close();
  });

  test('ends where the API no longer takes its token, and goes on after signing in', async () => {
    const { page, account, open, close } = await signedIn(op, browser);
    await open('/clients');
    const csrf = (await page.locator('input[name=csrf]').first().getAttribute('value')) ?? '';
    const before = (await page.context().cookies()).find(
      ({ name }) => name === 'dashboard-session',
    );
    const revoked = await op.admin(`/accounts/${account.id}/grants/clientele-dashboard`, {
      method: 'DELETE',
    });
    expect(revoked.status).toBe(204);
    const posted = await page.request.post(`${op.issuer}/dashboard/clients/bulk`, {
      maxRedirects: 0,
      form: { csrf, act: 'disable', id: 'none' },
    });
    expect(posted.status()).toBe(302);
    expect(posted.headers().location).toContain('/authorize?');
    // The session at the server lives, so nobody is asked for anything.
    await open('/clients?q=kept');
    expect(page.url()).toBe(`${op.issuer}/dashboard/clients?q=kept`);
    const after = (await page.context().cookies()).find(({ name }) => name === 'dashboard-session');
    expect(after?.value).not.toBe(before?.value);
    await close();
  });

  test('outlives a store that is away for a moment, of which no page tells more than that', async () => {
    const { page, open, close } = await signedIn(op, browser);
    const look = async () => {
      const answer = await page.goto(`${op.issuer}/dashboard/clients`);
      return [answer?.status(), (await answer?.text()) ?? ''] as const;
    };
    away.for = () => true;
    const [status, text] = await look();
    expect(status).toBe(503);
    expect(text).not.toMatch(/db\.internal|mongodb|UnavailableError|\.ts:/);
    away.for = never;
    expect((await look())[0]).toBe(200);
    await open('');
    expect(await page.locator('nav').first().count()).toBe(1);
    await close();
  });

  test('outlives a store that goes away while its token is replaced', async () => {
    const { page, close } = await signedIn(op, browser);
    const look = () => page.request.get(`${op.issuer}/dashboard/clients`, { maxRedirects: 0 });
    pass(601);
    // The session itself is still read; what would replace its token fails.
    let calls = 0;
    away.for = () => {
      calls += 1;
      return calls === 2;
    };
    expect((await look()).status()).toBe(503);
    expect(calls).toBeGreaterThan(1);
    expect((await look()).status()).toBe(200);
    await close();
  });
});
