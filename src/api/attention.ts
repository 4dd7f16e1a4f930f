/** What of the clients somebody should look after. */
import { z } from 'zod';
import { COUNTED, createAttention, SOON, UNUSED } from '../clients/attention.ts';
import type { ApiParts } from './api.ts';
import { looked } from './compliance.ts';
import { named, timestamp } from './representation.ts';
import type { Route } from './route.ts';

const DAY = 86_400;

const bounded = z.strictObject({
  count: z.int().min(0).max(COUNTED),
  more: z
    .boolean()
    .describe(`Whether there are more than ${COUNTED}, which is where counting ends`),
});
const count = z.int().min(0);

const AttentionView = named(
  'Attention',
  z.strictObject({
    ...looked,
    expire_before: timestamp.describe(`${SOON / DAY} days from now`),
    expiring: bounded.describe(
      'Clients as by `state=enabled` and `credentials_expire_before`; counted at this moment',
    ),
    expired: bounded.describe('Of those, the ones whose credentials have ended'),
    unused_since: timestamp.describe(`${UNUSED / DAY} days before the server began to look`),
    unused: count.describe('Clients as by `state=enabled` and `unused_since`'),
    redirect_uris_unused: count.describe(
      'Clients as by `state=enabled` and `redirect_uris_unused_since`',
    ),
    quarantined: count.describe('Clients as by `state=quarantined`'),
  }),
);

export function attentionRoutes({ clients, usage }: Pick<ApiParts, 'clients' | 'usage'>): Route[] {
  const attention = createAttention({ clients, usage });
  return [
    {
      method: 'get',
      path: '/attention',
      summary: 'Count the clients that somebody should look after',
      tag: 'clients',
      scope: 'clients:read',
      status: 200,
      response: AttentionView,
      handle: async () => ({ body: await attention() }),
    },
  ];
}
