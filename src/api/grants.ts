import { z } from 'zod';
import { Problem } from '../lib/problem.ts';
import type { AccountGrant } from '../oidc/grants.ts';
import type { ApiParts } from './api.ts';
import { named, PageQuery, pageOf, timestamp } from './representation.ts';
import type { Route } from './route.ts';
import { byWhom, Whose, whose } from './sessions.ts';

const Scope = z.strictObject({
  scope: z.string(),
  resource: z.string().optional().describe('Absent: a scope of this server'),
  granted: z.boolean(),
});

const Claim = z.strictObject({ claim: z.string(), granted: z.boolean() });

const Detail = z.strictObject({
  detail: z.looseObject({ type: z.string() }).describe('As it was asked for (RFC 9396)'),
  resources: z.array(z.string()).describe('The resources that it is for'),
});

const Grant = z.strictObject({
  client_id: z.string(),
  client_name: z.string().optional(),
  scopes: z
    .array(Scope)
    .optional()
    .describe('What the person chose; absent for first-party clients'),
  claims: z
    .array(Claim)
    .optional()
    .describe('What they chose of claims asked for individually; absent where none was'),
  authorization_details: z
    .array(Detail)
    .optional()
    .describe('What they allowed beyond scopes, the last fifty; absent where nothing was'),
  active: z.int().describe('Sign-ins whose tokens are alive'),
  created_at: timestamp.optional(),
  updated_at: timestamp.optional(),
});

const GrantsView = named('Grants', z.strictObject({ items: z.array(Grant) }));

const GrantView = named('Grant', z.strictObject({ account: Whose, ...Grant.shape }));

const GrantQuery = PageQuery.extend({
  ...byWhom,
  after: z.string().min(1).max(4096).optional(),
});

/** What clients may do for accounts. */
export function grantRoutes({ accounts, clients, grants, audit }: ApiParts): Route[] {
  const path = '/accounts/{id}/grants';

  async function show(grant: AccountGrant) {
    const client = await clients.find(grant.clientId);
    const name = client?.metadata.client_name;
    const scopes = grant.decisions?.filter((one) => one.claim === undefined);
    const claims = grant.decisions?.filter((one) => one.claim !== undefined) ?? [];
    return {
      client_id: grant.clientId,
      ...(name !== undefined && { client_name: name }),
      ...(scopes && { scopes }),
      ...(claims.length > 0 && { claims }),
      ...(grant.details && { authorization_details: grant.details }),
      active: grant.active,
      ...(grant.created !== undefined && { created_at: grant.created }),
      ...(grant.updated !== undefined && { updated_at: grant.updated }),
    };
  }

  return [
    {
      method: 'get',
      path: '/grants',
      summary: 'List what clients may do for accounts, each account’s together',
      tag: 'accounts',
      scope: 'accounts:read',
      status: 200,
      query: GrantQuery,
      response: pageOf(GrantView),
      handle: async ({ query }) => {
        const page = await grants.list(query);
        const items = page.grants.map(async ({ accountId, ...grant }) => {
          const account = await accounts.find(accountId);
          // Deleted a moment ago.
          return account ? [{ account: whose(accountId, account), ...(await show(grant)) }] : [];
        });
        return {
          body: {
            items: (await Promise.all(items)).flat(),
            ...(page.next !== undefined && { next: page.next }),
          },
        };
      },
    },
    {
      method: 'get',
      path,
      summary: 'List what clients may do for an account',
      tag: 'accounts',
      scope: 'accounts:read',
      status: 200,
      response: GrantsView,
      handle: async ({ params }) => {
        const { id } = await accounts.get(params.id as string);
        const items = (await grants.ofAccount(id)).map(show);
        return { body: { items: await Promise.all(items) } };
      },
    },
    {
      method: 'delete',
      path: `${path}/{client_id}`,
      summary: 'Revoke what a client may do for an account, tokens included',
      tag: 'accounts',
      scope: 'accounts:write',
      status: 204,
      handle: async ({ params, actor }) => {
        const { id, client_id = '' } = params;
        const { id: account } = await accounts.get(id as string);
        if (!(await grants.revoke(account, client_id))) {
          throw new Problem('not_found', 'The client may do nothing for this account.');
        }
        const target = `account:${account}`;
        await audit.note({ actor, action: 'grant.revoke', target, before: { client_id } });
        return {};
      },
    },
  ];
}
