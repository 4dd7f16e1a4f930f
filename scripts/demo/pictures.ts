/**
 * Takes the pictures of the README anew: `node scripts/demo/pictures.ts`. CHROMIUM names the browser
 * when it is not /usr/bin/chromium.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { withPalette } from './palette.ts';
import { createReport } from './report.ts';
import { runSteps } from './run.ts';
import { preparation, steps } from './steps.ts';
import { newRequest, redirectUri, type Walk } from './walk.ts';

const images = join(import.meta.dirname, '../../docs/images');
const COLUMNS = 112;

const newWalk = () => ({ env: {}, application: 'https://orders.demo.example' }) as Walk;

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

function terminal(text: string): string {
  const [plain = '', ...painted] = text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .split('\u001b[');
  const spans = painted.map((piece) => {
    const [, code = '0', rest = ''] = /^(\d+)m(.*)$/s.exec(piece) ?? [];
    return `${code === '0' ? '</span>' : `<span class="${classes[code] ?? ''}">`}${rest}`;
  });
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; width: max-content; background: #101714; color: #dfe7e2; }
    pre { margin: 0; padding: 20px 24px 24px; font: 13px/19px "DejaVu Sans Mono", monospace; }
    .bold { color: #ffffff; } .dim { color: #76857d; } .red { color: #ffb4a9; } .green { color: #86d6b6; }
  </style><pre><span class="dim">$</span> npm run demo\n\n${plain}${spans.join('')}</pre>`;
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
});
const walk = newWalk();
try {
  mkdirSync(images, { recursive: true });
  const sharp = await browser.newPage({ deviceScaleFactor: 2 });
  await sharp.setContent(terminal(await output()));
  const picture = await sharp.locator('body').screenshot();
  writeFileSync(join(images, 'demo.png'), withPalette(picture, 32));

  await runSteps(preparation, walk, createReport({ write: () => {}, colour: false }));
  const request = await newRequest(walk.party, {
    redirect_uri: redirectUri(walk),
    scope: 'openid profile',
    login_hint: 'ada@example.com',
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
