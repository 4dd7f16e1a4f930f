import { afterAll, beforeAll } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { ConfigInput } from '../../src/config/schema.ts';
import { violations } from '../pages/axe.ts';
import { type Look, launchBrowser, openTab, type Tab } from '../support/browser.ts';
import { type Op, type OpOptions, startOp, type TestAccount } from '../support/op.ts';

export interface Entrance {
  /** Of the fresh account; null: it has none. Default: `owner`. */
  role?: 'owner' | 'editor' | 'viewer' | null;
  look?: Look;
}

/** A tab of somebody who is signed in. */
export interface DashboardTab extends Tab {
  account: TestAccount;
  /** Opens a page below `/dashboard`, such as `/clients`. */
  open(path: string): Promise<void>;
}

export interface Site {
  op: Op;
  browser: Browser;
}

/**
 * A server and a browser for the tests of a file or a `describe`, ended after them.
 * @param begun is given them, and makes what else the tests begin with
 */
export function useSite(
  begun: (site: Site) => unknown,
  config: ConfigInput = {},
  options: OpOptions = {},
): void {
  const site: Partial<Site> = {};
  beforeAll(async () => {
    [site.op, site.browser] = await Promise.all([startOp(config, options), launchBrowser()]);
    await begun(site as Site);
  }, 60_000);
  afterAll(async () => {
    await site.browser?.close();
    await site.op?.close();
  });
}

/** An account that may administer. */
export const administrator = (op: Op, role: Entrance['role'] = 'owner'): Promise<TestAccount> =>
  op.createAccount({ email_verified: true, roles: role ? [role] : [] });

/** Fills in the server's login page, wherever it was asked for. */
export async function logIn(page: Page, { email, password }: TestAccount): Promise<void> {
  await page.fill('#email', email);
  await page.fill('#password', password);
  await page.click('button.primary');
}

/** Signs a fresh account in through the login page; the tab then shows the overview. */
export async function signedIn(
  op: Op,
  browser: Browser,
  { role = 'owner', look }: Entrance = {},
): Promise<DashboardTab> {
  const [account, tab] = await Promise.all([administrator(op, role), openTab(browser, look)]);
  const open = async (path: string) => void (await tab.page.goto(`${op.issuer}/dashboard${path}`));
  await open('');
  await logIn(tab.page, account);
  await tab.page.waitForURL(`${op.issuer}/dashboard**`);
  return { ...tab, account, open };
}

const scripting = `matchMedia('(scripting: enabled)').matches`;
const isDark = `matchMedia('(prefers-color-scheme: dark)').matches`;

/**
 * What axe finds on a page of the dashboard: WCAG 2.2 AA and its own best practices. axe needs
 * scripts, so of a tab without them it is a copy of the page that is looked at.
 */
export async function axeFaults(page: Page): Promise<string[]> {
  if (await page.evaluate<boolean>(scripting)) return violations(page);
  const browser = page.context().browser();
  if (!browser) throw new Error('The tab is of no browser.');
  const [body, dark] = await Promise.all([page.content(), page.evaluate<boolean>(isDark)]);
  const context = await browser.newContext({
    viewport: page.viewportSize(),
    colorScheme: dark ? 'dark' : 'light',
  });
  const copy = await context.newPage();
  await copy.route(page.url(), (route) => route.fulfill({ contentType: 'text/html', body }));
  await copy.goto(page.url());
  const found = await violations(copy);
  await context.close();
  return found;
}
