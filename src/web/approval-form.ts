import type { RouterContext } from '@koa/router';
import type { Resources } from '../clients/resources.ts';
import type { Approvals, OpenApproval } from '../oidc/approvals.ts';
import type { Choice } from '../oidc/interactions.ts';
import type { PendingApprovals } from '../oidc/pending-approvals.ts';
import type { AccountForms } from './account-form.ts';
import type { ApproveModel } from './models.ts';
import type { PageWriter } from './pages.ts';
import { boxValue, scopeBoxes } from './scope-boxes.ts';
import type { SignIn } from './sign-in.ts';

export interface ApprovalFormParts {
  approvals: Approvals;
  pending: PendingApprovals;
  signIn: SignIn;
  resources: Resources;
  forms: AccountForms;
  pages: PageWriter;
}

/** A request that waits, and the person who came upon it. */
export interface Approval {
  /** Names it to `Approvals`. */
  id: string;
  open: OpenApproval;
  accountId: string;
  email: string;
  /** Where the form posts to, and the field by which it is found again there. */
  action: string;
  ticket: string;
  /** The language that the person is spoken to in; absent: the browser's. */
  locale?: string | undefined;
  /** Where they go on when it is decided. */
  listHref?: string | undefined;
}

export interface ApprovalForm {
  show(ctx: RouterContext, approval: Approval): Promise<void>;
  /** Does what the form says. @param gone answers when somebody else was faster */
  decide(
    ctx: RouterContext,
    approval: Approval,
    posted: { form: URLSearchParams; own: boolean },
    gone: () => Promise<void>,
  ): Promise<void>;
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

/**
 * The form by which a person decides about a back-channel request (CIBA). To allow takes the
 * password, within the limits of every sign-in; to deny takes no more than to have come there, since
 * it gives nothing away.
 */
export function createApprovalForm(parts: ApprovalFormParts): ApprovalForm {
  const { approvals, pending, signIn, resources, forms, pages } = parts;

  async function show(
    ctx: RouterContext,
    approval: Approval,
    error?: ApproveModel['error'],
    more: { choice?: Choice; retryAfter?: number | undefined } = {},
  ) {
    const { open, action, ticket, email, locale } = approval;
    const { choice, retryAfter } = more;
    if (error) ctx.status = statuses[error] ?? 422;
    if (retryAfter !== undefined) ctx.set('Retry-After', String(retryAfter));
    const asked = choice
      ? {
          ...open,
          scopes: open.scopes.map((one) => ({ ...one, granted: choice.scope(one) })),
          claims: open.claims.map((one) => ({ ...one, granted: choice.claim(one.claim) })),
        }
      : open;
    const model: Omit<ApproveModel, 'client'> = {
      action,
      csrf: forms.token(ctx),
      ticket,
      email,
      bindingMessage: open.bindingMessage,
      ...(await scopeBoxes(resources, asked, open.chooses, pages.localeOf(ctx, locale))),
      error,
      retryAfter,
    };
    await pages.write(ctx, 'approve', open.clientId, model, locale);
  }

  return {
    show: (ctx, approval) => show(ctx, approval),
    async decide(ctx, approval, { form, own }, gone) {
      const { id, open, accountId, email, locale, listHref } = approval;
      const choice = choiceOf(form);
      if (!own) return show(ctx, approval, 'form_expired', { choice });
      const done = (allowed: boolean) =>
        pages.write(ctx, 'approve-done', open.clientId, { allowed, listHref }, locale);

      if (form.get('decision') !== 'allow') {
        return (await pending.take(id)) && (await approvals.deny(id)) ? done(false) : gone();
      }
      const password = form.get('password') ?? '';
      if (!password) return show(ctx, approval, 'missing', { choice });
      const who = await signIn(ctx, email, password);
      if (!('accountId' in who)) {
        const retryAfter = 'retryAfter' in who ? who.retryAfter : undefined;
        return show(ctx, approval, who.error, { choice, retryAfter });
      }
      const taken = who.accountId === accountId && (await pending.take(id));
      return taken && (await approvals.allow(id, choice)) ? done(true) : gone();
    },
  };
}
