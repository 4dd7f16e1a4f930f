/** Logout beyond what the engine does: by frames, by retries, and for pages that ask whether it was. */
import type { Middleware } from 'koa';
import type { Audit } from './audit/audit.ts';
import type { Config } from './config/schema.ts';
import { everywhere, except, type Part } from './lib/by-path.ts';
import type { Log } from './lib/log.ts';
import { retryLogouts } from './oidc/backchannel-logout.ts';
import { browserStateCookie, keepBrowserState } from './oidc/browser-state.ts';
import { frontchannelLogout, includeSids } from './oidc/frontchannel.ts';
import { type createProvider, programPaths } from './oidc/provider.ts';
import { checkSession } from './web/check-session.ts';
import type { PageWriter } from './web/pages.ts';
import type { Renderer } from './web/render.ts';

interface LogoutParts {
  config: Config;
  provider: ReturnType<typeof createProvider>;
  renderer: Renderer;
  pages: PageWriter;
  audit: Audit;
  log: Log;
}

/** The engine with its logout made whole. */
export interface LogoutEngine {
  parts: Part[];
  /** Ends the attempts to tell clients that still go on. */
  close(): Promise<void>;
}

export function completeLogout(parts: LogoutParts): LogoutEngine {
  const { config, provider, renderer, pages, audit, log } = parts;
  const { issuer, logout } = config;
  includeSids(provider);
  const retries = retryLogouts(provider, {
    delays: logout.retry_after,
    log,
    untold: ({ clientId, accountId, request }) =>
      audit.note({
        actor: { via: 'server', account_id: accountId, ...(request !== undefined && { request }) },
        action: 'client.logout.failed',
        target: `client:${clientId}`,
      }),
  });
  return {
    close: retries.close,
    parts: [
      checkSession(issuer, renderer.assets, browserStateCookie(issuer)),
      // Programs have no session.
      except(programPaths, keepBrowserState(provider)),
      frontchannelLogout(provider, '/logout/confirm', (ctx, clientId, farewell) =>
        pages.write(ctx, 'signing-out', clientId, farewell),
      ),
      ...(provider.middleware as Middleware[]).map(everywhere),
    ],
  };
}
