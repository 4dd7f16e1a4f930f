/**
 * Modules for a real browser. The suite's own, HtmlUnit, knows neither `async` functions nor
 * `crypto.subtle.digest` (4.17), with which the page of Session Management computes what it compares.
 * Where a module has no script for its browser, the suite lists the addresses that a person is to
 * visit; Chromium (`CHROMIUM`, /usr/bin/chromium) visits them, each module in a profile of its own.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import type { Driver, Family } from './family.ts';

const PLAN = 'oidcc-session-management-certification-test-plan';
const MODULE = 'oidcc-session-management-rp-initiated-logout';
/** The page is in a frame of another site, where Chromium else lets nobody at cookies. */
const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };
/** The suite takes no request that did not come by its TLS proxy. */
const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'localhost.emobix.co.uk' };
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Does what the page of ours that is shown asks for, until the browser is elsewhere. */
async function answer(page: Page, { issuer, person }: Driver): Promise<void> {
  for (let step = 0; step < 5 && page.url().startsWith(issuer); step += 1) {
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

/** Looks at a module that the suite does not tell of: it was just begun, or deleted long ago. */
const PATIENCE = 20;

const end = new AbortController();
const { signal } = end;
/** Modules that are not ours to visit. */
const others = new Set<string>();
const unknown = new Map<string, number>();
const pages = new Map<string, Page>();
let api = '';
let visiting: Promise<void> | undefined;

const send = (path: string, method = 'GET') =>
  fetch(`${api}/api${path}`, { method, headers, signal });

/** @returns undefined of what there is not, or not yet */
async function ask<Answer>(path: string): Promise<Answer | undefined> {
  const response = await send(path);
  return response.ok ? ((await response.json()) as Answer) : undefined;
}

const running = async () => (await ask<string[]>('/runner/running')) ?? [];

async function openPage(driver: Driver, id: string): Promise<Page> {
  const profile = join(driver.folder, `browser-${id}`);
  mkdirSync(join(profile, 'Default'), { recursive: true });
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ['--no-sandbox', '--disable-gpu'],
    ignoreHTTPSErrors: true,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  pages.set(id, page);
  return page;
}

async function look(driver: Driver, id: string): Promise<void> {
  const info = await ask<{ testName: string }>(`/info/${id}`);
  const looks = (unknown.get(id) ?? 0) + 1;
  unknown.set(id, looks);
  if (info ? info.testName !== MODULE : looks > PATIENCE) others.add(id);
  if (info?.testName !== MODULE) return;
  const [url] = (await ask<{ urls: string[] }>(`/runner/browser/${id}`))?.urls ?? [];
  // Others may use the same suite: theirs begins at another server.
  if (!url || !(pages.has(id) || url.startsWith(driver.issuer))) return;
  await send(`/runner/browser/${id}/visit?url=${encodeURIComponent(url)}`, 'POST');
  const page = pages.get(id) ?? (await openPage(driver, id));
  await page.goto(url);
  await answer(page, driver);
}

async function visitAll(driver: Driver): Promise<void> {
  try {
    while (!signal.aborted) {
      for (const id of (await running()).filter((one) => !others.has(one))) {
        await look(driver, id).catch((error) => signal.aborted || console.error(`${id}: ${error}`));
      }
      await wait(500, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) console.error(`no module is visited any more: ${error}`);
  } finally {
    for (const page of pages.values()) await page.context().close();
  }
}

export const visits: Family = {
  async prepare(driver) {
    const example = JSON.parse(readFileSync(driver.at('settings/example.json'), 'utf8'));
    api = example.suiteApi;
    for (const id of await running()) others.add(id);
    return { overrides: [...example.overrides, { modules: `^${MODULE}$`, browser: [] }] };
  },
  plan(driver, { plan }) {
    if (plan === PLAN) visiting ??= visitAll(driver);
    return {};
  },
  async close() {
    end.abort();
    await visiting;
  },
};
