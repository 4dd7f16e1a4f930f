/** What can be done with a client beyond reading and writing it. */
import { z } from 'zod';
import type { Client } from '../clients/client.ts';
import { reportCompliance } from '../clients/compliance.ts';
import { profiles, type ReportProfile } from '../clients/profiles.ts';
import { typeRules, types } from '../clients/types/all.ts';
import { clientTypes } from '../clients/values.ts';
import { Problem } from '../lib/problem.ts';
import { schemaViolations } from '../lib/schema-violations.ts';
import { epoch } from '../lib/time.ts';
import type { ApiParts } from './api.ts';
import { ClientView, ViolationView } from './client-view.ts';
import type { Kind } from './crud.ts';
import { named } from './representation.ts';
import type { Route } from './route.ts';

const profileIds = Object.keys(profiles) as [ReportProfile, ...ReportProfile[]];

const RuleView = z.strictObject({ rule: z.string(), title: z.string(), spec: z.string() });
const Enforced = z.strictObject({ id: z.string(), title: z.string(), spec: z.string() });

const TypesView = named(
  'ClientTypes',
  z.strictObject({
    items: z.array(
      z.strictObject({
        type: z.enum(clientTypes),
        title: z.string(),
        description: z.string(),
        initial: z
          .record(z.string(), z.unknown())
          .describe('Taken for what is left out at creation'),
        fixed: z.record(z.string(), z.unknown()).describe('What never changes'),
        hidden: z.array(z.string()).describe('Properties that mean nothing for this type'),
        rules: z.array(RuleView),
      }),
    ),
  }),
);

const ComplianceView = named(
  'Compliance',
  z.strictObject({
    profile: z.enum(profileIds),
    title: z.string(),
    set: z.boolean().describe('Whether the client is held to the profile'),
    conforming: z.boolean(),
    rules: z.array(RuleView.extend({ pass: z.boolean(), violations: z.array(ViolationView) })),
    enforced: z.array(Enforced).describe('What requests of such a client are held to'),
    repair: z.strictObject({
      patch: z
        .record(z.string(), z.unknown())
        .describe('A JSON merge patch that mends all that a program can mend'),
      remaining: z.array(ViolationView).describe('What is left for a person'),
    }),
  }),
);

const NewSecret = named(
  'NewSecret',
  z.strictObject({
    name: z.string().min(1).max(64).optional(),
    expires_in: z.int().min(60).max(315_360_000).optional().describe('Seconds; absent: never'),
    overlap: z
      .int()
      .min(0)
      .max(31_536_000)
      .optional()
      .describe('Seconds that the secrets of before go on working; absent: as long as they do now'),
  }),
);

const Conversion = named(
  'ClientConversion',
  z.strictObject({
    type: z.enum(clientTypes),
    changes: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('A JSON merge patch where the new type needs more than the client has'),
  }),
);

const ProfileQuery = z.strictObject({
  profile: z.enum(profileIds).optional().describe('Absent: the one that the client is held to'),
});

/** @throws {Problem} `invalid` with what the schema says */
export function parsed<T extends z.ZodType>({ schema }: { schema: T }, body: unknown): z.output<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const errors = schemaViolations(result.error.issues);
  throw new Problem('invalid', 'The body has mistakes; each is listed.', { errors });
}

const typesView = {
  items: clientTypes.map((type) => {
    const { title, description, initial, fixed, hidden } = types[type];
    const rules = typeRules(type).map(({ id, title, spec }) => ({ rule: id, title, spec }));
    return { type, title, description, initial, fixed, hidden: [...hidden], rules };
  }),
};

export function clientRoutes({ clients }: ApiParts, client: Kind<Client>): Route[] {
  const read = { tag: 'clients', scope: 'clients:read', status: 200 } as const;
  const write = { tag: 'clients', scope: 'clients:write' } as const;
  const one = '/clients/{client_id}';
  const idOf = (params: Readonly<Record<string, string>>) => params.client_id as string;

  return [
    {
      ...read,
      method: 'get',
      path: '/client-types',
      summary: 'List the types of clients',
      response: TypesView,
      handle: async () => ({ body: typesView }),
    },
    {
      ...read,
      method: 'get',
      path: `${one}/compliance`,
      summary: 'Report how a client stands to a profile',
      query: ProfileQuery,
      response: ComplianceView,
      handle: async ({ params, query }) => {
        const { value } = await clients.get(idOf(params));
        const profile = (query.profile ?? value.metadata.fapi_profile) as ReportProfile | undefined;
        if (profile) return { body: reportCompliance(clients.validator, value.metadata, profile) };
        throw new Problem('malformed', 'The client has no profile: say ?profile=.', {
          errors: [
            {
              pointer: '/profile',
              rule: 'query-parameter',
              detail: 'is missing',
              fix: `one of ${profileIds.join(', ')}`,
            },
          ],
        });
      },
    },
    {
      ...write,
      method: 'post',
      path: `${one}/convert`,
      summary: 'Make a client another type',
      body: Conversion,
      status: 200,
      response: ClientView,
      handle: async ({ params, body, actor, version }) => {
        const { type, changes } = parsed(Conversion, body) as z.output<typeof Conversion.schema> & {
          type: string;
          changes?: unknown;
        };
        const { entry, secret } = await clients.convert(
          idOf(params),
          type,
          changes,
          actor,
          version,
        );
        return { body: await client.show(entry, secret), version: entry.version };
      },
    },
    {
      ...write,
      method: 'post',
      path: `${one}/secrets`,
      summary: 'Make another secret; it is shown this once',
      body: NewSecret,
      status: 201,
      response: ClientView,
      handle: async ({ params, body, actor, version }) => {
        const { name, expires_in, overlap } = parsed(NewSecret, body) as {
          name?: string;
          expires_in?: number;
          overlap?: number;
        };
        const options = {
          ...(name !== undefined && { name }),
          ...(expires_in !== undefined && { expires: epoch() + expires_in }),
          ...(overlap !== undefined && { retire: overlap }),
        };
        const made = await clients.addSecret(idOf(params), options, actor, version);
        return {
          body: await client.show(made.entry, made.secret),
          version: made.entry.version,
          location: `/api/v1/clients/${encodeURIComponent(idOf(params))}/secrets/${made.stored.id}`,
        };
      },
    },
    {
      ...write,
      method: 'delete',
      path: `${one}/secrets/{id}`,
      summary: 'Delete a secret; it stops working at once',
      status: 204,
      also: ['invalid'],
      handle: async ({ params, actor, version }) => {
        await clients.removeSecret(idOf(params), params.id as string, actor, version);
        return {};
      },
    },
  ];
}
