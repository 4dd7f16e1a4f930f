import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import { type Account, AccountInput } from '../accounts/account.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Recovery } from '../accounts/recovery.ts';
import type { SignUp, SignUps } from '../accounts/sign-ups.ts';
import type { Tickets } from '../accounts/tickets.ts';
import { readBody } from '../lib/body.ts';
import { Problem } from '../lib/problem.ts';
import type { Interactions, OpenInteraction } from '../oidc/interactions.ts';
import type { Entry } from '../store/store.ts';
import type { AccountForms } from './account-form.ts';
import type { Csrf } from './csrf.ts';
import type { Mailer } from './mail.ts';
import type { SignUpFinishModel, SignUpModel } from './models.ts';
import type { PageWriter } from './pages.ts';
import type { WriteSignUp } from './sign-up-letters.ts';

/** Told of every account that somebody made. @param request the correlation id in the log */
export type NoteSignUp = (
  made: Entry<Account>,
  about: { client?: string | undefined; request: string },
) => Promise<void>;

export interface SignUpParts {
  /** The path that everything is served below, such as `/auth`, or empty. */
  base: string;
  ttl: { email_verification: number };
  /** Characters that a password has at least. */
  minLength: number;
  interactions: Pick<Interactions, 'find' | 'login'>;
  accounts: Pick<Accounts, 'create' | 'get'>;
  recovery: Pick<Recovery, 'flawOf'>;
  signUps: SignUps;
  tickets: Tickets;
  forms: AccountForms;
  writeSignUp: WriteSignUp;
  noteSignUp: NoteSignUp;
  mailer: Mailer;
  csrf: Csrf;
  pages: PageWriter;
}

/** The form is far smaller. */
const FORM_LIMIT = 16_384;

/** Seconds from the new account to the sign-in that it was made in. */
const HAND_OVER = 60;

const text = (value: unknown) => (typeof value === 'string' ? value : '');

/**
 * An account of one's own (Initiating User Registration via OpenID Connect 1.0). Two steps: who it is
 * for, which is answered the same whether or not the address has an account; and behind the link in
 * the e-mail, the password. Who chose the password has read the mail, so nobody can prepare an
 * account for somebody else's address; and only the browser that chose it is signed in.
 */
export function signUpRoutes(router: Router, parts: SignUpParts): void {
  const { base, ttl, minLength, interactions, accounts, recovery, signUps, tickets } = parts;
  const { forms, writeSignUp, noteSignUp, mailer, csrf, pages } = parts;

  const at = (uid: string, rest = '') => `${base}/interaction/${encodeURIComponent(uid)}${rest}`;

  function seeOther(ctx: RouterContext, address: string): void {
    ctx.redirect(address);
    ctx.status = 303;
  }

  /** The sign-in that is asked for an account; somebody who is past it goes back to it. */
  async function openAt(ctx: RouterContext): Promise<OpenInteraction | undefined> {
    const { uid = '' } = ctx.params;
    const open = await interactions.find(ctx.req, ctx.res, uid);
    if (open.prompt !== 'consent') return open;
    seeOther(ctx, at(uid));
    return undefined;
  }

  async function show(ctx: RouterContext, open: OpenInteraction, more: Partial<SignUpModel> = {}) {
    if (more.error) ctx.status = more.error === 'form_expired' ? 403 : 422;
    const model = {
      action: at(open.uid, '/sign-up'),
      csrf: csrf.token(open.uid),
      signInHref: at(open.uid, open.prompt === 'create' ? '?sign_in' : ''),
      email: open.loginHint,
      ...more,
    };
    await pages.write(ctx, 'sign-up', open.clientId, model, open.uiLocales);
  }

  router.get('/interaction/:uid/sign-up', async (ctx) => {
    const open = await openAt(ctx);
    if (open) await show(ctx, open);
  });

  router.post('/interaction/:uid/sign-up', async (ctx) => {
    const open = await openAt(ctx);
    if (!open) return;
    const form = new URLSearchParams(await readBody(ctx.req, FORM_LIMIT));
    const [name, email] = [text(form.get('name')).trim(), text(form.get('email')).trim()];
    const typed = { name, email };
    if (!csrf.valid(open.uid, form.get('csrf') ?? undefined)) {
      return show(ctx, open, { ...typed, error: 'form_expired' });
    }
    if (!AccountInput.safeParse(typed).success || !name) {
      return show(ctx, open, { ...typed, error: 'missing' });
    }
    const model = { email, ttl: ttl.email_verification, backHref: at(open.uid, '/sign-up') };
    await pages.write(ctx, 'sign-up-sent', open.clientId, model, open.uiLocales);
    const locale = pages.localeOf(ctx, open.uiLocales);
    const signUp = { ...typed, client: open.clientId, locale, interaction: open.uid };
    mailer.afterwards(ctx.res, ctx.state.id, () => writeSignUp(signUp, ctx.ip));
  });

  async function invalid(ctx: RouterContext) {
    ctx.status = 410;
    await pages.write(ctx, 'link-invalid', undefined, { purpose: 'sign_up' });
  }

  async function finish(
    ctx: RouterContext,
    value: string,
    { client, email, locale }: SignUp,
    error?: SignUpFinishModel['error'],
  ) {
    if (error) ctx.status = error === 'form_expired' ? 403 : 422;
    const action = `${base}/account/sign-up`;
    const model = { action, csrf: forms.token(ctx), ticket: value, email, minLength, error };
    await pages.write(ctx, 'sign-up-finish', client, model, locale);
  }

  /** Undefined when somebody else has made one with the address meanwhile. */
  const create = ({ email, name }: SignUp, password: string) =>
    accounts.create({ email, name, password, email_verified: true }).catch((error) => {
      if (error instanceof Problem && error.code === 'conflict') return undefined;
      throw error;
    });

  // Programs follow links in e-mails as well: opening one does nothing.
  router.get('/account/sign-up', async (ctx) => {
    const value = text(ctx.query.ticket);
    const signUp = await signUps.look(value);
    return signUp ? finish(ctx, value, signUp) : invalid(ctx);
  });

  router.post('/account/sign-up', async (ctx) => {
    const { form, own } = await forms.read(ctx);
    const [value, password] = [text(form.get('ticket')), text(form.get('password'))];
    const signUp = await signUps.look(value);
    if (!signUp) return invalid(ctx);
    if (!own) return finish(ctx, value, signUp, 'form_expired');
    const flaw = recovery.flawOf(password);
    if (flaw) return finish(ctx, value, signUp, flaw);
    const taken = await signUps.take(value);
    const made = taken && (await create(taken, password));
    if (!made) return invalid(ctx);
    const { interaction, client, email, locale } = signUp;
    await noteSignUp(made, { client, request: ctx.state.id });
    const ticket = { account: made.id, email };
    const handOver = await tickets.issue('signed-up', made.value, ticket, HAND_OVER);
    const query = new URLSearchParams({
      ticket: handOver,
      ...(client && { client_id: client }),
      ui_locales: locale,
    });
    return seeOther(ctx, at(interaction, `/signed-up?${query}`));
  });

  // Below the interaction's own address: its cookie says whether this browser began the sign-in.
  router.get('/interaction/:uid/signed-up', async (ctx) => {
    const { uid = '' } = ctx.params;
    const open = await interactions.find(ctx.req, ctx.res, uid).catch((error) => {
      if (error.name === 'SessionNotFound') return undefined;
      throw error;
    });
    const client = text(ctx.query.client_id) || undefined;
    const made = await tickets.take('signed-up', text(ctx.query.ticket));
    if (!open) return pages.write(ctx, 'link-done', client, { done: 'account_created' });
    if (!made) return seeOther(ctx, at(uid));
    return seeOther(ctx, await interactions.login(ctx.req, ctx.res, made.account, true));
  });
}
