/**
 * The server: everything is made here and handed to what needs it, on one screen. Nothing else in
 * `src` knows how the parts are put together.
 */
import type { RequestListener } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';
import compose from 'koa-compose';
import { createAccounts } from './accounts/accounts.ts';
import { createPasswords } from './accounts/passwords.ts';
import { createApi } from './api/api.ts';
import { createClients } from './clients/clients.ts';
import { createResources } from './clients/resources.ts';
import type { Config } from './config/schema.ts';
import { ensureAdministration } from './first-start.ts';
import type { Log } from './lib/log.ts';
import { createVault } from './lib/seal.ts';
import { under } from './lib/under.ts';
import { createAdapterFactory } from './oidc/adapter.ts';
import { createEngineClients } from './oidc/client.ts';
import { logEvents } from './oidc/events.ts';
import { createInteractions } from './oidc/interactions.ts';
import { loadSigningKeys } from './oidc/keys.ts';

import { createProvider, programPaths } from './oidc/provider.ts';
import { apiScopes, tokenChecker } from './oidc/tokens.ts';
import type { Store } from './store/store.ts';
import { assetRoutes } from './web/assets.ts';
import { constantDocuments } from './web/constant.ts';
import { createCsrf } from './web/csrf.ts';
import { enginePages } from './web/engine-pages.ts';
import { healthRoutes } from './web/health.ts';
import { interactionRoutes } from './web/interaction.ts';
import { basePath, pinToIssuer, withinIssuer } from './web/issuer.ts';
import { createPageWriter } from './web/pages.ts';
import type { Renderer } from './web/render.ts';
import { correlate, showErrors } from './web/requests.ts';
import { securityHeaders } from './web/security-headers.ts';

/** What a server is made of besides its configuration. */
export interface Surroundings {
  store: Store;
  log: Log;
  renderer: Renderer;
  /** Told to the operator once, on the terminal and not in the log. */
  announce(sentence: string): void;
}

export interface Server {
  /** Answers requests; give it to `http.createServer`. */
  callback: RequestListener;
  /** Lets go of what was made here; the store is the caller's. */
  close(): void;
}

/** @throws {OpenError} when the store and the configuration do not fit together */
export async function createServer(
  config: Config & { secrets_key: string },
  around: Surroundings,
): Promise<Server> {
  const { store, log, renderer } = around;
  const { issuer } = config;
  const api = `${issuer}/api/v1`;
  const vault = createVault(config.secrets_key);
  const keys = await loadSigningKeys(store, vault);

  const toEngine = createEngineClients(vault);
  const accounts = createAccounts(store, createPasswords(config.passwords), config.passwords);
  const resources = createResources(store, {
    identifier: api,
    name: 'Clientele administration',
    scopes: apiScopes,
  });
  const clients = createClients(store, vault, async (clientId, client) => {
    await provider.Client.validate(toEngine(clientId, client) as never);
  });

  const pages = createPageWriter(renderer, clients, issuer, log);
  const provider = createProvider({
    config,
    keys,
    clients,
    accounts,
    resources,
    adapter: createAdapterFactory(store, vault, async (clientId) => {
      const client = await clients.find(clientId);
      return client && toEngine(clientId, client);
    }),
    pages: enginePages(pages),
  });
  logEvents(provider, log);
  await ensureAdministration({
    config,
    store,
    accounts,
    clients,
    resources,
    announce: around.announce,
  });

  const router = new Router();
  healthRoutes(router, store);
  assetRoutes(router, renderer.assets);
  const serverScopes = new Set(['openid', 'offline_access', ...Object.keys(config.claims)]);
  const interactions = createInteractions(provider, resources, serverScopes);
  const csrf = createCsrf(vault.derive('csrf'));
  interactionRoutes(router, { interactions, accounts, resources, csrf, pages });

  const constants = constantDocuments(
    ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server', '/jwks'],
    basePath(issuer),
  );
  const app = new Koa({ proxy: config.http.trust_proxy, maxIpsCount: 1 });
  for (const part of [app, provider]) pinToIssuer(part, issuer);
  app.use(withinIssuer(issuer));
  app.use(constants.keep);
  app.use(correlate());
  app.use(securityHeaders({ issuer, programs: new Set(programPaths) }));
  app.use(showErrors(pages, log));
  const checkToken = tokenChecker(provider, clients, accounts, api);
  app.use(createApi({ issuer, clients, accounts, resources, log, checkToken }));
  app.use(
    under(
      ['/interaction/', '/assets/', '/health/', '/favicon.ico'],
      router.routes() as unknown as Koa.Middleware,
    ),
  );
  app.use(compose(provider.middleware as Koa.Middleware[]));

  const answer = app.callback();
  return {
    callback(request, response) {
      store.renew();
      if (!constants.serve(request, response)) void answer(request, response);
    },
    close() {
      clients.close();
      resources.close();
    },
  };
}
