import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import type { Ticket, Tickets } from '../accounts/tickets.ts';
import type { Resources } from '../clients/resources.ts';
import type { Approvals, OpenApproval } from '../oidc/approvals.ts';
import type { Choice } from '../oidc/interactions.ts';
import type { AccountForms } from './account-form.ts';
import type { ApproveModel } from './models.ts';
import type { PageWriter } from './pages.ts';
import { boxValue, scopeBoxes } from './scope-boxes.ts';
import type { SignIn } from './sign-in.ts';

export interface ApproveParts {
  /** The path that everything is served below, such as `/auth`, or empty. */
  base: string;
  approvals: Approvals;
  tickets: Tickets;
  signIn: SignIn;
  resources: Resources;
  forms: AccountForms;
  pages: PageWriter;
}

/** What HTTP says of a decision that is not taken; of the others it is 422. */
const statuses: Partial<Record<NonNullable<ApproveModel['error']>, number>> = {
  form_expired: 403,
  too_many_attempts: 429,
};

/** What is checked in a form. */
function choiceOf(form: URLSearchParams): Choice {
  const [scopes, claims] = [new Set(form.getAll('scope')), new Set(form.getAll('claim'))];
  return { scope: (one) => scopes.has(boxValue(one)), claim: (name) => claims.has(name) };
}

/** A link that is good for something now: what it says, and the request that waits. */
interface Followed {
  value: string;
  ticket: Ticket;
  id: string;
  open: OpenApproval;
}

/**
 * Where a person decides about a back-channel request (CIBA). Opening the link does nothing. To
 * allow takes the password, within the limits of every sign-in; to deny takes the link alone, since
 * it gives nothing away.
 */
export function approveRoutes(router: Router, parts: ApproveParts): void {
  const { base, approvals, tickets, signIn, resources, forms, pages } = parts;

  async function follow(given: unknown): Promise<Followed | undefined> {
    const value = typeof given === 'string' ? given : '';
    const ticket = await tickets.look('approve', value);
    const open = ticket?.request === undefined ? undefined : await approvals.find(ticket.request);
    if (!ticket?.request || open?.accountId !== ticket.account) return undefined;
    return { value, ticket, id: ticket.request, open };
  }

  async function invalid(ctx: RouterContext) {
    ctx.status = 410;
    await pages.write(ctx, 'link-invalid', undefined, { purpose: 'approve' });
  }

  async function show(
    ctx: RouterContext,
    { value, ticket, open }: Followed,
    error?: ApproveModel['error'],
    more: { choice?: Choice; retryAfter?: number | undefined } = {},
  ) {
    const { choice, retryAfter } = more;
    if (error) ctx.status = statuses[error] ?? 422;
    if (retryAfter !== undefined) ctx.set('Retry-After', String(retryAfter));
    const asked = choice
      ? {
          scopes: open.scopes.map((one) => ({ ...one, granted: choice.scope(one) })),
          claims: open.claims.map((one) => ({ ...one, granted: choice.claim(one.claim) })),
        }
      : open;
    const model: Omit<ApproveModel, 'client'> = {
      action: `${base}/account/approve`,
      csrf: forms.token(ctx),
      ticket: value,
      email: ticket.email,
      bindingMessage: open.bindingMessage,
      ...(await scopeBoxes(resources, asked, open.chooses)),
      error,
      retryAfter,
    };
    await pages.write(ctx, 'approve', open.clientId, model, ticket.locale);
  }

  const done = (ctx: RouterContext, { open, ticket }: Followed, allowed: boolean) =>
    pages.write(ctx, 'approve-done', open.clientId, { allowed }, ticket.locale);

  router.get('/account/approve', async (ctx) => {
    const followed = await follow(ctx.query.ticket);
    return followed ? show(ctx, followed) : invalid(ctx);
  });

  router.post('/account/approve', async (ctx) => {
    const { form, own } = await forms.read(ctx);
    const followed = await follow(form.get('ticket'));
    if (!followed) return invalid(ctx);
    const choice = choiceOf(form);
    if (!own) return show(ctx, followed, 'form_expired', { choice });
    const { value, ticket, id } = followed;

    if (form.get('decision') !== 'allow') {
      const taken = await tickets.take('approve', value);
      return taken && (await approvals.deny(id)) ? done(ctx, followed, false) : invalid(ctx);
    }

    const password = form.get('password') ?? '';
    if (!password) return show(ctx, followed, 'missing', { choice });
    const who = await signIn(ctx, ticket.email, password);
    if (!('accountId' in who)) {
      const retryAfter = 'retryAfter' in who ? who.retryAfter : undefined;
      return show(ctx, followed, who.error, { choice, retryAfter });
    }
    const taken = who.accountId === ticket.account && (await tickets.take('approve', value));
    return taken && (await approvals.allow(id, choice)) ? done(ctx, followed, true) : invalid(ctx);
  });
}
