/** A real browser, for what only one can tell: Chromium, driven over its debugging protocol. */
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { listen } from '../../src/listen.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why there is no browser here; absent when there is one. */
export const noBrowser: string | undefined = existsSync(executablePath)
  ? undefined
  : `there is no browser at ${executablePath}; set CHROMIUM to one`;

/** `describe`, or `describe.skip` with the reason printed when there is no browser. */
export const describeWithBrowser = (name: string, tests: () => void): void => {
  if (noBrowser) console.warn(`skipped, since ${noBrowser}: ${name}`);
  (noBrowser ? describe.skip : describe)(name, tests);
};

export const sizes = {
  phone: { width: 360, height: 780 },
  desktop: { width: 1280, height: 800 },
} as const;

export interface Look {
  size?: keyof typeof sizes;
  scheme?: 'light' | 'dark';
  /** Default: off, since the pages must work without. */
  javaScript?: boolean;
  /** What Accept-Language says. Default: `en-GB`. */
  locale?: string;
}

/** A tab in a profile of its own, and what went wrong in it. */
export interface Tab {
  page: Page;
  /** Errors and warnings on the console, violations of the content security policy among them. */
  faults: string[];
  close(): Promise<void>;
}

/** A browser that knows loopback and nothing else of the network. */
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
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  });

/** Opens a tab that shares nothing with any other. */
export async function openTab(browser: Browser, look: Look = {}): Promise<Tab> {
  const { size = 'desktop', scheme = 'light', javaScript = false, locale = 'en-GB' } = look;
  const context = await browser.newContext({
    viewport: sizes[size],
    colorScheme: scheme,
    javaScriptEnabled: javaScript,
    locale,
    ...(size === 'phone' && { isMobile: true, hasTouch: true, deviceScaleFactor: 2 }),
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    const { url } = message.location();
    // The engine's own pages name no icon, so browsers look for one here.
    if (url.endsWith('/favicon.ico')) return;
    if (['error', 'warning'].includes(message.type())) faults.push(`${message.text()} – ${url}`);
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  return { page, faults, close: () => context.close() };
}

/** A relying party's own address, where a browser is sent back to. */
export interface Landing {
  origin: string;
  callback: string;
  /** What arrived at the callback, query or form, oldest first. */
  arrived: URLSearchParams[];
  /** Makes a page of the relying party. */
  serve(path: string, html: string): string;
  close(): Promise<void>;
}

export async function startLanding(): Promise<Landing> {
  const arrived: URLSearchParams[] = [];
  const pages = new Map<string, string>();
  const listening = await listen(
    { host: '127.0.0.1', port: 0, trust_proxy: false },
    async (request, response) => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      if (url.pathname === '/callback')
        arrived.push(
          request.method === 'POST' ? new URLSearchParams(await text(request)) : url.searchParams,
        );
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(pages.get(url.pathname) ?? '<!doctype html><title>Back</title><h1>Back</h1>');
    },
  );
  const origin = `http://127.0.0.1:${listening.port}`;
  return {
    origin,
    callback: `${origin}/callback`,
    arrived,
    serve(path, html) {
      pages.set(path, html);
      return origin + path;
    },
    close: () => listening.stop(0),
  };
}
