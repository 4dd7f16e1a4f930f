import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import { epoch } from '../lib/time.ts';
import type { Approvals } from '../oidc/approvals.ts';
import type { PendingApprovals } from '../oidc/pending-approvals.ts';
import type { AccountForms } from './account-form.ts';
import type { Visitor, Visitors } from './account-visitor.ts';
import type { Approval, ApprovalForm } from './approval-form.ts';
import type { PageWriter } from './pages.ts';

export interface RequestsParts {
  /** The path that everything is served below, such as `/auth`, or empty. */
  base: string;
  approvals: Approvals;
  pending: PendingApprovals;
  approvalForm: ApprovalForm;
  visitors: Visitors;
  forms: AccountForms;
  pages: PageWriter;
}

/**
 * The list of back-channel requests (CIBA) that wait for the person who looks, and each of them. It
 * needs no e-mail: to sign in is enough to see them, and it takes the password again to allow one.
 */
export function requestsRoutes(router: Router, parts: RequestsParts): void {
  const { base, approvals, pending, approvalForm, visitors, forms, pages } = parts;
  const listHref = `${base}/account/requests`;

  async function list(ctx: RouterContext, { accountId, email }: Visitor) {
    const waiting = (await pending.of(accountId)).map(async ({ key, id, expires }) => {
      const open = await approvals.find(id);
      if (open?.accountId !== accountId) return [];
      const client = await pages.brandOf(open.clientId);
      return [
        {
          href: `${listHref}/${key}`,
          name: client?.client_name,
          bindingMessage: open.bindingMessage,
          expiresIn: Math.max(0, expires - epoch()),
        },
      ];
    });
    const requests = (await Promise.all(waiting)).flat();
    await pages.write(ctx, 'requests', undefined, { email, requests });
  }

  async function find({ accountId, email }: Visitor, key: string): Promise<Approval | undefined> {
    const found = await pending.look(accountId, key);
    const open = found && (await approvals.find(found.id));
    if (!found || open?.accountId !== accountId) return undefined;
    const action = `${listHref}/${key}`;
    return { id: found.id, open, accountId, email, action, ticket: key, listHref };
  }

  async function gone(ctx: RouterContext) {
    ctx.status = 410;
    await pages.write(ctx, 'link-invalid', undefined, { purpose: 'approve', listHref });
  }

  router.get('/account/requests', async (ctx) => {
    const visitor = await visitors.find(ctx);
    return visitor ? list(ctx, visitor) : visitors.ask(ctx);
  });

  router.get('/account/requests/:key', async (ctx) => {
    const visitor = await visitors.find(ctx);
    if (!visitor) return visitors.ask(ctx);
    const approval = await find(visitor, String(ctx.params.key));
    return approval ? approvalForm.show(ctx, approval) : gone(ctx);
  });

  router.post('/account/requests', async (ctx) => visitors.signIn(ctx, await forms.read(ctx)));

  router.post('/account/requests/:key', async (ctx) => {
    const posted = await forms.read(ctx);
    // The form to sign in with stands at every address here; this one decides about nothing.
    if (posted.form.has('email')) return visitors.signIn(ctx, posted);
    const visitor = await visitors.find(ctx);
    if (!visitor) return visitors.ask(ctx);
    const approval = await find(visitor, String(ctx.params.key));
    return approval ? approvalForm.decide(ctx, approval, posted, () => gone(ctx)) : gone(ctx);
  });
}
