import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import type { Log } from '../lib/log.ts';
import { epoch } from '../lib/time.ts';
import type { Answers } from './answers.ts';
import type { Forms } from './forms.ts';
import type { Frame } from './frame.ts';
import { isWaiting, shownAt, waitingAt } from './once.ts';
import { DASHBOARD_CLIENT } from './own-client.ts';
import type { File, Go, Page, View, Visit } from './page.ts';
import { Refused } from './rest.ts';
import type { SignIn } from './sign-in.ts';
import type { Workbench } from './try/workbench.ts';
import { sparing, type Visitor, type Visits } from './visits.ts';

/** Seconds for which a password, once given, opens what is dangerous. */
const FRESH = 5 * 60;
/** Seconds by which the clock of another machine may be ahead; one that was set back is further off. */
const AHEAD = 60;

/** Whether the person has shown who they are within the last minutes. */
function isFresh(authTime: number): boolean {
  const age = epoch() - authTime;
  return age >= -AHEAD && age <= FRESH;
}

/** Whether a page is about the client that the dashboard itself is. */
const isOwn = ({ path }: Page, { id }: Readonly<Record<string, string>>) =>
  path.startsWith('/clients/:id') && id === DASHBOARD_CLIENT;

interface MountParts {
  issuer: string;
  base: string;
  log: Log;
  forms: Forms;
  answers: Answers;
  visits: Visits;
  frame: Frame;
  signIn: SignIn;
  /** The tries of a session, whose requests come from this address. */
  workbench(session: string, ip: string): Workbench;
}

export function mountPages(router: Router, pages: readonly Page[], parts: MountParts): void {
  const { base, log, forms, answers, visits, frame, signIn } = parts;

  const show = (ctx: RouterContext, visitor: Visitor, view: View) =>
    frame.show(ctx as never, view, { ...visitor, csrf: forms.token(visitor.session) });

  const sorry = (ctx: RouterContext, visitor: Visitor, status: number, reason: string, more = {}) =>
    show(ctx, visitor, { view: 'sorry', status, model: { reason, id: ctx.state.id, ...more } });

  async function answer(ctx: RouterContext, visitor: Visitor, made: View | Go | File) {
    if ('go' in made) {
      const { go, flash, once: values } = made;
      const once = values && waitingAt(go, values);
      await visits.keep(visitor, { ...(flash && { flash }), ...(once && { once }) });
      ctx.status = 303;
      ctx.redirect(base + go);
      ctx.status = 303;
      return;
    }
    if ('type' in made) {
      ctx.set({ 'Cache-Control': 'no-store', ...made.headers });
      ctx.status = made.status ?? 200;
      ctx.type = made.type;
      if (made.name) ctx.attachment(made.name);
      ctx.body = made.body;
      return;
    }
    show(ctx, visitor, made);
    // Said, and gone; what another page is to show waits for it.
    const { flash, once } = visitor.session;
    const waits = once && isWaiting(once, ctx.path);
    if (flash || (once && !waits)) await visits.keep(visitor, { ...(waits && { once }) });
  }

  const opened = new Set(pages.filter(({ method }) => method === 'get').map(({ path }) => path));

  /** The page that a form stands on: its own address, or the next one above it that can be opened. */
  function standsOn({ path }: Page, address: string): string {
    const parts = path.split('/');
    while (!opened.has(parts.join('/'))) parts.pop();
    return address
      .split('/')
      .slice(0, parts.length + 1)
      .join('/');
  }

  /** What was posted is lost only to who was away for longer than the session lasts. */
  const askWho = (ctx: RouterContext, page: Page) =>
    page.method === 'get'
      ? signIn.start(ctx as never, ctx.url)
      : signIn.start(ctx as never, standsOn(page, ctx.path), { lost: true });

  for (const page of pages) {
    router[page.method](`/dashboard${page.path}`, async (ctx: RouterContext) => {
      const found = await visits.of(ctx as never);
      const visitor = found && isOwn(page, ctx.params) ? sparing(found) : found;
      if (!visitor) return askWho(ctx, page);
      if (!visitor.scopes.has(page.scope)) {
        return sorry(ctx, visitor, 403, visitor.own ? 'own' : 'forbidden');
      }

      const form =
        page.method === 'post' ? await forms.read(ctx, visitor.session) : new URLSearchParams();
      if (!form) return sorry(ctx, visitor, 403, 'foreign');
      // Asked for at the page before the act, so that nothing that was filled in is lost.
      if (page.fresh && !isFresh(visitor.session.authTime)) {
        const from = page.method === 'get' ? ctx.url : form.get('from');
        const lost = page.method === 'post';
        return signIn.start(ctx as never, from ?? '/dashboard', {
          fresh: true,
          ...(lost && { lost }),
        });
      }

      const locale = frame.localeOf(ctx as never);
      const visit: Visit = {
        params: ctx.params as Record<string, string>,
        query: ctx.URL.searchParams,
        form,
        rest: visitor.rest,
        issuer: parts.issuer,
        session: visitor.session,
        once: shownAt(ctx.path, visitor.session.once),
        tries: parts.workbench(visitor.id, ctx.ip),
        may: (scope) => visitor.scopes.has(scope),
        locale,
        text: (key, parameters) => frame.text(locale, key, parameters),
        id: ctx.state.id,
      };
      try {
        const act = () => page.handle(visit);
        const made =
          page.method === 'post' ? await answers.once(`${ctx.path} ${form}`, act) : await act();
        if (!made) return sorry(ctx, visitor, 409, 'unfinished');
        await answer(ctx, visitor, made);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        // The grant was ended elsewhere: a new password, a device signed out.
        if (error.status === 401) {
          await visits.end(visitor);
          return askWho(ctx, page);
        }
        if (error.status >= 500) log.error({ err: error, id: ctx.state.id }, 'dashboard failed');
        const { code, title, message, errors } = error;
        return sorry(ctx, visitor, error.status, 'refused', {
          code,
          title,
          detail: message,
          errors,
        });
      }
    });
  }
}
