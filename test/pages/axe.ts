import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

/** What axe finds by WCAG 2.2 AA and its own best practices, in short. */
export async function violations(page: Page): Promise<string[]> {
  // Evaluated over the debugging protocol, so the page's policy stays as it is.
  await page.evaluate(axe);
  const found = await page.evaluate<Violation[]>('axe.run().then(({ violations }) => violations)');
  return found.map(({ id, impact, nodes }) => `${impact}: ${id}: ${nodes[0]?.html}`);
}

/**
 * Whether the page is wider than the window, so that one had to scroll sideways. Phones zoom out of
 * such a page, and their innerWidth grows with it; the width that it is laid out for does not.
 */
export const overflows = (page: Page) =>
  page.evaluate<boolean>(
    '((root) => Math.max(root.scrollWidth, innerWidth) > root.clientWidth)(document.documentElement)',
  );
