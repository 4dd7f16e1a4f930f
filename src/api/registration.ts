/** Who may register which clients by themselves: initial access tokens, and policies by name. */
import { z } from 'zod';
import { type InitialAccessToken, TokenInput } from '../registration/initial-access-tokens.ts';
import type { NamedPolicy } from '../registration/policies.ts';
import { RegistrationPolicy } from '../registration/policy.ts';
import type { Registration } from '../registration/registration.ts';
import type { Entry } from '../store/store.ts';
import { crudRoutes, type Kind } from './crud.ts';
import { dropping, named, PageQuery, pageOf, timestamp } from './representation.ts';
import type { Route } from './route.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);

const PolicyView = named(
  'RegistrationPolicy',
  RegistrationPolicy.extend({ name, created_at: timestamp, updated_at: timestamp }),
);

const policyView = ({ id, value: { created, updated, ...policy } }: Entry<NamedPolicy>) => ({
  ...policy,
  name: id,
  created_at: created,
  updated_at: updated,
});

const TokenView = named(
  'RegistrationToken',
  z.strictObject({
    id: z.string(),
    token: z.string().optional().describe('Shown once, when it was made'),
    policy: z.union([z.string(), RegistrationPolicy]),
    uses: z.int(),
    uses_left: z.int(),
    created_at: timestamp,
    expires_at: timestamp,
  }),
);

const tokenView = ({ id, value, expires = 0 }: Entry<InitialAccessToken>, token?: string) => ({
  id,
  ...(token !== undefined && { token }),
  policy: value.policy,
  uses: value.uses,
  uses_left: value.uses_left,
  created_at: value.created,
  expires_at: Math.floor(expires / 1000),
});

/** Both kinds have their scopes in common. */
const read = 'registration:read';
const write = 'registration:write';

const entryOf = async <T>(entry: Promise<Entry<T>>) => ({ entry: await entry });

function policyRoutes({ policies }: Registration): Route[] {
  const kind: Kind<NamedPolicy> = {
    plural: 'registration-policies',
    singular: 'registration policy',
    id: 'name',
    view: PolicyView,
    input: named('RegistrationPolicyInput', RegistrationPolicy.extend({ name })),
    patch: named('RegistrationPolicyPatch', RegistrationPolicy.partial()),
    show: policyView,
    writable: dropping(['created_at', 'updated_at']),
    list: policies.list,
    get: policies.get,
    create: (input, actor) =>
      entryOf(policies.create(dropping(['created_at', 'updated_at'])(input), actor)),
    replace: (id, input, actor, version) => entryOf(policies.replace(id, input, actor, version)),
    delete: policies.delete,
  };
  return crudRoutes(kind).map((route) => ({
    ...route,
    scope: route.scope.endsWith(':read') ? read : write,
  }));
}

function tokenRoutes({ tokens }: Registration): Route[] {
  const tag = 'registration-tokens';
  return [
    {
      tag,
      method: 'get',
      path: '/registration-tokens',
      summary: 'List initial access tokens that have not expired',
      scope: read,
      query: PageQuery,
      status: 200,
      response: pageOf(TokenView),
      handle: async ({ query }) => {
        const { entries, next } = await tokens.list(query);
        const items = entries.map((entry) => tokenView(entry));
        return { body: { items, ...(next !== undefined && { next }) } };
      },
    },
    {
      tag,
      method: 'post',
      path: '/registration-tokens',
      summary: 'Make an initial access token (RFC 7591, section 3)',
      scope: write,
      body: named('RegistrationTokenInput', TokenInput),
      also: ['not_found'],
      status: 201,
      response: TokenView,
      handle: async ({ body, actor }) => {
        const { entry, token } = await tokens.create(body, actor);
        return {
          body: tokenView(entry, token),
          location: `/api/v1/registration-tokens/${entry.id}`,
        };
      },
    },
    {
      tag,
      method: 'get',
      path: '/registration-tokens/{id}',
      summary: 'Read an initial access token',
      scope: read,
      status: 200,
      response: TokenView,
      handle: async ({ params }) => ({ body: tokenView(await tokens.get(params.id as string)) }),
    },
    {
      tag,
      method: 'delete',
      path: '/registration-tokens/{id}',
      summary: 'Delete an initial access token; what it registered stays',
      scope: write,
      status: 204,
      handle: async ({ params, actor }) => {
        await tokens.delete(params.id as string, actor);
        return {};
      },
    },
  ];
}

/** @returns routes for policies, tokens, and clients that were set aside */
export const registrationRoutes = (registration: Registration): Route[] => [
  ...policyRoutes(registration),
  ...tokenRoutes(registration),
  {
    tag: 'clients',
    method: 'delete',
    path: '/clients/{client_id}/quarantine',
    summary: 'Take a registered client that nobody used back into service',
    scope: write,
    status: 204,
    handle: async ({ params, actor }) => {
      await registration.release(params.client_id as string, actor);
      return {};
    },
  },
];
