import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { allPages } from '../../src/dashboard/pages.ts';
import { scopesOfRoles } from '../../src/oidc/tokens.ts';
import { pass } from '../flows/clock.ts';
import { describeWithBrowser } from '../support/browser.ts';
import type { Op } from '../support/op.ts';
import { axeFaults, type DashboardTab, logIn, signedIn, useSite } from './support.ts';

const locales = join(import.meta.dirname, '../../locales');

/** The keys of a file of texts, as paths. */
const keysOf = (texts: object, above = ''): string[] =>
  Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'object' && value ? keysOf(value, `${above}${key}.`) : [`${above}${key}`],
  );

test('every language says the same things', () => {
  const files = (locale: string) => readdirSync(join(locales, locale, 'dashboard')).sort();
  expect(files('de')).toEqual(files('en'));
  for (const file of files('en')) {
    const keys = (locale: string) =>
      keysOf(JSON.parse(readFileSync(join(locales, locale, 'dashboard', file), 'utf8'))).sort();
    expect([file, keys('de')]).toEqual([file, keys('en')]);
  }
});

describeWithBrowser('every page of the dashboard', () => {
  let op: Op;
  let browser: Browser;
  useSite((site) => {
    ({ op, browser } = site);
  });
  afterEach(() => void jest.restoreAllMocks());

  /** What stands at the place of a parameter: nothing that there is. */
  const addressOf = (path: string) => `${op.issuer}/dashboard${path.replaceAll(/:\w+/g, 'none')}`;
  const gets = () => allPages().filter(({ method }) => method === 'get');
  const posts = () => allPages().filter(({ method }) => method === 'post');
  const send = async (
    { page }: DashboardTab,
    path: string,
    form?: Record<string, string>,
    headers: Record<string, string> = {},
  ) => {
    const options = { maxRedirects: 0, headers };
    return form
      ? page.request.post(addressOf(path), { ...options, form })
      : page.request.get(addressOf(path), options);
  };

  test('is closed to who is not signed in', async () => {
    for (const { method, path } of allPages()) {
      const { status, headers } = await fetch(addressOf(path), { method, redirect: 'manual' });
      expect([path, status]).toEqual([path, 302]);
      expect(headers.get('location')).toMatch(/^\/authorize\?/);
    }
  });

  test('refuses a form that is not its own', async () => {
    const tab = await signedIn(op, browser);
    const own = (await tab.page.locator('input[name=csrf]').first().getAttribute('value')) ?? '';
    expect(own).not.toBe('');
    expect(posts().length).toBeGreaterThan(0);
    const before = (await op.admin('/audit')).body.items[0].id;
    for (const { path } of posts()) {
      const answers = [
        await send(tab, path, {}),
        await send(tab, path, { csrf: 'forged' }),
        await send(tab, path, { csrf: own }, { origin: 'https://evil.example' }),
        await send(tab, path, { csrf: own }, { 'sec-fetch-site': 'cross-site' }),
      ];
      expect([path, ...answers.map((answer) => answer.status())]).toEqual([
        path,
        403,
        403,
        403,
        403,
      ]);
    }
    expect((await op.admin('/audit')).body.items[0].id).toBe(before);
    await tab.close();
  });

  test('that changes something is closed to a viewer', async () => {
    const tab = await signedIn(op, browser, { role: 'viewer' });
    const csrf = (await tab.page.locator('input[name=csrf]').first().getAttribute('value')) ?? '';
    const reading: readonly string[] = scopesOfRoles(['viewer']);
    const writing = allPages().filter(({ scope }) => !reading.includes(scope));
    expect(writing.length).toBeGreaterThan(0);
    for (const { method, path } of writing) {
      const answer = await send(tab, path, method === 'post' ? { csrf } : undefined);
      expect([method, path, answer.status()]).toEqual([method, path, 403]);
    }
    await tab.close();
  });

  test('that is dangerous wants the password again, a few minutes after it was given', async () => {
    const tab = await signedIn(op, browser);
    const csrf = (await tab.page.locator('input[name=csrf]').first().getAttribute('value')) ?? '';
    const dangerous = allPages().filter(({ fresh }) => fresh);
    expect(dangerous.length).toBeGreaterThan(0);
    pass(6 * 60);
    for (const { method, path } of dangerous) {
      const answer = await send(tab, path, method === 'post' ? { csrf } : undefined);
      expect([method, path, answer.status()]).toEqual([method, path, 302]);
      const asked = new URL(answer.headers().location ?? '', op.issuer);
      expect([path, asked.pathname, asked.searchParams.get('max_age')]).toEqual([
        path,
        '/authorize',
        '0',
      ]);
    }
    await tab.close();
  });

  test('that deletes, rotates or opens registration is dangerous', () => {
    const named = allPages().filter(({ path }) =>
      /\/(delete|rotate|secrets\/new)$|^\/registration\/.*(new|edit)$/.test(path),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ fresh }) => !fresh).map(({ path }) => path)).toEqual([]);
  });

  test('that is dangerous wants the password from whose clock was set back', async () => {
    const { page, account, open, close } = await signedIn(op, browser);
    const { client_id } = await op.createClient();
    pass(-10 * 60);
    await open(`/clients/${client_id}/delete`);
    expect(new URL(page.url()).pathname).toMatch(/^\/interaction\//);
    await logIn(page, account);
    expect(page.url()).toBe(`${op.issuer}/dashboard/clients/${client_id}/delete`);
    await close();
  });

  test('that is dangerous is where one is after the password', async () => {
    const { page, account, open, close } = await signedIn(op, browser);
    const { client_id } = await op.createClient();
    const path = gets()
      .find(({ path, fresh }) => fresh && /^\/clients\/:id\/[a-z]+$/.test(path))
      ?.path.replace(':id', client_id);
    pass(6 * 60);
    await open(`${path}?kept=1`);
    expect(new URL(page.url()).pathname).toMatch(/^\/interaction\//);
    await logIn(page, account);
    expect(page.url()).toBe(`${op.issuer}/dashboard${path}?kept=1`);
    expect(await page.locator('nav').first().count()).toBe(1);
    await close();
  });

  test('runs no script but the one file, and has no style of its own', async () => {
    const tab = await signedIn(op, browser);
    for (const { path } of gets()) {
      const answer = await send(tab, path);
      const isPage = answer.headers()['content-type']?.startsWith('text/html');
      if (!isPage || answer.status() === 303) continue;
      const policy = answer.headers()['content-security-policy'] ?? '';
      expect([path, answer.status(), policy]).toEqual([
        path,
        expect.any(Number),
        expect.stringContaining("script-src 'self'"),
      ]);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(answer.headers()['cache-control']).toBe('no-store');
      const html = await answer.text();
      expect([path, html.match(/<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/g)]).toEqual([path, null]);
      expect([path, html.length < 100_000]).toEqual([path, true]);
    }
    await tab.close();
  });

  test('speaks the language of the reader', async () => {
    const { page, close } = await signedIn(op, browser, { look: { locale: 'de-DE' } });
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    expect(await page.locator('nav').first().innerText()).toContain('Übersicht');
    expect(await page.locator('.who').innerText()).toContain('Abmelden');
    await close();
  });

  test('answers to keys', async () => {
    const { page, faults, close } = await signedIn(op, browser, { look: { javaScript: true } });
    await page.keyboard.press('?');
    expect(await page.locator('#keys').isVisible()).toBe(true);
    expect(await axeFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await page.locator('#keys').isVisible()).toBe(false);
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.waitForURL(`${op.issuer}/dashboard/clients`);
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement.type')).toBe('search');
    // In a field these are letters.
    await page.keyboard.type('g?/');
    expect(await page.locator('input[type=search]').inputValue()).toBe('g?/');
    expect(faults).toEqual([]);
    await close();
  });

  test.each([true, false])('folds its menu on a phone (scripts: %s)', async (javaScript) => {
    const look = { size: 'phone', javaScript } as const;
    const { page, close } = await signedIn(op, browser, { look });
    const place = page.locator('.menu nav a').nth(1);
    expect(await place.isVisible()).toBe(false);
    await page.click('.menu > summary');
    expect(await place.isVisible()).toBe(true);
    expect(await axeFaults(page)).toEqual([]);
    await place.click();
    expect(page.url()).toBe(`${op.issuer}/dashboard/clients`);
    await close();
  });

  test.each([true, false])(
    'has its menu beside it on a desktop (scripts: %s)',
    async (javaScript) => {
      const { page, close } = await signedIn(op, browser, { look: { javaScript } });
      expect(await page.locator('.menu nav a').nth(1).isVisible()).toBe(true);
      await close();
    },
  );
});
