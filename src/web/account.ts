/**
 * Pages and e-mails by which people keep their way into their account: a new password instead of a
 * forgotten one, and an address that is verified to be theirs.
 */
import type Router from '@koa/router';
import type { Accounts } from '../accounts/accounts.ts';
import type { Recovery } from '../accounts/recovery.ts';
import type { Tickets } from '../accounts/tickets.ts';
import type { Config } from '../config/schema.ts';
import type { Interactions } from '../oidc/interactions.ts';
import type { Sessions } from '../oidc/sessions.ts';
import { forgotRoutes } from './account-forgot.ts';
import { createAccountForms } from './account-form.ts';
import { type AllowMail, createLetters } from './account-letters.ts';
import { linkRoutes } from './account-links.ts';
import { createVerification, type Verification } from './account-verification.ts';
import type { Csrf } from './csrf.ts';
import { basePath } from './issuer.ts';
import type { Mailer } from './mail.ts';
import type { PageWriter } from './pages.ts';

export interface AccountParts {
  config: Config;
  accounts: Accounts;
  recovery: Recovery;
  tickets: Tickets;
  sessions: Sessions;
  interactions: Interactions;
  mailer: Mailer;
  csrf: Csrf;
  pages: PageWriter;
  /** Absent: one e-mail a minute to each address is all that is limited. */
  allow?: AllowMail | undefined;
}

/** @returns what the sign-in asks before it goes on */
export function accountRoutes(router: Router, parts: AccountParts): Verification {
  const { config, csrf } = parts;
  const { issuer, ttl, mail, passwords } = config;
  const shared = {
    ...parts,
    ttl,
    base: basePath(issuer),
    forms: createAccountForms(csrf, issuer),
    letters: createLetters({ ...parts, issuer, ttl }),
  };
  forgotRoutes(router, shared);
  linkRoutes(router, { ...shared, minLength: passwords.min_length });
  return createVerification({ ...shared, mode: mail.verification });
}
