import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import type { Interactions } from '../oidc/interactions.ts';
import type { AccountForms } from './account-form.ts';
import type { Letters } from './account-letters.ts';
import type { Mailer } from './mail.ts';
import type { ForgotModel } from './models.ts';
import type { PageWriter } from './pages.ts';

export interface ForgotParts {
  /** The path that everything is served below, such as `/auth`, or empty. */
  base: string;
  ttl: { password_reset: number };
  interactions: Pick<Interactions, 'origin'>;
  forms: AccountForms;
  letters: Letters;
  mailer: Mailer;
  pages: PageWriter;
}

/** Ids of interactions and clients are far shorter. */
const LONGEST_ID = 256;

/**
 * The page of a forgotten password. It answers the same, and at the same pace, whoever the address
 * belongs to: what differs begins when the answer has gone.
 */
export function forgotRoutes(router: Router, parts: ForgotParts): void {
  const { base, ttl, interactions, forms, letters, mailer, pages } = parts;

  /** Where the person comes from: an open interaction, else a client that an application named. */
  async function sourceOf(given: (name: string) => unknown) {
    const one = (name: string) => {
      const value = given(name);
      return typeof value === 'string' && value && value.length <= LONGEST_ID ? value : undefined;
    };
    const [uid, named] = [one('interaction'), one('client_id')];
    const origin = uid === undefined ? undefined : await interactions.origin(uid);
    const open = origin && { interaction: uid as string };
    const client = origin?.clientId ?? named;
    return {
      client,
      interaction: open?.interaction,
      uiLocales: origin?.uiLocales,
      loginHint: origin?.loginHint,
      keep: open ?? (client === undefined ? {} : { client_id: client }),
      backHref: open && `${base}/interaction/${encodeURIComponent(open.interaction)}`,
    };
  }

  async function show(
    ctx: RouterContext,
    source: Awaited<ReturnType<typeof sourceOf>>,
    error?: ForgotModel['error'],
    email: string | undefined = source.loginHint,
  ) {
    if (error) ctx.status = error === 'form_expired' ? 403 : 422;
    const { keep, backHref, client, uiLocales } = source;
    const action = `${base}/account/forgot`;
    const model = { action, csrf: forms.token(ctx), keep, backHref, email, error };
    await pages.write(ctx, 'forgot', client, model, uiLocales);
  }

  router.get('/account/forgot', async (ctx) => {
    await show(ctx, await sourceOf((name) => ctx.query[name]));
  });

  router.post('/account/forgot', async (ctx) => {
    const { form, own } = await forms.read(ctx);
    const source = await sourceOf((name) => form.get(name));
    const email = form.get('email')?.trim() ?? '';
    if (!own) return show(ctx, source, 'form_expired', email);
    if (!email.includes('@')) return show(ctx, source, 'missing', email);
    const { client, interaction, uiLocales, backHref } = source;
    const at = { ip: ctx.ip, locale: pages.localeOf(ctx, uiLocales), client, interaction };
    const model = { ttl: ttl.password_reset, backHref };
    await pages.write(ctx, 'forgot-sent', client, model, uiLocales);
    mailer.afterwards(ctx.res, ctx.state.id, () => letters.reset(email, at));
  });
}
