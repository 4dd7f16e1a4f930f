/** The pages that people meet and what those need: sign-in, consent, approvals, forgotten passwords. */
import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { Accounts } from './accounts/accounts.ts';
import type { Consents } from './accounts/consents.ts';
import type { Passwords } from './accounts/passwords.ts';
import { createRecovery } from './accounts/recovery.ts';
import { createSignUps } from './accounts/sign-ups.ts';
import type { Tickets } from './accounts/tickets.ts';
import { accountView } from './accounts/view.ts';
import type { Audit } from './audit/audit.ts';
import type { Resources } from './clients/resources.ts';
import type { Config } from './config/schema.ts';
import type { Log } from './lib/log.ts';
import type { Vault } from './lib/seal.ts';
import { type Limits, mailAllowance } from './limits.ts';
import { createApprovals } from './oidc/approvals.ts';
import { createInteractions } from './oidc/interactions.ts';
import { createPendingApprovals } from './oidc/pending-approvals.ts';
import type { createProvider } from './oidc/provider.ts';
import { createSessions } from './oidc/sessions.ts';
import { signedInFinder } from './oidc/signed-in.ts';
import type { Store } from './store/store.ts';
import { accountRoutes } from './web/account.ts';
import { createLetters } from './web/account-letters.ts';
import { createCsrf } from './web/csrf.ts';
import { deviceQrRoute } from './web/device-qr.ts';
import { interactionRoutes } from './web/interaction.ts';
import { basePath } from './web/issuer.ts';
import { createKnownDevices } from './web/known-device.ts';
import type { Mailer } from './web/mail.ts';
import type { PageWriter } from './web/pages.ts';
import { createResetSender, type ResetSender } from './web/reset-sender.ts';
import { createSignIn } from './web/sign-in.ts';

export interface PeopleParts {
  config: Config;
  store: Store;
  vault: Vault;
  limits: Limits;
  provider: ReturnType<typeof createProvider>;
  accounts: Accounts;
  passwords: Passwords;
  tickets: Tickets;
  resources: Resources;
  consents: Consents;
  audit: Audit;
  serverScopes: ReadonlySet<string>;
  mailer: Mailer;
  pages: PageWriter;
  log: Log;
}

/** The pages, and what sends people the way to a new password, for administrators. */
export interface People {
  routes: Middleware;
  resetEmails: ResetSender;
}

export function createPeople(parts: PeopleParts): People {
  const router = new Router();
  const { config, store, vault, limits, provider, accounts, resources, consents, log } = parts;
  const { audit, mailer, pages, tickets } = parts;
  const { issuer, passwords } = config;
  const offer = { scopes: parts.serverScopes, claims: config.claims };
  const interactions = createInteractions(provider, resources, consents, offer);
  const csrf = createCsrf(vault.derive('csrf'));
  const devices = createKnownDevices(vault.derive('known-device'), issuer);
  const signIn = createSignIn(accounts, limits.login, devices, log);
  const shared = { accounts, resources, interactions, signIn, csrf, pages };
  const recovery = createRecovery(store, parts.passwords, passwords);
  const allow = mailAllowance(limits);
  const letters = createLetters({ issuer, ttl: config.ttl, recovery, tickets, allow });
  const verification = accountRoutes(router, {
    ...shared,
    config,
    recovery,
    signUps: createSignUps(store, vault),
    tickets,
    letters,
    noteSignUp: (made, { client, request }) =>
      audit.note({
        actor: {
          via: 'account',
          account_id: made.id,
          ...(client && { client_id: client }),
          request,
        },
        action: 'account.create',
        target: `account:${made.id}`,
        after: accountView(made),
      }),
    sessions: createSessions(store, vault),
    approvals: createApprovals({
      provider,
      resources,
      consents,
      offer,
      acrs: config.authentication.acr_values,
      log,
    }),
    pending: createPendingApprovals(store, vault),
    signedIn: signedInFinder(provider),
    mailer,
    allow,
  });
  const forgotPath = `${basePath(issuer)}/account/forgot`;
  const signUp = config.accounts.sign_up === 'on';
  deviceQrRoute(router, issuer);
  interactionRoutes(router, { ...shared, verification, forgotPath, signUp });
  return {
    routes: router.routes() as unknown as Middleware,
    resetEmails: createResetSender({ mail: config.mail, letters, mailer, pages }),
  };
}
