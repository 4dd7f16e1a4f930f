import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import type { Accounts } from '../accounts/accounts.ts';
import type { Resources } from '../clients/resources.ts';
import { readBody } from '../lib/body.ts';
import type { Choice, Interactions, OpenInteraction } from '../oidc/interactions.ts';
import type { Verification } from './account-verification.ts';
import type { Csrf } from './csrf.ts';
import type { LoginErrorCode } from './models.ts';
import type { PageWriter } from './pages.ts';
import { boxValue, scopeBoxes } from './scope-boxes.ts';
import type { SignIn } from './sign-in.ts';

export interface InteractionParts {
  interactions: Interactions;
  accounts: Accounts;
  signIn: SignIn;
  verification: Verification;
  /** Where a forgotten password is replaced, without the interaction to come back to. */
  forgotPath: string;
  /** Whether people make accounts themselves. */
  signUp: boolean;
  resources: Resources;
  csrf: Csrf;
  pages: PageWriter;
}

/** A login or consent form is far smaller. */
const FORM_LIMIT = 16_384;

/** What HTTP says of a sign-in that did not succeed; of the others it is 422. */
const statuses: Partial<Record<LoginErrorCode, number>> = {
  form_expired: 403,
  too_many_attempts: 429,
};

/**
 * The pages between an authorization request and its answer. A page never knows the next one: each
 * step goes back to the authorization endpoint, which decides what is still missing.
 */
export function interactionRoutes(router: Router, parts: InteractionParts): void {
  const { interactions, accounts, signIn, verification, resources, csrf, pages } = parts;

  async function login(
    ctx: RouterContext,
    open: OpenInteraction,
    error?: LoginErrorCode,
    email?: string,
    retryAfter?: number,
  ) {
    if (error) ctx.status = statuses[error] ?? 422;
    if (retryAfter !== undefined) ctx.set('Retry-After', String(retryAfter));
    const typed = email ?? open.loginHint;
    const action = ctx.URL.pathname;
    const forgotHref = `${parts.forgotPath}?${new URLSearchParams({ interaction: open.uid })}`;
    const notice =
      ctx.query.notice === 'password_changed' && !error ? 'password_changed' : undefined;
    // A device waits elsewhere; there is nothing to go back to.
    const returns = open.redirectUri !== undefined;
    const signUpHref = parts.signUp ? `${action}/sign-up` : undefined;
    const links = { returns, forgotHref, signUpHref };
    const form = { action, csrf: csrf.token(open.uid), email: typed, ...links };
    const said = { error, retryAfter, notice } as const;
    await pages.write(ctx, 'login', open.clientId, { ...form, ...said }, open.uiLocales);
  }

  async function consent(ctx: RouterContext, open: OpenInteraction, error?: 'form_expired') {
    if (error) ctx.status = 403;
    const account = open.accountId && (await accounts.find(open.accountId));
    const model = {
      action: ctx.URL.pathname,
      csrf: csrf.token(open.uid),
      account: {
        name: account ? account.claims.name : undefined,
        email: account ? account.email : '',
      },
      redirectUri: open.redirectUri,
      ...(await scopeBoxes(resources, open, true, pages.localeOf(ctx, open.uiLocales))),
      error,
    };
    await pages.write(ctx, 'consent', open.clientId, model, open.uiLocales);
  }

  async function submitLogin(ctx: RouterContext, open: OpenInteraction, form: URLSearchParams) {
    const email = form.get('email')?.trim() ?? '';
    const password = form.get('password') ?? '';
    if (!csrf.valid(open.uid, form.get('csrf') ?? undefined))
      return login(ctx, open, 'form_expired', email);
    if (form.has('cancel')) return goOn(ctx, interactions.abort(ctx.req, ctx.res));
    if (!email || !password) return login(ctx, open, 'missing', email);
    const who = await signIn(ctx, email, password);
    if (!('accountId' in who))
      return login(ctx, open, who.error, email, 'retryAfter' in who ? who.retryAfter : undefined);
    const remember = form.has('remember');
    return (await verification.admits(ctx, open, who.accountId, remember))
      ? goOn(ctx, interactions.login(ctx.req, ctx.res, who.accountId, remember))
      : goOn(ctx, Promise.resolve(ctx.URL.pathname));
  }

  async function submitConsent(ctx: RouterContext, open: OpenInteraction, form: URLSearchParams) {
    if (!csrf.valid(open.uid, form.get('csrf') ?? undefined))
      return consent(ctx, open, 'form_expired');
    if (form.get('decision') !== 'allow') return goOn(ctx, interactions.abort(ctx.req, ctx.res));
    const [scopes, claims] = ['scope', 'claim'].map((name) => new Set(form.getAll(name)));
    const choice: Choice = {
      scope: (one) => scopes?.has(boxValue(one)) === true,
      claim: (name) => claims?.has(name) === true,
    };
    return goOn(ctx, interactions.consent(ctx.req, ctx.res, choice));
  }

  async function goOn(ctx: RouterContext, address: Promise<string>) {
    ctx.redirect(await address);
    ctx.status = 303;
  }

  const prompts: Readonly<Record<string, { show: typeof login; submit: typeof submitLogin }>> = {
    login: { show: (ctx, open) => login(ctx, open), submit: submitLogin },
    consent: { show: (ctx, open) => consent(ctx, open), submit: submitConsent },
    // Who has an account already signs in with it, from a link on the page.
    create: {
      show: (ctx, open) =>
        'sign_in' in ctx.query
          ? login(ctx, open)
          : goOn(ctx, Promise.resolve(`${ctx.URL.pathname}/sign-up`)),
      submit: submitLogin,
    },
  };

  router.get('/interaction/:uid', async (ctx) => {
    const open = await interactions.find(ctx.req, ctx.res, ctx.params.uid as string);
    if (await verification.show(ctx, open)) return;
    await prompts[open.prompt]?.show(ctx, open);
  });

  router.post('/interaction/:uid', async (ctx) => {
    const open = await interactions.find(ctx.req, ctx.res, ctx.params.uid as string);
    const form = new URLSearchParams(await readBody(ctx.req, FORM_LIMIT));
    if (await verification.submit(ctx, open, form)) return;
    await prompts[open.prompt]?.submit(ctx, open, form);
  });
}
