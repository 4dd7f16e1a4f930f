/**
 * The dashboard: where administrators live. It is a client of its own server and of nothing else. It
 * signs people in as any relying party does (`sign-in.ts`, authorization code with PKCE), keeps their
 * tokens on the server (`sessions.ts`; the browser has a cookie), and does everything through the REST
 * API in their name (`rest.ts`), over a pipe in memory. So roles, rules, conflicts of two editors and
 * the audit are the API's, once, and what the dashboard can do a program can do too.
 *
 * A page is a declaration (`page.ts`): path, scope, whether it is dangerous, and what makes its model.
 * `mount.ts` is what all pages have in common: session, role, CSRF, step-up, refusals, the frame. Pages
 * are plain HTML forms and links; `dashboard.js` adds comfort and nothing that does not work without.
 * Each topic is a folder here, with its templates below `views/default/dashboard` and its texts in
 * `locales/LANGUAGE/dashboard`; adding one is adding it to `pages.ts` and `navigation.ts`. All of it is
 * loaded when somebody comes (`offer.ts`).
 */
import Router from '@koa/router';
import type Koa from 'koa';
import type { Accounts } from '../accounts/accounts.ts';
import type { Log } from '../lib/log.ts';
import { createLoopback } from '../lib/loopback.ts';
import type { Vault } from '../lib/seal.ts';
import type { TakeAnswer } from '../oidc/authorization-answers.ts';
import { createDeviceApprover } from '../oidc/device-approver.ts';
import type { createProvider } from '../oidc/provider.ts';
import { apiScopes } from '../oidc/tokens.ts';
import type { Store } from '../store/store.ts';
import { basePath } from '../web/issuer.ts';
import type { Renderer } from '../web/render.ts';
import { createAnswers } from './answers.ts';
import type { Cookies } from './cookies.ts';
import { createForms } from './forms.ts';
import { createFrame } from './frame.ts';
import { mountPages } from './mount.ts';
import { allPages } from './pages.ts';
import { createSessions } from './sessions.ts';
import { createSignIn } from './sign-in.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { createCatch } from './try/catch.ts';
import { createTries, type Workbench } from './try/workbench.ts';
import { createVisits } from './visits.ts';

export interface DashboardParts {
  issuer: string;
  cookies: Cookies;
  store: Store;
  vault: Vault;
  accounts: Accounts;
  renderer: Renderer;
  log: Log;
  provider: ReturnType<typeof createProvider>;
  /** The server itself. */
  app: Koa;
}

/** Seconds without a request after which the dashboard asks who it is. */
const IDLE = 30 * 60;

export interface Dashboard {
  /** All paths below `/dashboard`. */
  routes: Koa.Middleware;
  /** The answers to authorization requests that somebody tries here. */
  take: TakeAnswer;
}

export function createDashboard(parts: DashboardParts): Dashboard {
  const { issuer, cookies, vault, store, provider, app } = parts;
  const router = new Router();
  const base = basePath(issuer);
  // By now, when somebody asks, the server has all that it answers with.
  const answer = app.callback();
  const send = createLoopback(
    (request, response) => void answer(request, response),
    new URL(issuer).host,
  );
  const scopes = apiScopes.map(({ name }) => name);
  const forms = createForms(issuer, vault);
  const answers = createAnswers(store, vault);
  const sessions = createSessions(store, vault, IDLE);
  const signIn = createSignIn({ ...parts, base, send, scopes, idle: IDLE });
  const frame = createFrame({ ...parts, base });
  const visits = createVisits({ ...parts, base, send, sessions, signIn });
  signInRoutes(router, { ...parts, base, forms, sessions, signIn, frame, visits });
  const tries = createTries(store, vault);
  const approver = createDeviceApprover(provider);
  const workbench = (session: string, from: string): Workbench => ({
    ...tries(session),
    issuer,
    base,
    approver,
    send: (request) => send({ ...request, from }),
  });
  mountPages(router, allPages(), {
    ...parts,
    base,
    forms,
    answers,
    visits,
    frame,
    signIn,
    workbench,
  });
  return {
    routes: router.routes() as unknown as Koa.Middleware,
    take: createCatch({ issuer, base, cookies, sessions, tries, send }),
  };
}
