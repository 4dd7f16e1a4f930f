/** A real browser, for what only one can tell: Chromium, driven over its debugging protocol. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why there is no browser here; absent when there is one. */
export const noBrowser: string | undefined = existsSync(executablePath)
  ? undefined
  : `no browser at ${executablePath} – set CHROMIUM to one`;

if (noBrowser) console.warn(`skipped: ${noBrowser}`);

export const sizes = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
} as const;

export interface Look {
  size?: keyof typeof sizes;
  scheme?: 'light' | 'dark';
  /** Default: off, as the pages must work without. */
  javaScript?: boolean;
  /** BCP 47. Default: `en-GB`. */
  locale?: string;
}

/** A tab in a context of its own, and what went wrong in it. */
export interface Tab {
  page: Page;
  /** Errors on the console, exceptions and violations of the content security policy. */
  faults: string[];
  close(): Promise<void>;
}

/** A browser with a fresh profile that asks nobody but who it is sent to. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/**
 * Opens a tab. Whatever is not on loopback is answered here with an empty page, so that a relying
 * party's address can be reached without anyone being asked.
 */
export async function openTab(browser: Browser, look: Look = {}): Promise<Tab> {
  const { size = 'desktop', scheme = 'light', javaScript = false, locale = 'en-GB' } = look;
  const options: BrowserContextOptions = {
    viewport: sizes[size],
    colorScheme: scheme,
    javaScriptEnabled: javaScript,
    locale,
    ...(size === 'phone' && { isMobile: true, hasTouch: true, deviceScaleFactor: 2 }),
  };
  const context = await browser.newContext(options);
  await context.route(
    (url) => url.hostname !== '127.0.0.1' && url.hostname !== 'localhost',
    (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>elsewhere</title>' }),
  );
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  return { page, faults, close: () => context.close() };
}
