import type { RouterContext } from '@koa/router';
import type { Accounts } from '../accounts/accounts.ts';
import type { Tickets } from '../accounts/tickets.ts';
import type { Config } from '../config/schema.ts';
import type { Interactions, OpenInteraction } from '../oidc/interactions.ts';
import { type Letters, PAUSE } from './account-letters.ts';
import type { Csrf } from './csrf.ts';
import type { Mailer } from './mail.ts';
import type { VerifyFirstModel } from './models.ts';
import type { PageWriter } from './pages.ts';

export interface VerificationParts {
  mode: Config['mail']['verification'];
  ttl: Config['ttl'];
  interactions: Pick<Interactions, 'login'>;
  accounts: Pick<Accounts, 'find'>;
  tickets: Tickets;
  letters: Letters;
  mailer: Mailer;
  csrf: Csrf;
  pages: PageWriter;
}

/** What stands between a right password and going on while the address is not verified. */
export interface Verification {
  /** Sends the e-mail, if one is due. False: the address comes first; show the interaction again. */
  admits(
    ctx: RouterContext,
    open: OpenInteraction,
    accountId: string,
    remember: boolean,
  ): Promise<boolean>;
  /** Answers for an interaction that waits for the address, or answers false. */
  show(ctx: RouterContext, open: OpenInteraction): Promise<boolean>;
  /** Answers what was posted on the page that waits, or answers false. */
  submit(ctx: RouterContext, open: OpenInteraction, form: URLSearchParams): Promise<boolean>;
}

const DAY = 86_400;

export function createVerification(parts: VerificationParts): Verification {
  const { mode, ttl, interactions, accounts, tickets, letters, mailer, csrf, pages } = parts;

  function seeOther(ctx: RouterContext, address: string): true {
    ctx.redirect(address);
    ctx.status = 303;
    return true;
  }

  async function waiting(
    ctx: RouterContext,
    open: OpenInteraction,
    model: Pick<VerifyFirstModel, 'email' | 'notice' | 'error'>,
  ) {
    if (model.error) ctx.status = 403;
    const form = { action: ctx.URL.pathname, csrf: csrf.token(open.uid) };
    const whole = { ...form, ttl: ttl.email_verification, ...model };
    await pages.write(ctx, 'verify-first', open.clientId, whole, open.uiLocales);
    return true;
  }

  /** True when an e-mail is on its way. */
  async function mail(
    ctx: RouterContext,
    open: OpenInteraction,
    accountId: string,
    seconds: number,
    interaction?: string,
  ): Promise<boolean> {
    const account = await accounts.find(accountId);
    if (!account || !(await letters.mayVerify(account, ctx.ip, seconds))) return false;
    const locale = pages.localeOf(ctx, open.uiLocales);
    const at = { ip: ctx.ip, locale, client: open.clientId, interaction };
    mailer.afterwards(ctx.res, ctx.state.id, () => letters.verify(accountId, account, at));
    return true;
  }

  return {
    async admits(ctx, open, accountId, remember) {
      if (mode === 'off') return true;
      const account = await accounts.find(accountId);
      if (!account || account.email_verified) return true;
      if (mode === 'ask') {
        await mail(ctx, open, accountId, DAY);
        return true;
      }
      const ticket = { account: accountId, email: account.email, remember };
      await tickets.issue('sign-in', account, ticket, ttl.interaction, open.uid);
      await mail(ctx, open, accountId, PAUSE, open.uid);
      return false;
    },

    async show(ctx, open) {
      if (mode !== 'require' || open.prompt === 'consent') return false;
      const held = await tickets.look('sign-in', open.uid);
      const account = held && (await accounts.find(held.account));
      if (!held || !account) return false;
      if (!account.email_verified) return waiting(ctx, open, { email: held.email });
      if (!(await tickets.take('sign-in', open.uid))) return false;
      const { req, res } = ctx;
      return seeOther(
        ctx,
        await interactions.login(req, res, held.account, held.remember === true),
      );
    },

    async submit(ctx, open, form) {
      const step = form.get('step');
      const held = step && (await tickets.look('sign-in', open.uid));
      if (!held || mode !== 'require' || open.prompt === 'consent') return false;
      const { email, account } = held;
      if (!csrf.valid(open.uid, form.get('csrf') ?? undefined)) {
        return waiting(ctx, open, { email, error: 'form_expired' });
      }
      if (step !== 'again') {
        await tickets.take('sign-in', open.uid);
        return seeOther(ctx, ctx.URL.pathname);
      }
      const sent = await mail(ctx, open, account, PAUSE, open.uid);
      return waiting(ctx, open, { email, notice: sent ? 'sent' : 'wait' });
    },
  };
}
