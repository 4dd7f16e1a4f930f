import { z } from 'zod';
import { type DryRunParts, dryRun, type Proposal } from '../clients/dry-run.ts';
import { dryRunAll } from '../clients/fleet.ts';
import { clientProperties } from '../clients/metadata.ts';
import { createTrials } from '../clients/trials.ts';
import type { ApiParts } from './api.ts';
import { clientIdOf, readOnlyOfClient, ViolationView } from './client-view.ts';
import { parsed } from './clients.ts';
import { metadataAfter } from './history.ts';
import { dropping, named, timestamp } from './representation.ts';
import type { Route } from './route.ts';

const anything = z.record(z.string(), z.unknown());
const client_id = z.string().min(1).max(256);

const ProposalView = named(
  'Proposal',
  z.union([
    z.strictObject({ create: anything }).describe('A new client'),
    z.strictObject({ client_id, patch: anything }).describe('A JSON merge patch of a client'),
    z.strictObject({ client_id, replace: anything }).describe('The whole metadata of a client'),
    z
      .strictObject({
        client_id,
        convert: z.strictObject({ type: z.string(), changes: anything.optional() }),
      })
      .describe('Another type for a client'),
    z
      .strictObject({ client_id, restore: z.string().min(1).max(64) })
      .describe('The metadata of a client as they were after the event of this id'),
    z
      .strictObject({
        all: anything,
        after: z.string().min(1).max(1024).optional(),
        limit: z.int().min(1).max(500).optional().describe('Absent: all clients at once'),
        wait: z
          .literal(false)
          .optional()
          .describe(
            'Answer with what was found so far, and look on: ask the same again until it is `complete`. `limit` and `after` are then of the clients found',
          ),
      })
      .describe(
        'A JSON merge patch of every client, such as {"fapi_profile": …}; {} looks at all by today’s rules',
      ),
  ]),
);

const StopView = z.strictObject({
  kind: z.enum(['redirect_uri', 'grant_type', 'secret', 'refresh_tokens', 'client']),
  value: z.string(),
  detail: z.string(),
  values: z.record(z.string(), z.string()).optional().describe('What `detail` was made with'),
  last_used: timestamp.optional(),
});

const OutcomeView = named(
  'Outcome',
  z.union([
    z.strictObject({
      accepted: z.boolean(),
      result: z
        .strictObject(
          Object.fromEntries(clientProperties.map((name) => [name, z.unknown().optional()])),
        )
        .optional(),
      refused: z.array(ViolationView),
      warnings: z.array(ViolationView),
      stops: z.array(StopView).describe('What is there and would stop working'),
    }),
    z.strictObject({
      clients: z.int().describe('How many clients were looked at'),
      refused: z.int(),
      complete: z.boolean().optional().describe('Where nobody waits: whether all were looked at'),
      at: timestamp.optional().describe('Where nobody waits: when so many had been looked at'),
      items: z
        .array(
          z.strictObject({
            client_id,
            client_name: z.string().optional(),
            accepted: z.boolean(),
            refused: z.array(ViolationView),
            stops: z.array(StopView),
            repair: z.strictObject({ patch: anything, remaining: z.array(ViolationView) }),
          }),
        )
        .describe('Clients that would be refused or lose something; at most a thousand'),
      next: z
        .string()
        .optional()
        .describe('Give it as `after` to look, or read, on; absent at the end'),
    }),
  ]),
);

const writable = dropping(readOnlyOfClient);

/** What a caller may send back as it was told is dropped here as it is in a real change. */
const cleaned = (proposal: Record<string, unknown>) => {
  const { clientId } = clientIdOf(proposal.create);
  const entries = Object.entries(proposal).map(([name, value]) => [
    name,
    ['create', 'patch', 'replace', 'all'].includes(name) ? writable(value) : value,
  ]);
  return { ...Object.fromEntries(entries), ...(clientId !== undefined && { client_id: clientId }) };
};

interface OnAll {
  all: unknown;
  after?: string;
  limit?: number;
  wait?: false;
}

export function dryRunRoutes({ clients, usage, countRefreshTokens, audit }: ApiParts): Route[] {
  const parts: DryRunParts = { clients, usage, countRefreshTokens };
  const trialOf = createTrials(parts);

  async function onAll({ all, wait, ...span }: OnAll) {
    if (wait !== false) return dryRunAll(parts, all, span);
    const { after = '', limit = Number.POSITIVE_INFINITY } = span;
    const { items: found, ...trial } = await trialOf(all, after !== '');
    const rest = found.filter(({ client_id }) => client_id > after);
    const items = rest.slice(0, limit);
    return { ...trial, items, ...(rest.length > limit && { next: items.at(-1)?.client_id }) };
  }

  /** Going back to an event is replacing by what was then. */
  async function resolved(proposal: Record<string, unknown>): Promise<Proposal> {
    const { restore, client_id: id } = proposal;
    if (typeof restore !== 'string') return proposal as unknown as Proposal;
    const clientId = id as string;
    return { client_id: clientId, replace: await metadataAfter(audit, clientId, restore) };
  }

  return [
    {
      method: 'post',
      path: '/clients/dry-run',
      summary: 'Tell what a change would do, changing nothing',
      tag: 'clients',
      scope: 'clients:read',
      status: 200,
      body: ProposalView,
      also: ['not_found'],
      response: OutcomeView,
      handle: async ({ body }) => {
        const proposal = cleaned(parsed(ProposalView, body) as Record<string, unknown>);
        return {
          body:
            'all' in proposal
              ? await onAll(proposal as unknown as OnAll)
              : await dryRun(parts, await resolved(proposal)),
        };
      },
    },
  ];
}
