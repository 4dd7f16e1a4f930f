import type { RouterContext } from '@koa/router';
import type { Account } from '../accounts/account.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Tickets } from '../accounts/tickets.ts';
import type { FindSignedIn } from '../oidc/signed-in.ts';
import type { AccountForms } from './account-form.ts';
import type { LoginModel } from './models.ts';
import type { PageWriter } from './pages.ts';
import type { SignIn } from './sign-in.ts';

export interface VisitorParts {
  issuer: string;
  /** The path that everything is served below, such as `/auth`, or empty. */
  base: string;
  accounts: Accounts;
  tickets: Tickets;
  signedIn: FindSignedIn;
  signIn: SignIn;
  forms: AccountForms;
  pages: PageWriter;
}

/** Somebody who looks at their account. */
export interface Visitor {
  accountId: string;
  email: string;
}

export interface Visitors {
  /** Who is signed in, to applications or to these pages alone. */
  find(ctx: RouterContext): Promise<Visitor | undefined>;
  /** The form to sign in with. */
  ask(ctx: RouterContext): Promise<void>;
  /** Takes that form; when it is right the browser goes back to where it was. */
  signIn(ctx: RouterContext, posted: { form: URLSearchParams; own: boolean }): Promise<void>;
}

/** Seconds that a sign-in to these pages alone lasts. Applications know nothing of it. */
const LASTS = 900;

export function createVisitors(parts: VisitorParts): Visitors {
  const { issuer, base, accounts, tickets, signedIn, forms, pages } = parts;
  const secure = issuer.startsWith('https:');
  const name = secure ? '__Host-account' : 'account';
  const cookie = (ctx: RouterContext) => (key: string) => ctx.cookies.get(key, { signed: false });

  async function ask(ctx: RouterContext, more: Partial<LoginModel> = {}, status = 200) {
    ctx.status = status;
    const forgotHref = `${base}/account/forgot`;
    const csrf = forms.token(ctx);
    const model = { action: ctx.URL.pathname, csrf, forgotHref, alone: true, ...more };
    await pages.write(ctx, 'login', undefined, model);
  }

  const active = (account: Account | undefined) => (account?.disabled ? undefined : account);

  return {
    async find(ctx) {
      const value = cookie(ctx)(name);
      const accountId =
        (value && (await tickets.look('account', value))?.account) || (await signedIn(cookie(ctx)));
      if (!accountId) return undefined;
      const account = active(await accounts.find(accountId));
      return account && { accountId, email: account.email };
    },
    ask: (ctx) => ask(ctx),
    async signIn(ctx, { form, own }) {
      const email = form.get('email') ?? '';
      const password = form.get('password') ?? '';
      if (!own) return ask(ctx, { email, error: 'form_expired' }, 403);
      if (!email || !password) return ask(ctx, { email, error: 'missing' }, 422);
      const who = await parts.signIn(ctx, email, password);
      if ('retryAfter' in who) {
        ctx.set('Retry-After', String(who.retryAfter));
        return ask(ctx, { email, error: who.error, retryAfter: who.retryAfter }, 429);
      }
      if ('error' in who) return ask(ctx, { email, error: who.error }, 422);
      const account = active(await accounts.find(who.accountId));
      if (!account) return ask(ctx, { email, error: 'account_disabled' }, 403);
      const about = { account: who.accountId, email: account.email };
      ctx.cookies.set(name, await tickets.issue('account', account, about, LASTS), {
        httpOnly: true,
        sameSite: 'lax',
        secure,
        signed: false,
        overwrite: true,
        maxAge: LASTS * 1000,
      });
      ctx.status = 303;
      ctx.redirect(ctx.URL.pathname);
    },
  };
}
