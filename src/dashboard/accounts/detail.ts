import { allowedOf, type GrantView } from '../access/grant.ts';
import { type SessionView, sessionRow } from '../access/sessions.ts';
import type { Page } from '../page.ts';
import { type AccountView, accountFields, type ResetEmail } from './account.ts';

/** Shown here; the lists of sessions and grants have the others. */
const SESSIONS = 5;
const GRANTS = 10;

/** Shown above, each in its own way. */
const apart = new Set(['email', 'email_verified', 'roles', 'phone_number_verified']);

const claimsOf = (account: AccountView) =>
  accountFields
    .filter(({ name }) => !apart.has(name))
    .map(({ name }) => ({
      name,
      value: name.startsWith('address.') ? account.address?.[name.slice(8)] : account[name],
    }))
    .filter(({ value }) => value !== undefined);

export const detail: Page = {
  method: 'get',
  path: '/accounts/:id',
  scope: 'accounts:read',
  async handle({ rest, params, session, may }) {
    const { id = '' } = params;
    const path = `/accounts/${encodeURIComponent(id)}`;
    const [account, grants, sessions, resetEmail] = await Promise.all([
      rest.get<AccountView>(path),
      rest.get<{ items: GrantView[]; next?: string }>('/grants', {
        account: id,
        limit: String(GRANTS),
      }),
      rest.get<{ items: SessionView[]; next?: string }>('/sessions', {
        account: id,
        limit: String(SESSIONS),
      }),
      may('accounts:recover') ? rest.get<ResetEmail>(`${path}/reset-email`) : undefined,
    ]);
    return {
      view: 'accounts/detail',
      model: {
        account,
        claims: claimsOf(account),
        grants: grants.items.map((grant) => ({ ...grant, allowed: allowedOf(grant) })),
        sessions: sessions.items.map(sessionRow),
        moreGrants: grants.next !== undefined,
        moreSessions: sessions.next !== undefined,
        resetEmail,
        own: account.id === session.accountId,
      },
    };
  },
};
