import { type Act, actPages } from '../forms/confirming.ts';
import type { Go, Visit } from '../page.ts';
import { Refused } from '../rest.ts';
import type { AccountView, ResetEmail } from './account.ts';

const at = ({ params }: Visit) => `/accounts/${encodeURIComponent(params.id ?? '')}`;

const common = {
  topic: 'accounts',
  scope: 'accounts:write',
  back: at,
  subject: async (visit: Visit) => (await visit.rest.get<AccountView>(at(visit))).email,
};

/** What another owner must do, since nobody may be left who could undo it. */
const own = ({ params, session }: Visit) => params.id === session.accountId;

const done = (visit: Visit, key: string): Go => ({
  go: `/dashboard${at(visit)}`,
  flash: { key: `accounts.${key}` },
});

/** What people call the client; its id when it is gone. */
async function clientName({ rest, params: { client = '' } }: Visit): Promise<string> {
  try {
    const path = `/clients/${encodeURIComponent(client)}`;
    return (await rest.get<{ client_name?: string }>(path)).client_name ?? client;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return client;
    throw error;
  }
}

const acts: readonly Act[] = [
  {
    ...common,
    own,
    name: 'disable',
    path: '/accounts/:id/disable',
    async act(visit) {
      await visit.rest.call('PATCH', at(visit), { body: { disabled: true } });
      await visit.rest.call('DELETE', `${at(visit)}/sessions`);
      return done(visit, 'disabled');
    },
  },
  {
    ...common,
    name: 'enable',
    path: '/accounts/:id/enable',
    harmless: true,
    async act(visit) {
      await visit.rest.call('PATCH', at(visit), { body: { disabled: false } });
      return done(visit, 'enabled');
    },
  },
  {
    ...common,
    name: 'end_sessions',
    path: '/accounts/:id/sessions/end',
    async act(visit) {
      await visit.rest.call('DELETE', `${at(visit)}/sessions`);
      return done(visit, 'sessions_ended');
    },
  },
  {
    ...common,
    name: 'reset_email',
    path: '/accounts/:id/reset-email',
    scope: 'accounts:recover',
    harmless: true,
    async act(visit) {
      const go = `/dashboard${at(visit)}`;
      try {
        const { body } = await visit.rest.call<ResetEmail>('POST', `${at(visit)}/reset-email`);
        const { delivery, email } = body;
        return { go, flash: { key: `accounts.reset_email_${delivery}`, parameters: { email } } };
      } catch (error) {
        if (!(error instanceof Refused && error.status === 429)) throw error;
        return { go, flash: { key: 'accounts.reset_email_wait', kind: 'warning' } };
      }
    },
  },
  {
    ...common,
    name: 'revoke',
    path: '/accounts/:id/grants/:client/revoke',
    subject: clientName,
    async act(visit) {
      const client = encodeURIComponent(visit.params.client ?? '');
      await visit.rest.call('DELETE', `${at(visit)}/grants/${client}`);
      return done(visit, 'revoked');
    },
  },
  {
    ...common,
    own,
    name: 'delete',
    path: '/accounts/:id/delete',
    fresh: true,
    async act(visit) {
      await visit.rest.call('DELETE', at(visit));
      return { go: '/dashboard/accounts', flash: { key: 'accounts.deleted' } };
    },
  },
];

export const accountActs = acts.flatMap(actPages);
