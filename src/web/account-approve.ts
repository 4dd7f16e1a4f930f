import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import type { Tickets } from '../accounts/tickets.ts';
import type { Approvals } from '../oidc/approvals.ts';
import type { AccountForms } from './account-form.ts';
import type { Approval, ApprovalForm } from './approval-form.ts';
import type { PageWriter } from './pages.ts';

export interface ApproveParts {
  /** The path that everything is served below, such as `/auth`, or empty. */
  base: string;
  approvals: Approvals;
  approvalForm: ApprovalForm;
  tickets: Tickets;
  forms: AccountForms;
  pages: PageWriter;
}

/**
 * Where the link of an e-mail leads to a back-channel request (CIBA). Opening it does nothing. It is
 * worth something until the request is decided, there or elsewhere.
 */
export function approveRoutes(router: Router, parts: ApproveParts): void {
  const { base, approvals, approvalForm, tickets, forms, pages } = parts;

  async function follow(given: unknown): Promise<Approval | undefined> {
    const value = typeof given === 'string' ? given : '';
    const found = await tickets.look('approve', value);
    const open = found?.request === undefined ? undefined : await approvals.find(found.request);
    if (!found?.request || open?.accountId !== found.account) return undefined;
    return {
      id: found.request,
      open,
      accountId: found.account,
      email: found.email,
      action: `${base}/account/approve`,
      ticket: value,
      locale: found.locale,
    };
  }

  async function invalid(ctx: RouterContext) {
    ctx.status = 410;
    await pages.write(ctx, 'link-invalid', undefined, { purpose: 'approve' });
  }

  router.get('/account/approve', async (ctx) => {
    const followed = await follow(ctx.query.ticket);
    return followed ? approvalForm.show(ctx, followed) : invalid(ctx);
  });

  router.post('/account/approve', async (ctx) => {
    const posted = await forms.read(ctx);
    const followed = await follow(posted.form.get('ticket'));
    if (!followed) return invalid(ctx);
    return approvalForm.decide(ctx, followed, posted, () => invalid(ctx));
  });
}
