import { z } from 'zod';
import type { Account } from '../accounts/account.ts';
import { Problem } from '../lib/problem.ts';
import type { Entry } from '../store/store.ts';
import type { ApiParts } from './api.ts';
import { named } from './representation.ts';
import type { Route } from './route.ts';

/** The web's part of it: what writes and sends the e-mail. */
export interface ResetEmails {
  readonly delivery: 'smtp' | 'folder';
  /** Seconds to wait before it may be sent; 0: it is on its way. */
  send(entry: Entry<Account>, by: string, request: string): Promise<number>;
}

const ResetEmail = named(
  'ResetEmail',
  z.strictObject({
    delivery: z
      .enum(['smtp', 'folder'])
      .describe('folder: the e-mail is a file of this server, since mail.smtp_url is not set'),
    email: z.string().describe('Where it goes'),
    possible: z.boolean().describe('false: the account is disabled'),
  }),
);

/**
 * The e-mail by which somebody sets a new password, for those who ask an administrator instead of the
 * sign-in page. The link in it is nobody's to know but theirs.
 */
export function resetEmailRoutes({ accounts, resetEmails, audit }: ApiParts): Route[] {
  const shared = {
    path: '/accounts/{id}/reset-email',
    tag: 'accounts',
    scope: 'accounts:recover',
    response: ResetEmail,
  } as const;
  const { delivery } = resetEmails;
  const show = ({ email, disabled }: Account) => ({ delivery, email, possible: !disabled });

  return [
    {
      ...shared,
      method: 'get',
      summary: 'Whether the e-mail for a new password can be sent to an account, and how',
      status: 200,
      handle: async ({ params }) => ({
        body: show((await accounts.get(params.id as string)).value),
      }),
    },
    {
      ...shared,
      method: 'post',
      summary: 'Send an account the e-mail for a new password',
      status: 202,
      also: ['too_many_requests'],
      handle: async ({ params, actor }) => {
        const entry = await accounts.get(params.id as string);
        const { id, value } = entry;
        if (value.disabled) {
          throw new Problem('conflict', 'The account is disabled. Enable it first.');
        }
        const by = actor.account_id ?? actor.client_id ?? '';
        const wait = await resetEmails.send(entry, by, actor.request ?? '');
        if (wait > 0) {
          throw new Problem(
            'too_many_requests',
            `One was sent a moment ago, or too many were. Wait ${wait} seconds.`,
            { headers: { 'Retry-After': String(wait) } },
          );
        }
        await audit.note({ actor, action: 'account.reset_email', target: `account:${id}` });
        return { body: show(value) };
      },
    },
  ];
}
