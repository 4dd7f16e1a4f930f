import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import { Problem } from '../lib/problem.ts';
import type { SignedIn } from '../oidc/sessions.ts';
import type { ApiParts } from './api.ts';
import { named, PageQuery, pageOf, timestamp } from './representation.ts';
import type { Route } from './route.ts';

/** An account as lists of what belongs to accounts name it. */
export const Whose = z.strictObject({
  id: z.string(),
  email: z.string(),
  name: z.string().optional(),
});

export const whose = (id: string, { email, claims: { name } }: Account) => ({
  id,
  email,
  ...(name !== undefined && { name }),
});

/** What such lists are filtered by. */
export const byWhom = {
  account: z.string().min(1).max(256).optional().describe('The id of an account'),
  client: z.string().min(1).max(2048).optional().describe('A client_id'),
};

const SessionView = named(
  'Session',
  z.strictObject({
    id: z.string(),
    account: Whose,
    signed_in_at: timestamp,
    last_seen_at: timestamp.describe('To the minute'),
    expires_at: timestamp.optional().describe('Unless it is used before'),
    acr: z.string().optional().describe('OpenID Connect Core 1.0, section 2'),
    amr: z.array(z.string()).optional().describe('RFC 8176'),
    clients: z
      .array(z.strictObject({ client_id: z.string(), client_name: z.string().optional() }))
      .describe('Those that the person was signed in to'),
  }),
);

const SessionQuery = PageQuery.extend(byWhom);

/** Who is signed in: each session is one browser of one account. Which browser it is nobody knows. */
export function sessionRoutes({ accounts, clients, sessions, audit }: ApiParts): Route[] {
  const read = { tag: 'accounts', scope: 'accounts:read', status: 200 } as const;
  const end = { tag: 'accounts', scope: 'accounts:write', status: 204, method: 'delete' } as const;
  const one = '/sessions/{id}';

  const missing = (): never => {
    throw new Problem('not_found', 'There is no such session, or it has ended.');
  };

  /** Nothing where the account has just gone. */
  async function show(session: SignedIn) {
    const account = await accounts.find(session.accountId);
    if (!account) return [];
    const used = session.clients.map(async (id) => {
      const name = (await clients.find(id))?.metadata.client_name;
      return { client_id: id, ...(name !== undefined && { client_name: name }) };
    });
    const { id, accountId, signedIn, seen, expires, acr, amr } = session;
    return [
      {
        id,
        account: whose(accountId, account),
        signed_in_at: signedIn,
        last_seen_at: seen,
        ...(expires !== undefined && { expires_at: expires }),
        ...(acr !== undefined && { acr }),
        ...(amr !== undefined && { amr }),
        clients: await Promise.all(used),
      },
    ];
  }

  return [
    {
      ...read,
      method: 'get',
      path: '/sessions',
      summary: 'List who is signed in, the last ones first',
      query: SessionQuery,
      response: pageOf(SessionView),
      handle: async ({ query }) => {
        const page = await sessions.list(query);
        return {
          body: {
            items: (await Promise.all(page.sessions.map(show))).flat(),
            ...(page.next !== undefined && { next: page.next }),
          },
        };
      },
    },
    {
      ...read,
      method: 'get',
      path: one,
      summary: 'Read a session',
      response: SessionView,
      handle: async ({ params }) => {
        const session = (await sessions.find(params.id as string)) ?? missing();
        const [body] = await show(session);
        return { body: body ?? missing() };
      },
    },
    {
      ...end,
      path: one,
      summary: 'End a session; every code and token of its clients under it ends',
      handle: async ({ params, actor }) => {
        const session = (await sessions.find(params.id as string)) ?? missing();
        if (!(await sessions.end(session.id))) missing();
        const { accountId, clients, signedIn } = session;
        await audit.note({
          actor,
          action: 'session.end',
          target: `account:${accountId}`,
          before: { signed_in_at: signedIn, clients },
        });
        return {};
      },
    },
    {
      ...end,
      path: '/accounts/{id}/sessions',
      summary: 'Sign an account out everywhere; every code and token under its sessions ends',
      handle: async ({ params, actor }) => {
        const { id } = await accounts.get(params.id as string);
        await sessions.endAll(id);
        await audit.note({ actor, action: 'account.end_sessions', target: `account:${id}` });
        return {};
      },
    },
  ];
}
