/**
 * The server: everything is made here and handed to what needs it, on one screen. Nothing else in
 * `src` knows how the parts are put together.
 */
import type { RequestListener } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';
import { createAccounts } from './accounts/accounts.ts';
import { createConsents } from './accounts/consents.ts';
import { createPasswords } from './accounts/passwords.ts';
import { createTickets } from './accounts/tickets.ts';
import { offerApi } from './api/offer.ts';
import { createClientRules } from './client-gate.ts';
import { createClients } from './clients/clients.ts';
import { createResources } from './clients/resources.ts';
import { createUsage } from './clients/usage.ts';
import type { Origins } from './config/load.ts';
import type { Config } from './config/schema.ts';
import { listSettings } from './config/settings.ts';
import { offerDashboard } from './dashboard/offer.ts';
import { ensureAdministration } from './first-start.ts';
import { byPath, everywhere, under } from './lib/by-path.ts';
import type { Log } from './lib/log.ts';
import { createVault } from './lib/seal.ts';
import { createLimits } from './limits.ts';
import { completeLogout } from './logout.ts';
import { observe } from './observers.ts';
import { acceptClient } from './oidc/accept-client.ts';
import { createAdapterFactory } from './oidc/adapter.ts';
import { loadClaimsModule } from './oidc/claims-module.ts';
import { createEngineClients } from './oidc/client.ts';
import { clientEnder } from './oidc/client-artifacts.ts';
import { createClientAttempts } from './oidc/client-attempts.ts';
import { noteThrown } from './oidc/failures/note.ts';
import { createGrants } from './oidc/grants.ts';
import { createTendedKeys } from './oidc/key-schedule.ts';
import { keysCollection } from './oidc/keys.ts';
import { createProvider, programPaths } from './oidc/provider.ts';
import { createSessions } from './oidc/sessions.ts';
import { loadSecrets } from './oidc/stored-secrets.ts';
import { apiScopes, tokenChecker } from './oidc/tokens.ts';
import { createNotifier, offerPeople } from './people-offer.ts';
import { createRegistration } from './registration/registration.ts';
import type { Store } from './store/store.ts';
import { assetRoutes } from './web/assets.ts';
import { brandFinder } from './web/brand.ts';
import { createClientCertificates } from './web/client-certificate.ts';
import { changingDocuments, constantDocuments } from './web/constant.ts';
import { enginePages } from './web/engine-pages.ts';
import { fapiInteractionId } from './web/fapi-interaction-id.ts';
import { healthRoutes } from './web/health.ts';
import { basePath, pinToIssuer, withinIssuer } from './web/issuer.ts';
import { createMailer } from './web/mail.ts';
import { createTransport } from './web/mail-transport.ts';
import { createPageWriter } from './web/pages.ts';
import { postedRequests } from './web/posted-request.ts';
import { protectedResource } from './web/protected-resource.ts';
import { registrationEndpoint } from './web/registration.ts';
import type { Renderer } from './web/render.ts';
import { correlate, showErrors } from './web/requests.ts';
import { securityHeaders } from './web/security-headers.ts';

/** What a server is made of besides its configuration. */
export interface Surroundings {
  store: Store;
  log: Log;
  renderer: Renderer;
  /** Where the values of the configuration come from. */
  origins: Origins;
  /** Told to the operator once, on the terminal and not in the log. */
  announce(sentence: string): void;
}

export interface Server {
  /** Answers requests; give it to `http.createServer`. */
  callback: RequestListener;
  /** Sends the e-mails that wait, then lets go of what was made here; the store is the caller's. */
  close(): Promise<void>;
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
  const limits = createLimits(store, config.limits);
  const certificates = createClientCertificates(config.mtls, log);
  const clientAttempts = createClientAttempts(limits.client);

  const { audit, validator, serverScopes } = createClientRules(config, store);
  const secrets = await loadSecrets(store.collection(keysCollection), vault);
  const keys = await createTendedKeys({ config, store, vault, audit, log });
  const usage = createUsage(store, (error) => log.error({ err: error }, 'usage not written'));
  const consents = createConsents(store, config.ttl.consent);
  const grants = createGrants(store, consents);
  const endClient = clientEnder(store);
  const passwords = createPasswords(config.passwords);
  const accounts = createAccounts(store, passwords, config.passwords);
  const tickets = createTickets(store, vault, async (id) => {
    const account = await accounts.find(id);
    return account?.disabled ? undefined : account;
  });
  const resources = createResources(store, {
    identifier: api,
    name: 'Clientele administration',
    scopes: apiScopes,
  });
  const engineClients = createEngineClients(vault, validator, usage, resources.types.current);
  const clients = createClients({
    store,
    vault,
    audit,
    validator,
    accepts: (clientId, client) => acceptClient(provider, engineClients.toEngine(clientId, client)),
  });

  const registration = createRegistration({
    issuer,
    settings: config.registration,
    store,
    vault,
    audit,
    clients,
    usage,
    log,
    scopes: serverScopes,
    endClient,
  });

  const brand = brandFinder(clients, config.registration.client_id_metadata_documents);
  const pages = createPageWriter(renderer, brand, issuer, log);
  const mailer = createMailer({ transport: createTransport(config.mail), renderer, brand, log });
  const provider = createProvider({
    config,
    keys,
    clients,
    accounts,
    resources,
    consents,
    usage,
    vault,
    log,
    ...secrets,
    adapter: createAdapterFactory(
      store,
      vault,
      clientAttempts.guarded(async (clientId) => {
        return engineClients.serve(clientId, await clients.find(clientId));
      }),
    ),
    limits,
    documents: registration.judge && { judge: registration.judge, limit: limits.registration },
    pages: enginePages(pages, resources),
    languages: renderer.languages.codes,
    notify: createNotifier({ issuer, store, vault, accounts, tickets, mailer, pages }),
    findCertificate: certificates.find,
    addClaims: await loadClaimsModule(config.tokens.claims_module),
  });
  const observers = observe(provider, { config, store, vault, clients, usage, log });
  await Promise.all([clients.prepare(), accounts.prepare()]);
  await ensureAdministration({
    config,
    store,
    accounts,
    clients,
    resources,
    vault,
    announce: around.announce,
  });

  const app = new Koa({ proxy: config.http.trust_proxy, maxIpsCount: 1 });
  const router = new Router();
  healthRoutes(router, store);
  assetRoutes(router, renderer.assets);
  const people = offerPeople({
    config,
    store,
    vault,
    limits,
    provider,
    accounts,
    passwords,
    tickets,
    resources,
    consents,
    audit,
    serverScopes,
    mailer,
    pages,
    log,
  });

  const restApi = offerApi({
    issuer,
    clients,
    accounts,
    resources,
    grants,
    countRefreshTokens: grants.countRefreshTokens,
    endClient,
    sessions: createSessions(store, vault),
    resetEmails: people.resetEmails,
    settings: listSettings(config, around.origins),
    audit,
    registration,
    keys,
    usage,
    statistics: observers.statistics,
    failures: observers.failures,
    config,
    log,
    checkToken: tokenChecker({ provider, clients, accounts, ...secrets }, api, certificates.find),
  });
  const constants = constantDocuments(
    basePath(issuer),
    changingDocuments(keys.jwks, resources.types),
  );
  for (const part of [app, provider]) pinToIssuer(part, issuer);
  const logout = completeLogout({ config, provider, renderer, pages, audit, log });
  // Says what the path is.
  app.use(withinIssuer(issuer));
  app.use(
    byPath([
      constants.keep,
      everywhere(correlate()),
      fapiInteractionId(log),
      ...securityHeaders({ issuer, programs: programPaths }),
      everywhere(showErrors(pages, log, noteThrown(observers.failures))),
      protectedResource(config),
      restApi,
      people.pages,
      under(['/assets/', '/health/', '/favicon.ico'], router.routes() as unknown as Koa.Middleware),
      offerDashboard({ issuer, store, vault, accounts, renderer, log, provider, app }),
      postedRequests('/authorize', basePath(issuer)),
      ...registrationEndpoint(registration, limits.registration, log),
      everywhere(clientAttempts.count),
      ...logout.parts,
    ]),
  );

  const answer = app.callback();
  return {
    callback(request, response) {
      if (!certificates.admit(request, response) || constants.serve(request, response)) return;
      store.renew();
      void answer(request, response);
    },
    async close() {
      for (const part of [keys, registration, logout, mailer, usage, observers]) await part.close();
      for (const part of [limits, clients, resources]) part.close();
    },
  };
}
