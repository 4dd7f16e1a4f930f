import { formPages } from '../forms/editing.ts';
import { on, one } from '../forms/fields.ts';
import type { Visit } from '../page.ts';
import {
  type AccountView,
  accountFields,
  accountInput,
  accountPatch,
  accountValues,
  newAccountFields,
} from './account.ts';

const topic = 'accounts';
const scope = 'accounts:write';
const at = ({ params }: Visit) => `/accounts/${encodeURIComponent(params.id ?? '')}`;

export const create = formPages<AccountView>({
  topic,
  scope,
  name: 'create',
  path: '/accounts/new',
  fields: () => newAccountFields,
  values: () => ({}),
  back: () => '/accounts',
  async save({ rest }, values) {
    const { body } = await rest.call<AccountView>('POST', '/accounts', {
      body: accountInput(values),
    });
    return { go: `/dashboard/accounts/${body.id}`, flash: { key: 'accounts.created' } };
  },
});

export const edit = formPages<AccountView>({
  topic,
  scope,
  name: 'edit',
  path: '/accounts/:id/edit',
  at,
  fields: () => accountFields,
  values: (account) => (account ? accountValues(account) : {}),
  called: ({ email }) => email,
  back: at,
  async save(visit, values, version) {
    await visit.rest.call('PATCH', at(visit), { body: accountPatch(values), version });
    return { go: `/dashboard${at(visit)}`, flash: { key: 'accounts.saved' } };
  },
});

/** A new password; who had the old one is signed out, unless the box is cleared. */
export const password = formPages<AccountView>({
  topic,
  scope,
  name: 'reset',
  path: '/accounts/:id/password',
  fresh: true,
  at,
  fields: () => [
    {
      name: 'password',
      kind: 'line',
      type: 'password',
      required: true,
      autocomplete: 'new-password',
    },
    { name: 'end_sessions', kind: 'switch' },
  ],
  values: () => ({ end_sessions: ['on'] }),
  called: ({ email }) => email,
  back: at,
  async save(visit, values, version) {
    const body = { password: one(values, 'password') ?? '' };
    await visit.rest.call('PATCH', at(visit), { body, version });
    if (on(values, 'end_sessions')) await visit.rest.call('DELETE', `${at(visit)}/sessions`);
    return { go: `/dashboard${at(visit)}`, flash: { key: 'accounts.reset_done' } };
  },
});
