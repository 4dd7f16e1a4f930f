/**
 * Every page that is declared, on a server full of badly named things: it opens, is light, is no wider
 * than a phone, and axe finds nothing on it, light and dark, on a phone and on a desktop.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { allPages } from '../../src/dashboard/pages.ts';
import { overflows } from '../pages/axe.ts';
import { describeWithBrowser } from '../support/browser.ts';
import type { Op } from '../support/op.ts';
import { axeFaults, type DashboardTab, logIn, signedIn, useSite } from './support.ts';
import { HOSTILE, makeWorld, type World } from './world.ts';

type Addresses = (world: World) => string[];

const plain: Addresses = () => [''];

/** What is no page but a file, and is tested with its topic. */
const files = ['/audit/export', '/clients/:id/logo'];

/** Of each page what follows its path, with parameters from the world; several where they differ. */
const queries: Readonly<Record<string, Addresses>> = {
  '': () => ['', '?span=30d'],
  '/accounts': () => ['', '?q=nobody'],
  '/accounts/new': plain,
  '/accounts/:id': plain,
  '/accounts/:id/edit': plain,
  '/accounts/:id/password': plain,
  '/accounts/:id/disable': plain,
  '/accounts/:id/enable': plain,
  '/accounts/:id/sessions/end': plain,
  '/accounts/:id/grants/:client/revoke': plain,
  '/accounts/:id/delete': plain,
  '/accounts/:id/reset-email': plain,
  '/audit': () => ['', '?action=client.updated'],
  '/clients': () => ['', '?q=nothing-is-called-this', '?type=web&sort=-name'],
  '/clients/bulk': ({ client }) => [`?id=${client}`],
  '/clients/new': plain,
  '/clients/new/:type': plain,
  '/clients/:id': plain,
  '/clients/:id/code': plain,
  '/clients/:id/compliance': () => ['', '?profile=fapi1-advanced'],
  '/clients/:id/compliance/fix': () => ['?profile=fapi2-security-profile&what=all'],
  '/clients/:id/convert': () => ['', '?type=native'],
  '/clients/:id/delete': plain,
  '/clients/:id/disable': plain,
  '/clients/:id/edit': plain,
  '/clients/:id/failures': plain,
  '/clients/:id/failures/:request/add': plain,
  '/clients/:id/history': plain,
  '/clients/:id/history/:event': plain,
  '/clients/:id/secrets': plain,
  '/clients/:id/secrets/new': plain,
  '/clients/:id/secrets/:secret/remove': plain,
  '/clients/:id/try': plain,
  '/compliance': plain,
  '/compliance/clients': () => ['?profile=fapi2-security-profile'],
  '/compliance/try': () => ['', '?profile=fapi2-security-profile', '?patch=nonsense'],
  '/failures': () => ['', '?id=of-nothing'],
  '/keys': plain,
  '/keys/rotate': plain,
  '/registration': plain,
  '/registration/policies/new': plain,
  '/registration/policies/:name/edit': plain,
  '/registration/policies/:name/delete': plain,
  '/registration/tokens/new': plain,
  '/registration/tokens/:id/revoke': plain,
  '/resources': plain,
  '/resources/new': plain,
  '/resources/:id': plain,
  '/resources/:id/edit': plain,
  '/resources/:id/delete': plain,
  '/sessions': () => ['', '?account=nobody'],
  '/sessions/:id/end': plain,
  '/sessions/grants': ({ client }) => ['', `?client=${client}`],
  '/settings': () => ['', '?only=set'],
};

/** What `:id` is, by the first part of the path. */
const ids: Readonly<Record<string, keyof World>> = {
  accounts: 'account',
  clients: 'client',
  registration: 'token',
  resources: 'resource',
  sessions: 'session',
};

const filled = (path: string, world: World) =>
  path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const known: Readonly<Record<string, string>> = {
      id: world[ids[path.split('/')[1] ?? ''] ?? 'client'],
      client: world.client,
      event: world.event,
      request: world.failure,
      secret: world.secret,
      name: world.policy,
      type: 'web',
    };
    return known[name] ?? `:${name}`;
  });

const paths = allPages()
  .filter(({ method, path }) => method === 'get' && !files.includes(path))
  .map(({ path }) => path);

test('every page has a row here, and every row a page', () => {
  expect(Object.keys(queries).sort()).toEqual([...paths].sort());
});

/** WCAG 2.2, 2.5.8: targets are as large as a fingertip needs at least, unless they stand in a line. */
const small = (page: Page) =>
  page.evaluate<string[]>(`[...document.querySelectorAll('a, button, summary, input, select')]
    .filter((target) => {
      const { width, height } = target.getBoundingClientRect();
      const hidden = target.type === 'hidden' || target.matches('.skip') || !target.checkVisibility();
      const inLine = getComputedStyle(target).display === 'inline';
      const labelled = target.closest('label')?.getBoundingClientRect().height >= 24;
      return !hidden && !inLine && !labelled && (width < 24 || height < 24);
    })
    .map((target) => target.outerHTML.slice(0, 100))`);

describeWithBrowser('every page of the dashboard', () => {
  let op: Op;
  let browser: Browser;
  let world: World;
  useSite(async (site) => {
    ({ op, browser } = site);
    world = await makeWorld(op);
  });

  describe.each(['desktop', 'phone'] as const)('on a %s', (size) => {
    let tab: DashboardTab;
    beforeAll(async () => {
      // German words are longer: what has room for them has room for the English ones.
      const locale = size === 'phone' ? 'de-DE' : 'en-GB';
      tab = await signedIn(op, browser, { look: { size, locale, javaScript: true } });
    });
    afterAll(() => tab?.close());

    test.each(paths)('/dashboard%s', async (path) => {
      const { page, account, faults } = tab;
      faults.length = 0;
      for (const query of queries[path]?.(world) ?? []) {
        const address = `/dashboard${filled(path, world)}${query}`;
        let answer = await page.goto(op.issuer + address);
        if (page.url().includes('/interaction/')) {
          const [again] = await Promise.all([page.waitForNavigation(), logIn(page, account)]);
          answer = again;
        }
        expect(page.url().replace(op.issuer, '')).toBe(address);
        expect([address, answer?.status()]).toEqual([
          address,
          query.includes('nonsense') ? 422 : 200,
        ]);
        expect([address, (await answer?.body())?.length]).toEqual([address, expect.any(Number)]);
        expect((await answer?.body())?.length).toBeLessThan(100_000);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          expect([address, colorScheme, await axeFaults(page)]).toEqual([address, colorScheme, []]);
        }
        expect([address, await overflows(page)]).toEqual([address, false]);
        if (size === 'phone') expect([address, await small(page)]).toEqual([address, []]);
        // What others named is words, whatever it says.
        expect(await page.locator('main img[src=x]').count()).toBe(0);
        const text = await page.locator('main').innerText();
        if (text.includes('onerror')) expect(text).toContain(HOSTILE.slice(0, 20));
        expect(text).not.toContain('"\'49');
      }
      expect(faults.filter((fault) => !fault.includes('422'))).toEqual([]);
    });
  });
});
