import Router from '@koa/router';
import type { Middleware } from 'koa';
import compose from 'koa-compose';
import type { Accounts } from '../accounts/accounts.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clients } from '../clients/clients.ts';
import type { Resources } from '../clients/resources.ts';
import type { Usage } from '../clients/usage.ts';
import type { Config } from '../config/schema.ts';
import type { Setting } from '../config/settings.ts';
import { TooLargeError } from '../lib/body.ts';
import { lazy } from '../lib/lazy.ts';
import type { Log } from '../lib/log.ts';
import { Problem } from '../lib/problem.ts';
import type { Failures } from '../oidc/failures/failures.ts';
import type { Grants } from '../oidc/grants.ts';
import type { Keys } from '../oidc/keys.ts';
import type { Sessions } from '../oidc/sessions.ts';
import type { Statistics } from '../oidc/statistics.ts';
import type { Checked, Presented } from '../oidc/tokens.ts';
import type { Registration } from '../registration/registration.ts';
import { CursorError, UnavailableError } from '../store/store.ts';
import { authenticator } from './authenticate.ts';
import { openApi } from './openapi.ts';
import type { ResetEmails } from './reset-email.ts';
import { mountRoutes } from './route.ts';
import { allRoutes } from './routes.ts';

export interface ApiParts {
  config: Config;
  issuer: string;
  clients: Clients;
  accounts: Accounts;
  resources: Resources;
  grants: Grants;
  audit: Audit;
  registration: Registration;
  keys: Pick<Keys, 'list' | 'rotate'>;
  usage: Usage;
  /** The options in force, without secrets. */
  settings: readonly Setting[];
  statistics: Pick<Statistics, 'between'>;
  failures: Pick<Failures, 'list'>;
  countRefreshTokens: Grants['countRefreshTokens'];
  /** Ends what belongs to a client that has gone. */
  endClient(clientId: string): Promise<void>;
  sessions: Sessions;
  resetEmails: ResetEmails;
  log: Log;
  /** Who an access token stands for, if it is one for this API and in the right hands. */
  checkToken(presented: Presented): Promise<Checked>;
}

/** What of an error the caller may know. */
function toProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof TooLargeError) return new Problem('too_large', 'Send a smaller body.');
  if (error instanceof CursorError) {
    const errors = [{ pointer: '/after', rule: 'query-parameter', detail: 'is of no page before' }];
    return new Problem('malformed', 'The query has mistakes; each is listed.', { errors });
  }
  if (error instanceof UnavailableError) {
    return new Problem('unavailable', 'Try again in a moment.', {
      headers: { 'Retry-After': '2' },
    });
  }
  return undefined;
}

/** All below `/api/v1`: routes, their document, and errors as RFC 9457 says. */
export function createApi(parts: ApiParts): Middleware {
  const { issuer, checkToken, log } = parts;
  const router = new Router();
  const routes = allRoutes(parts);

  mountRoutes(router, routes, authenticator(`${issuer}/api/v1`, checkToken));

  // Made when it is asked for first: starting need not wait for it.
  const document = lazy(() => JSON.stringify(openApi(routes, issuer)));
  router.get('/api/v1/openapi.json', (ctx) => {
    ctx.type = 'json';
    ctx.body = document();
  });

  const answer = compose([
    router.routes() as unknown as Middleware,
    router.allowedMethods() as unknown as Middleware,
  ]);

  return async (ctx) => {
    try {
      await answer(ctx, async () => {});
      if (ctx.status === 404 && !ctx.body) {
        throw new Problem('not_found', `There is no ${ctx.path}.`);
      }
      if (ctx.status === 405 || ctx.status === 501) {
        throw new Problem('method_not_allowed', `${ctx.path} does not take ${ctx.method}.`);
      }
      // An audit event names the request; here is what it leads to.
      if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
        const { method, path, status } = ctx;
        log.info({ id: ctx.state.id, method, path, status }, 'api request');
      }
    } catch (error) {
      const problem = toProblem(error) ?? new Problem('internal', 'The reason is in the log.');
      if (problem.status >= 500) {
        log.error({ err: error, id: ctx.state.id, path: ctx.path }, 'api request failed');
      }
      ctx.set(problem.headers);
      ctx.set('Cache-Control', 'no-store');
      ctx.status = problem.status;
      ctx.body = JSON.stringify(problem.toBody(ctx.state.id));
      ctx.type = 'application/problem+json';
    }
  };
}
