/**
 * Pages and e-mails by which people keep their way into their account: a new password instead of a
 * forgotten one, and an address that is verified to be theirs; and those by which they approve what
 * a client asks for without a browser.
 */
import type Router from '@koa/router';
import type { Accounts } from '../accounts/accounts.ts';
import type { Recovery } from '../accounts/recovery.ts';
import type { SignUps } from '../accounts/sign-ups.ts';
import type { Tickets } from '../accounts/tickets.ts';
import type { Resources } from '../clients/resources.ts';
import type { Config } from '../config/schema.ts';
import type { Approvals } from '../oidc/approvals.ts';
import type { Interactions } from '../oidc/interactions.ts';
import type { PendingApprovals } from '../oidc/pending-approvals.ts';
import type { Sessions } from '../oidc/sessions.ts';
import type { FindSignedIn } from '../oidc/signed-in.ts';
import { approveRoutes } from './account-approve.ts';
import { forgotRoutes } from './account-forgot.ts';
import { createAccountForms } from './account-form.ts';
import type { AllowMail, Letters } from './account-letters.ts';
import { linkRoutes } from './account-links.ts';
import { requestsRoutes } from './account-requests.ts';
import { type NoteSignUp, signUpRoutes } from './account-sign-up.ts';
import { createVerification, type Verification } from './account-verification.ts';
import { createVisitors } from './account-visitor.ts';
import { createApprovalForm } from './approval-form.ts';
import type { Csrf } from './csrf.ts';
import { basePath } from './issuer.ts';
import type { Mailer } from './mail.ts';
import type { PageWriter } from './pages.ts';
import type { SignIn } from './sign-in.ts';
import { createSignUpLetters } from './sign-up-letters.ts';

export interface AccountParts {
  config: Config;
  accounts: Accounts;
  recovery: Recovery;
  signUps: SignUps;
  tickets: Tickets;
  sessions: Sessions;
  interactions: Interactions;
  approvals: Approvals;
  pending: PendingApprovals;
  signedIn: FindSignedIn;
  signIn: SignIn;
  resources: Resources;
  letters: Letters;
  noteSignUp: NoteSignUp;
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
  };
  forgotRoutes(router, shared);
  const approvalForm = createApprovalForm(shared);
  approveRoutes(router, { ...shared, approvalForm });
  const visitors = createVisitors({ ...shared, issuer });
  requestsRoutes(router, { ...shared, approvalForm, visitors });
  const minLength = passwords.min_length;
  if (config.accounts.sign_up === 'on') {
    const writeSignUp = createSignUpLetters({ ...shared, issuer });
    signUpRoutes(router, { ...shared, minLength, writeSignUp });
  }
  linkRoutes(router, { ...shared, minLength });
  return createVerification({ ...shared, mode: mail.verification });
}
