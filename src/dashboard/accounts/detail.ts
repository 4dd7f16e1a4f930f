import type { Page } from '../page.ts';
import { type AccountView, accountFields } from './account.ts';

interface GrantView {
  client_id: string;
  client_name?: string;
  scopes?: { scope: string; resource?: string; granted: boolean }[];
  claims?: { claim: string; granted: boolean }[];
  authorization_details?: { detail: { type: string } }[];
  active: number;
  updated_at?: number;
}

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

/** What a client was allowed, in the words of the protocol. */
const allowed = ({ scopes = [], claims = [], authorization_details = [] }: GrantView) => [
  ...scopes.filter(({ granted }) => granted).map(({ scope }) => scope),
  ...claims.filter(({ granted }) => granted).map(({ claim }) => claim),
  ...authorization_details.map(({ detail }) => detail.type),
];

export const detail: Page = {
  method: 'get',
  path: '/accounts/:id',
  scope: 'accounts:read',
  async handle({ rest, params, session }) {
    const path = `/accounts/${encodeURIComponent(params.id ?? '')}`;
    const [account, grants] = await Promise.all([
      rest.get<AccountView>(path),
      rest.get<{ items: GrantView[] }>(`${path}/grants`),
    ]);
    return {
      view: 'accounts/detail',
      model: {
        account,
        claims: claimsOf(account),
        grants: grants.items.map((grant) => ({ ...grant, allowed: allowed(grant) })),
        own: account.id === session.accountId,
      },
    };
  },
};
