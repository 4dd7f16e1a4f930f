import { type Part, under } from '../lib/by-path.ts';
import { lazy } from '../lib/lazy.ts';
import { onDemand } from '../lib/on-demand.ts';
import { offerAnswers } from '../oidc/authorization-answers.ts';
import { createCookies } from './cookies.ts';
import type { DashboardParts } from './dashboard.ts';

/**
 * Offers the dashboard below `/dashboard`. It is most of the program's code, and most processes
 * never show it: it is loaded by the first who come.
 */
export function offerDashboard(parts: Omit<DashboardParts, 'cookies'>): Part {
  const cookies = createCookies(parts.issuer, parts.vault);
  const dashboard = lazy(async () => {
    const { createDashboard } = await import('./dashboard.ts');
    return createDashboard({ ...parts, cookies });
  });

  offerAnswers(parts.provider, async (answer) => {
    const isHere = cookies.get(answer.ctx, 'session') !== undefined;
    return isHere ? (await dashboard()).take(answer) : undefined;
  });
  return under(
    ['/dashboard'],
    onDemand(async () => (await dashboard()).routes),
  );
}
