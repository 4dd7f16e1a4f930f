/**
 * Modules for a real browser. The suite's own, HtmlUnit, knows neither `async` functions nor
 * `crypto.subtle.digest` (4.17), with which the page of Session Management computes what it compares.
 * Where a module has no script for its browser, the suite lists the addresses that a person is to
 * visit; Chromium (`CHROMIUM`, /usr/bin/chromium) visits them, each module in a profile of its own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import { SESSION_MODULE } from './driver/browser.ts';
import type { Family, Setup } from './family.ts';

const PLAN = 'oidcc-session-management-certification-test-plan';
/** The page is in a frame of another site, where Chromium else lets nobody at cookies. */
const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Looks at a module that the suite does not tell of: it was just begun, or deleted long ago. */
const PATIENCE = 20;

/** Does what the page of ours that is shown asks for, until the browser is elsewhere. */
async function answer(page: Page, { addresses, person }: Setup): Promise<void> {
  for (let step = 0; step < 5 && page.url().startsWith(addresses.issuer); step += 1) {
    if (await page.locator('#password').count()) {
      await page.fill('#email', person.email);
      await page.fill('#password', person.password);
    }
    const button = page.locator(
      'button[name=logout], button[name=decision][value=allow], form[action] button.primary',
    );
    await button.first().click();
    await page.waitForLoadState();
  }
}

async function openPage(folder: string): Promise<Page> {
  mkdirSync(join(folder, 'Default'), { recursive: true });
  writeFileSync(join(folder, 'Default', 'Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath,
    args: ['--no-sandbox', '--disable-gpu'],
    ignoreHTTPSErrors: true,
  });
  return context.pages()[0] ?? (await context.newPage());
}

/** Visits what the suite asks for, from now on; the modules that run already are somebody else's. */
async function beginVisits(setup: Setup): Promise<() => Promise<void>> {
  const { suite, addresses, folder } = setup;
  const end = new AbortController();
  const { signal } = end;
  /** Modules that are not ours to visit. */
  const others = new Set(await suite.running());
  const unknown = new Map<string, number>();
  const pages = new Map<string, Page>();

  async function look(id: string): Promise<void> {
    const name = await suite.nameOf(id);
    const looks = (unknown.get(id) ?? 0) + 1;
    unknown.set(id, looks);
    if (name ? name !== SESSION_MODULE : looks > PATIENCE) others.add(id);
    if (name !== SESSION_MODULE) return;
    const [url] = (await suite.visits(id)).urls;
    // Others may use the same suite: theirs begins at another server.
    if (!url || !(pages.has(id) || url.startsWith(addresses.issuer))) return;
    await suite.visited(id, url);
    const page = pages.get(id) ?? (await openPage(join(folder, `browser-${id}`)));
    pages.set(id, page);
    await page.goto(url);
    await answer(page, setup);
  }

  async function visitAll(): Promise<void> {
    try {
      while (!signal.aborted) {
        for (const id of (await suite.running()).filter((one) => !others.has(one))) {
          await look(id).catch((error) => signal.aborted || console.error(`${id}: ${error}`));
        }
        await wait(500, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) console.error(`no module is visited any more: ${error}`);
    } finally {
      for (const page of pages.values()) await page.context().close();
    }
  }

  const visiting = visitAll();
  return async () => {
    end.abort();
    await visiting;
  };
}

export const visits: Family = {
  async prepare(setup) {
    if (!setup.plans.some(({ plan }) => plan === PLAN)) return {};
    return { close: await beginVisits(setup) };
  },
};
