import { z } from 'zod';
import { epoch } from '../lib/time.ts';
import { KEPT } from '../oidc/statistics.ts';
import type { ApiParts } from './api.ts';
import { named, timestamp } from './representation.ts';
import type { Route } from './route.ts';

const DAY = 24 * 3600;
const count = z.int().min(0);

const StatisticsView = named(
  'Statistics',
  z.strictObject({
    from: timestamp,
    to: timestamp,
    items: z.array(
      z.strictObject({
        at: timestamp.describe('When the hour began, seconds since the epoch'),
        sign_ins: count.describe('Answers of the authorization endpoint that let somebody in'),
        tokens: count.describe('Answers of the token endpoint with tokens'),
        failures: count.describe('Requests that were refused, polling not counted, or went wrong'),
      }),
    ),
  }),
);

const second = z.coerce.number().int().min(0).max(253_402_300_799).optional();
const StatisticsQuery = z.strictObject({
  from: second.describe(`Seconds since the epoch. Default: a day ago; kept are ${KEPT / DAY} days`),
  to: second.describe('Seconds since the epoch. Default: now'),
});

export const statisticsRoutes = ({ statistics }: ApiParts): Route[] => [
  {
    method: 'get',
    path: '/statistics',
    summary: 'Count what happened hour by hour; hours in which nothing did are left out',
    tag: 'statistics',
    scope: 'clients:read',
    status: 200,
    query: StatisticsQuery,
    response: StatisticsView,
    handle: async ({ query }) => {
      const now = epoch();
      const { to = now + 1, from = now - DAY } = query as { from?: number; to?: number };
      return { body: { from, to, items: await statistics.between(from, to) } };
    },
  },
];
