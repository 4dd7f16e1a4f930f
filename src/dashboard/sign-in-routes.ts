import type Router from '@koa/router';
import type { Accounts } from '../accounts/accounts.ts';
import { newId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { scopesOfRoles } from '../oidc/tokens.ts';
import type { Cookies } from './cookies.ts';
import type { Forms } from './forms.ts';
import type { Frame } from './frame.ts';
import type { Sessions } from './sessions.ts';
import { type SignIn, SignInError } from './sign-in.ts';
import type { Visits } from './visits.ts';

interface Parts {
  base: string;
  accounts: Accounts;
  log: Log;
  cookies: Cookies;
  forms: Forms;
  sessions: Sessions;
  signIn: SignIn;
  frame: Frame;
  visits: Visits;
}

/** In and out. */
export function signInRoutes(router: Router, parts: Parts): void {
  const { base, accounts, log, cookies, forms, sessions, signIn, frame, visits } = parts;

  router.get('/dashboard/sign-in', (ctx) => {
    const { to, other } = ctx.query;
    const prompt = other === undefined ? {} : { prompt: 'login' };
    signIn.start(ctx as never, typeof to === 'string' ? to : '/dashboard', prompt);
  });

  router.get('/dashboard/callback', async (ctx) => {
    try {
      const { session, to } = await signIn.finish(ctx as never);
      const account = await accounts.find(session.accountId);
      if (scopesOfRoles(account?.roles ?? []).length === 0) {
        throw new SignInError('no_role', 'an account without a role');
      }
      // The one before ends, so that a session never goes from hand to hand.
      const id = cookies.get(ctx as never, 'session');
      const before = id && (await sessions.find(id));
      if (id) await sessions.end(id);
      const isSame = before && before.accountId === session.accountId;
      const forms = isSame ? before.forms : newId();
      cookies.set(ctx as never, 'session', await sessions.begin({ ...session, forms }));
      ctx.redirect(base + to);
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      log.info(
        { id: ctx.state.id, reason: error.reason, detail: error.message },
        'dashboard.sign_in',
      );
      const model = { reason: error.reason, id: ctx.state.id };
      frame.show(ctx as never, { view: 'sign-in-failed', status: 403, model });
    }
  });

  router.post('/dashboard/sign-out', async (ctx) => {
    const visitor = await visits.of(ctx as never);
    if (visitor) {
      if (!(await forms.read(ctx, visitor.session))) {
        const around = { ...visitor, csrf: forms.token(visitor.session) };
        const model = { reason: 'foreign', id: ctx.state.id };
        return frame.show(ctx as never, { view: 'sorry', status: 403, model }, around);
      }
      cookies.clear(ctx as never, 'session');
      await sessions.end(visitor.id);
    }
    // Not the caller's to choose: another site could otherwise clear the cookie of who is signed in.
    ctx.redirect(visitor ? signIn.logoutAddress(visitor.session) : `${base}/dashboard/signed-out`);
    ctx.status = 303;
  });

  router.get('/dashboard/signed-out', (ctx) => {
    frame.show(ctx as never, { view: 'signed-out', model: {} });
  });
}
