import type { Accounts } from '../accounts/accounts.ts';
import type { Tickets } from '../accounts/tickets.ts';
import type { Notify } from '../oidc/ciba.ts';
import type { Mailer } from './mail.ts';
import type { PageWriter } from './pages.ts';

/**
 * Tells people by e-mail that a client waits for their approval: a link that works once, for as long
 * as the request does. Another way to tell them is another `Notify`.
 */
export const createMailNotifier =
  (parts: {
    issuer: string;
    accounts: Pick<Accounts, 'find'>;
    tickets: Tickets;
    mailer: Mailer;
    pages: Pick<PageWriter, 'localeOf'>;
  }): Notify =>
  async (ctx, { id, accountId, clientId, expiresIn }) => {
    const { issuer, accounts, tickets, mailer, pages } = parts;
    const account = await accounts.find(accountId);
    if (!account) return;
    const { email, claims } = account;
    // The request is a program's: its languages are not the person's.
    const locale = pages.localeOf({ get: () => '', query: {} }, claims.locale);
    const about = {
      account: accountId,
      email,
      client: clientId,
      // Without one the page asks the browser.
      locale: claims.locale,
      request: id,
    };
    const ticket = await tickets.issue('approve', account, about, expiresIn);
    mailer.afterwards(ctx.res, ctx.state.id, async () => ({
      kind: 'approve',
      locale,
      client: clientId,
      email,
      name: claims.name,
      link: `${issuer}/account/approve?ticket=${ticket}`,
      ttl: expiresIn,
    }));
  };
