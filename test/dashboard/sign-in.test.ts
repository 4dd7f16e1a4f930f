import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { pass } from '../flows/clock.ts';
import { describeWithBrowser, launchBrowser, openTab } from '../support/browser.ts';
import { type Op, startOp } from '../support/op.ts';
import { administrator, axeFaults, logIn, signedIn } from './support.ts';

const title = (page: { locator(by: string): { first(): { innerText(): Promise<string> } } }) =>
  page.locator('h1').first().innerText();

describeWithBrowser('signing in to the dashboard', () => {
  let op: Op;
  let browser: Browser;
  beforeAll(async () => {
    [op, browser] = await Promise.all([startOp(), launchBrowser()]);
  });
  afterEach(() => void jest.restoreAllMocks());
  afterAll(async () => {
    await browser?.close();
    await op?.close();
  });

  test('begins at the authorization endpoint, with all that protects the answer', async () => {
    const { status, headers } = await op.get('/dashboard/clients');
    expect(status).toBe(302);
    const { pathname, searchParams } = new URL(headers.get('location') ?? '', op.issuer);
    expect(pathname).toBe('/authorize');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      client_id: 'clientele-dashboard',
      response_type: 'code',
      redirect_uri: `${op.issuer}/dashboard/callback`,
      resource: `${op.issuer}/api/v1`,
      state: expect.stringMatching(/^.{20,}$/),
      nonce: expect.stringMatching(/^.{20,}$/),
      code_challenge: expect.stringMatching(/^.{43}$/),
      code_challenge_method: 'S256',
    });
    expect(headers.get('set-cookie')).toMatch(
      /^dashboard-pending-\S+=\S+; path=\/; samesite=lax; httponly$/i,
    );
  });

  test('keeps its cookies to this host under https', async () => {
    const secure = await startOp({ issuer: 'https://op.example' });
    const { headers } = await fetch(`http://127.0.0.1:${secure.config.http.port}/dashboard`, {
      redirect: 'manual',
    });
    await secure.close();
    expect(headers.get('set-cookie')).toMatch(
      /^__Host-dashboard-pending-\S+=\S+; path=\/; samesite=lax; secure; httponly$/i,
    );
  });

  test('refuses an answer that nobody asked for', async () => {
    const query = new URLSearchParams({ code: 'forged', state: 'forged', iss: op.issuer });
    const { status, headers, body } = await op.get(`/dashboard/callback?${query}`);
    expect(status).toBe(403);
    expect(body).toContain('began in another browser');
    expect(headers.get('set-cookie')).toBeNull();
  });

  test('refuses an answer for the second time, and leaves the session as it is', async () => {
    const tab = await openTab(browser);
    const { page } = tab;
    const answers: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/dashboard/callback?')) answers.push(request.url());
    });
    await page.goto(`${op.issuer}/dashboard`);
    await logIn(page, await administrator(op));
    expect(answers).toHaveLength(1);
    const again = await page.goto(answers[0] ?? '');
    expect(again?.status()).toBe(403);
    expect(await title(page)).toBe('You are not signed in');
    await page.goto(`${op.issuer}/dashboard`);
    expect(await title(page)).toBe('Your first client');
    await tab.close();
  });

  test('refuses the answer to a sign-in that began in another browser', async () => {
    const [attacker, victim] = [await signedIn(op, browser), await openTab(browser)];
    const next = async (address: string) => {
      const got = await attacker.page.request.get(address, { maxRedirects: 0 });
      return new URL(got.headers().location ?? '', op.issuer).href;
    };
    // Their own sign-in, stopped before they use the code.
    const answer = await next(await next(`${op.issuer}/dashboard/sign-in`));
    expect(answer).toContain('code=');

    await victim.page.goto(`${op.issuer}/dashboard`);
    const got = await victim.page.goto(answer);
    expect(got?.status()).toBe(403);
    const names = (await victim.page.context().cookies()).map(({ name }) => name);
    expect(names).not.toContain('dashboard-session');
    await attacker.close();
    await victim.close();
  });

  test('tells an account without a role, and lets somebody else in', async () => {
    const { page, close } = await signedIn(op, browser, { role: null });
    expect(await page.locator('main').innerText()).toContain('has no administration role');
    expect(await axeFaults(page)).toEqual([]);
    await page.click('text=Sign in as somebody else');
    await logIn(page, await administrator(op));
    // The server ends the session of the one before; with scripts nobody has to press this.
    await page.click('form button');
    await page.waitForURL(`${op.issuer}/dashboard`);
    expect(await title(page)).toBe('Your first client');
    await close();
  });

  test('is asked for again when nobody used the session for half an hour', async () => {
    const { page, account, close } = await signedIn(op, browser);
    pass(31 * 60);
    const later = await page.request.get(`${op.issuer}/dashboard`, { maxRedirects: 0 });
    expect(later.status()).toBe(302);
    expect(later.headers().location).toContain('/authorize?');
    // The server's own session lives longer: whoever sits there now must not come in by it.
    await page.goto(`${op.issuer}/dashboard`);
    expect(await page.locator('#password').count()).toBe(1);
    await logIn(page, account);
    expect(await title(page)).toBe('Your first client');
    await close();
  });

  test('lasts longer than an access token', async () => {
    const { page, open, close } = await signedIn(op, browser);
    for (let renewal = 0; renewal < 2; renewal += 1) {
      pass(601);
      await open('');
      expect(await title(page)).toBe('Your first client');
    }
    await close();
  });

  test('has a new access token without a detour, however many requests come at once', async () => {
    const { page, close } = await signedIn(op, browser);
    for (let renewal = 0; renewal < 2; renewal += 1) {
      pass(601);
      const looks = Array.from({ length: 4 }, () =>
        page.request.get(`${op.issuer}/dashboard/clients`, { maxRedirects: 0 }),
      );
      expect((await Promise.all(looks)).map((look) => look.status())).toEqual([200, 200, 200, 200]);
    }
    await close();
  });

  test('ends with the account and with the role, at once', async () => {
    const { page, account, close } = await signedIn(op, browser, { role: 'editor' });
    const change = (body: object) =>
      op.admin(`/accounts/${account.id}`, {
        method: 'PATCH',
        body,
        headers: { 'content-type': 'application/merge-patch+json' },
      });
    const look = () => page.request.get(`${op.issuer}/dashboard/clients`, { maxRedirects: 0 });
    expect((await look()).status()).toBe(200);
    await change({ roles: [] });
    expect((await look()).status()).toBe(403);
    await change({ roles: ['viewer'] });
    expect((await look()).status()).toBe(200);
    await change({ disabled: true });
    expect((await look()).status()).toBe(302);
    await page.goto(`${op.issuer}/dashboard`);
    expect(await page.locator('#password').count()).toBe(1);
    await close();
  });

  test('is over for the browser and for the server after signing out', async () => {
    const { page, close } = await signedIn(op, browser);
    const cookies = await page.context().cookies();
    await page.click('text=Sign out');
    expect(new URL(page.url()).pathname).toBe('/logout');
    await page.click('button[name=logout]');
    expect(page.url()).toMatch(/\/dashboard\/signed-out/);
    expect(await title(page)).toBe('You are signed out');
    expect(await axeFaults(page)).toEqual([]);

    await page.goto(`${op.issuer}/dashboard`);
    expect(await page.locator('#password').count()).toBe(1);
    // Whoever kept the cookie has nothing.
    const kept = cookies.filter(({ name }) => name === 'dashboard-session');
    expect(kept).toHaveLength(1);
    await page.context().clearCookies();
    await page.context().addCookies(kept);
    await page.goto(`${op.issuer}/dashboard`);
    expect(await page.locator('#password').count()).toBe(1);
    await close();
  });

  test('cannot be ended by another site', async () => {
    const { page, close } = await signedIn(op, browser);
    const out = `${op.issuer}/dashboard/sign-out`;
    expect((await page.request.post(out, { maxRedirects: 0 })).status()).toBe(403);
    // What a form of another site sends: no cookie, since it is SameSite.
    const foreign = await op.post('/dashboard/sign-out', {});
    expect(foreign.headers.get('set-cookie')).toBeNull();
    await page.goto(`${op.issuer}/dashboard`);
    expect(await title(page)).toBe('Your first client');
    await close();
  });

  test('goes on to pages of the dashboard and nowhere else', async () => {
    const { page, close } = await signedIn(op, browser);
    const endOf = async (to: string) => {
      await page.goto(`${op.issuer}/dashboard/sign-in?${new URLSearchParams({ to })}`);
      return page.url().replace(op.issuer, '');
    };
    expect(await endOf('/dashboard/clients?q=a')).toBe('/dashboard/clients?q=a');
    const elsewhere = [
      'https://evil.example/dashboard',
      '//evil.example/dashboard',
      '/\\evil.example/dashboard',
      '/\t/evil.example',
      'javascript:alert(1)',
      '/account',
      '/dashboard/../account',
      '/dashboard/%2e%2e/account',
      '/dashboard\\..\\account',
      '/dashboardroom',
      '/dashboard/sign-in?to=/dashboard',
    ];
    for (const to of elsewhere) expect([to, await endOf(to)]).toEqual([to, '/dashboard']);
    await close();
  });

  test('works below a path of the issuer', async () => {
    const mounted = await startOp({}, { path: '/auth' });
    const { page, open, close } = await signedIn(mounted, browser);
    await open('/clients');
    expect(await title(page)).toBe('Clients');
    await page.click('nav >> text=Overview');
    expect(page.url()).toBe(`${mounted.issuer}/dashboard`);
    await page.click('text=Sign out');
    await page.click('button[name=logout]');
    expect(await title(page)).toBe('You are signed out');
    await close();
    await mounted.close();
  });
});
