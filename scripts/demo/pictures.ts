/**
 * Takes the pictures of the README anew: `node scripts/demo/pictures.ts`. CHROMIUM names the browser
 * when it is not /usr/bin/chromium.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { createReport } from './report.ts';
import { runSteps } from './run.ts';
import { preparation, steps } from './steps.ts';
import { newRequest, redirectUri, type Walk } from './walk.ts';

const images = join(import.meta.dirname, '../../docs/images');
const COLUMNS = 112;

const newWalk = () =>
  ({ env: {}, say: () => {}, application: 'https://orders.demo.example' }) as unknown as Walk;

/** What a terminal shows at the end of a walk, with its colours. */
async function output(): Promise<string> {
  let text = '';
  const write = (piece: string) => {
    text += piece;
  };
  const walk = newWalk();
  try {
    const screen = { write, columns: COLUMNS, rows: 100, colour: true };
    await runSteps(steps, walk, createReport(screen));
  } finally {
    await walk.server?.stop();
  }
  // All that came before was cleared from the screen.
  return text.slice(text.lastIndexOf('\u001b[J') + 3);
}

const classes: Readonly<Record<string, string>> = { 1: 'bold', 2: 'dim', 31: 'red', 32: 'green' };

const terminal = (text: string): string => {
  const body = text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/\u001b\[(\d+)m/g, (_, code) =>
      code === '0' ? '</span>' : `<span class="${classes[code] ?? ''}">`,
    );
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; width: max-content; background: #101714; color: #dfe7e2; }
    pre { margin: 0; padding: 20px 24px 24px; font: 13px/19px "DejaVu Sans Mono", monospace; }
    .bold { color: #ffffff; } .dim { color: #76857d; } .red { color: #ffb4a9; } .green { color: #86d6b6; }
  </style><pre><span class="dim">$</span> npm run demo\n\n${body}</pre>`;
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
});
const walk = newWalk();
try {
  mkdirSync(images, { recursive: true });
  const sharp = await browser.newPage({ deviceScaleFactor: 2 });
  await sharp.setContent(terminal(await output()));
  await sharp.locator('body').screenshot({ path: join(images, 'demo.png') });

  await runSteps(preparation, walk, createReport({ write: () => {}, colour: false }));
  const request = await newRequest(walk.party, {
    redirect_uri: redirectUri(walk),
    scope: 'openid profile',
    login_hint: walk.person.email,
  });
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
  });
  await page.goto(request.url.href);
  await page.screenshot({ path: join(images, 'login.png') });
} finally {
  await browser.close();
  await walk.server?.stop();
}
