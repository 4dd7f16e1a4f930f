/** How all clients stand to the security profiles. */
import { z } from 'zod';
import { profiles, type ReportProfile } from '../clients/profiles.ts';
import { createTally } from '../clients/tally.ts';
import { Problem } from '../lib/problem.ts';
import type { ApiParts } from './api.ts';
import { named, timestamp } from './representation.ts';
import type { Route } from './route.ts';

const profileIds = Object.keys(profiles) as [ReportProfile, ...ReportProfile[]];

/** How far the server has looked; see `Swept`. */
export const looked = {
  clients: z.int().describe('How many clients were looked at'),
  complete: z
    .boolean()
    .describe('False while the server still looks: the numbers are those so far. Ask again'),
  at: timestamp.describe('When the server had looked at so many'),
};

const FleetComplianceView = named(
  'FleetCompliance',
  z.strictObject({
    ...looked,
    profiles: z.array(
      z.strictObject({
        profile: z.enum(profileIds),
        title: z.string(),
        meets: z.int().describe('Clients that keep every rule of it'),
        set: z.int().describe('Clients that are held to it'),
        rules: z
          .array(
            z.strictObject({
              rule: z.string(),
              title: z.string(),
              spec: z.string(),
              clients: z.int().describe('Clients that break it'),
            }),
          )
          .describe('In the order of the profile'),
      }),
    ),
  }),
);

const StandingClientsView = named(
  'FleetComplianceClients',
  z.strictObject({
    ...looked,
    count: z.int().describe('How many there are'),
    items: z.array(z.strictObject({ client_id: z.string(), client_name: z.string().optional() })),
    next: z
      .string()
      .optional()
      .describe('Give it as `after` to read on; absent at the end, or after a thousand'),
  }),
);

const StandingQuery = z.strictObject({
  profile: z.enum(profileIds),
  rule: z
    .string()
    .max(64)
    .optional()
    .describe('Clients that break this rule; absent: clients that meet the profile'),
  after: z.string().min(1).max(1024).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export function complianceRoutes({ clients }: Pick<ApiParts, 'clients'>): Route[] {
  const tally = createTally(clients);
  const read = { method: 'get', tag: 'clients', scope: 'clients:read', status: 200 } as const;
  const told = ({ clients, complete, at }: Awaited<ReturnType<typeof tally>>) => ({
    clients,
    complete,
    at,
  });

  return [
    {
      ...read,
      path: '/compliance',
      summary: 'Count how all clients stand to each profile, and what stops the rest',
      response: FleetComplianceView,
      handle: async () => {
        const now = await tally();
        const standings = [...now.profiles].map(([profile, { meets, set, rules }]) => ({
          profile,
          title: profiles[profile].title,
          meets: meets.count,
          set,
          rules: profiles[profile].rules.map(({ id, title, spec }) => ({
            rule: id,
            title,
            spec,
            clients: rules.get(id)?.count ?? 0,
          })),
        }));
        return { body: { ...told(now), profiles: standings } };
      },
    },
    {
      ...read,
      path: '/compliance/clients',
      summary: 'List the clients that break a rule of a profile, or that meet it',
      query: StandingQuery,
      response: StandingClientsView,
      handle: async ({ query }) => {
        const { profile, rule, after, limit } = query as z.output<typeof StandingQuery>;
        const now = await tally();
        const standing = now.profiles.get(profile);
        const group = rule === undefined ? standing?.meets : standing?.rules.get(rule);
        if (!group) {
          const fix = `one of ${profiles[profile].rules.map(({ id }) => id).join(', ')}`;
          throw new Problem('malformed', 'The query has mistakes; each is listed.', {
            errors: [
              {
                pointer: '/rule',
                rule: 'query-parameter',
                detail: 'is no rule of this profile',
                fix,
              },
            ],
          });
        }
        // A sweep meets clients in the order of their ids; who was mended meanwhile is not missed.
        const rest = group.first.filter(({ client_id }) => client_id > (after ?? ''));
        const items = rest.slice(0, limit);
        return {
          body: {
            ...told(now),
            count: group.count,
            items,
            ...(rest.length > limit && { next: items.at(-1)?.client_id }),
          },
        };
      },
    },
  ];
}
