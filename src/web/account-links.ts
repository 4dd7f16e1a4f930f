import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import type { Recovery } from '../accounts/recovery.ts';
import type { Ticket, Tickets } from '../accounts/tickets.ts';
import type { Interactions } from '../oidc/interactions.ts';
import type { Sessions } from '../oidc/sessions.ts';
import type { AccountForms } from './account-form.ts';
import type { LinkDoneModel, ResetModel, VerifyModel } from './models.ts';
import type { PageWriter } from './pages.ts';

export interface LinkParts {
  /** The path that everything is served below, such as `/auth`, or empty. */
  base: string;
  /** Characters that a password has at least. */
  minLength: number;
  interactions: Pick<Interactions, 'find'>;
  sessions: Sessions;
  recovery: Recovery;
  tickets: Tickets;
  forms: AccountForms;
  pages: PageWriter;
}

type Done = LinkDoneModel['done'];

const dones: readonly string[] = ['password_changed', 'email_verified'] satisfies Done[];

/**
 * Where the links in e-mails lead. Programs follow links as well, to look for malware or to show a
 * preview: opening one does nothing, only the form behind it consumes the ticket.
 */
export function linkRoutes(router: Router, parts: LinkParts): void {
  const { base, minLength, interactions, sessions, recovery, tickets, forms, pages } = parts;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');

  async function invalid(ctx: RouterContext, purpose: 'reset' | 'verify') {
    ctx.status = 410;
    const againHref = purpose === 'reset' ? `${base}/account/forgot` : undefined;
    await pages.write(ctx, 'link-invalid', undefined, { purpose, againHref });
  }

  async function showReset(
    ctx: RouterContext,
    value: string,
    { client, email, locale }: Ticket,
    error?: ResetModel['error'],
  ) {
    if (error) ctx.status = error === 'form_expired' ? 403 : 422;
    const action = `${base}/account/reset`;
    const model = { action, csrf: forms.token(ctx), ticket: value, email, minLength, error };
    await pages.write(ctx, 'reset', client, model, locale);
  }

  async function showVerify(
    ctx: RouterContext,
    value: string,
    { client, email, locale }: Ticket,
    error?: VerifyModel['error'],
  ) {
    if (error) ctx.status = 403;
    const action = `${base}/account/verify`;
    const model = { action, csrf: forms.token(ctx), ticket: value, email, error };
    await pages.write(ctx, 'verify', client, model, locale);
  }

  /** To the sign-in that it began with, if there was one: there the browser's cookie decides. */
  async function goOn(ctx: RouterContext, { interaction, client, locale }: Ticket, done: Done) {
    if (interaction === undefined) {
      return pages.write(ctx, 'link-done', client, { done }, locale);
    }
    const query = new URLSearchParams({
      ...(client && { client_id: client }),
      ...(locale && { ui_locales: locale }),
    });
    ctx.redirect(`${base}/interaction/${encodeURIComponent(interaction)}/${done}?${query}`);
    ctx.status = 303;
  }

  router.get('/account/reset', async (ctx) => {
    const value = text(ctx.query.ticket);
    const ticket = await tickets.look('reset', value);
    return ticket ? showReset(ctx, value, ticket) : invalid(ctx, 'reset');
  });

  router.post('/account/reset', async (ctx) => {
    const { form, own } = await forms.read(ctx);
    const [value, password] = [text(form.get('ticket')), text(form.get('password'))];
    const ticket = await tickets.look('reset', value);
    if (!ticket) return invalid(ctx, 'reset');
    if (!own) return showReset(ctx, value, ticket, 'form_expired');
    const flaw = recovery.flawOf(password);
    if (flaw) return showReset(ctx, value, ticket, flaw);
    const taken = await tickets.take('reset', value);
    if (!taken || !(await recovery.setPassword(taken, password))) return invalid(ctx, 'reset');
    await sessions.endAll(taken.account);
    return goOn(ctx, taken, 'password_changed');
  });

  router.get('/account/verify', async (ctx) => {
    const value = text(ctx.query.ticket);
    const ticket = await tickets.look('verify', value);
    return ticket ? showVerify(ctx, value, ticket) : invalid(ctx, 'verify');
  });

  router.post('/account/verify', async (ctx) => {
    const { form, own } = await forms.read(ctx);
    const value = text(form.get('ticket'));
    const ticket = await tickets.look('verify', value);
    if (!ticket) return invalid(ctx, 'verify');
    if (!own) return showVerify(ctx, value, ticket, 'form_expired');
    const taken = await tickets.take('verify', value);
    if (!taken || !(await recovery.verify(taken))) return invalid(ctx, 'verify');
    return goOn(ctx, taken, 'email_verified');
  });

  // Below the interaction's own address, since its cookie is sent nowhere else.
  router.get('/interaction/:uid/:done', async (ctx, next) => {
    const { uid = '', done = '' } = ctx.params;
    if (!dones.includes(done)) return next();
    const isOpen = await interactions.find(ctx.req, ctx.res, uid).then(
      () => true,
      (error) => {
        if (error.name === 'SessionNotFound') return false;
        throw error;
      },
    );
    if (isOpen) {
      ctx.redirect(`${base}/interaction/${encodeURIComponent(uid)}?notice=${done}`);
      ctx.status = 303;
      return undefined;
    }
    return pages.write(ctx, 'link-done', text(ctx.query.client_id), { done: done as Done });
  });
}
