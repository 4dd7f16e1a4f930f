/** What each page is told. A page that is not here does not exist. */
import type { ConsentModel } from './consent-models.ts';
import type { DevicePages } from './device-models.ts';

/** What any page may tell of the client: its own metadata, by wire name, each absent when unknown. */
export interface ClientModel {
  readonly client_name?: string | undefined;
  readonly description?: string | undefined;
  readonly client_uri?: string | undefined;
  readonly logo_uri?: string | undefined;
  readonly policy_uri?: string | undefined;
  readonly tos_uri?: string | undefined;
  readonly contacts?: readonly string[] | undefined;
  readonly extra_metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** What every page's model has. */
export interface PageModel {
  /** The relying party the person came from; absent when there is none or it is not known. */
  readonly client?: ClientModel | undefined;
}

/** Why a sign-in did not succeed; each has its sentence under `login.error` in the languages. */
export type LoginErrorCode =
  | 'missing'
  | 'invalid_credentials'
  | 'too_many_attempts'
  | 'account_disabled'
  | 'form_expired';

/** The form posts `csrf, email, password, remember`; the one to cancel posts `csrf, cancel`. */
export interface LoginModel extends PageModel {
  readonly action: string;
  /** Where cancelling posts to; absent: to `action`. */
  readonly cancelAction?: string | undefined;
  /** Whether cancelling leads back to the client; absent: it does. */
  readonly returns?: boolean | undefined;
  readonly csrf: string;
  /** What was typed before, or the login_hint. */
  readonly email?: string | undefined;
  /** Whether "remember this device" is checked; absent: it is. */
  readonly remember?: boolean | undefined;
  readonly error?: LoginErrorCode | undefined;
  /** What has just been done; its sentence stands under `login.notice`. */
  readonly notice?: 'password_changed' | undefined;
  /** Where a forgotten password is replaced; absent: the page has no such link. */
  readonly forgotHref?: string | undefined;
  /** Where an account is made; absent: people cannot. */
  readonly signUpHref?: string | undefined;
  /** With `too_many_attempts`: seconds until another attempt counts. */
  readonly retryAfter?: number | undefined;
  /** Whether nobody came from an application: there is nothing to cancel and nothing to remember. */
  readonly alone?: boolean | undefined;
}

export interface LogoutModel extends PageModel {
  /** The form oidc-provider gives to `logoutSource`: markup, inserted as it is. */
  readonly form: string;
}

export type SignedOutModel = PageModel;

/** Shown while applications are told of the logout; goes on by itself, with a script and without. */
export interface SigningOutModel extends PageModel {
  /** Addresses to load, each in a hidden frame. The policy of the page allows their origins. */
  readonly frames: readonly string[];
  /** Where it goes on; not always http(s), since native applications may register their own scheme. */
  readonly next: string;
}

export interface ErrorModel extends PageModel {
  /** An OAuth error code; an unknown one gets a general text and is not shown. */
  readonly code: string;
  /** The correlation id under which the log tells the rest. */
  readonly id: string;
  readonly time: Date;
}

/** The form posts `csrf, email` and the fields of `keep`. */
export interface ForgotModel extends PageModel {
  readonly action: string;
  readonly csrf: string;
  /** Hidden fields: what the person comes back to. */
  readonly keep: Readonly<Record<string, string>>;
  /** What was typed before, or the login_hint. */
  readonly email?: string | undefined;
  /** Back to the sign-in that it was called from. */
  readonly backHref?: string | undefined;
  readonly error?: 'missing' | 'form_expired' | undefined;
}

/** The same whether or not the address is anybody's. */
export interface ForgotSentModel extends PageModel {
  /** Seconds that the link works. */
  readonly ttl: number;
  readonly backHref?: string | undefined;
}

/** The form posts `csrf, ticket, password`. */
export interface ResetModel extends PageModel {
  readonly action: string;
  readonly csrf: string;
  readonly ticket: string;
  /** Whose password it is. */
  readonly email: string;
  /** Characters that a password has at least. */
  readonly minLength: number;
  readonly error?: 'missing' | 'too_short' | 'too_long' | 'form_expired' | undefined;
}

/** The form posts `csrf, name, email`. */
export interface SignUpModel extends PageModel {
  readonly action: string;
  readonly csrf: string;
  /** Where who has an account signs in. */
  readonly signInHref: string;
  /** What was typed before, or the login_hint. */
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly error?: 'missing' | 'form_expired' | undefined;
}

/** The same whether or not there is an account with the address. */
export interface SignUpSentModel extends PageModel {
  readonly email: string;
  /** Seconds that the link works. */
  readonly ttl: number;
  readonly backHref: string;
}

/** The form posts `csrf, ticket, password`. */
export type SignUpFinishModel = ResetModel;

/** The form posts `csrf, ticket`. */
export interface VerifyModel extends PageModel {
  readonly action: string;
  readonly csrf: string;
  readonly ticket: string;
  readonly email: string;
  readonly error?: 'form_expired' | undefined;
}

/** Shown between password and going on while the address must be verified: `csrf, step` (`again`, `other`). */
export interface VerifyFirstModel extends PageModel {
  readonly action: string;
  readonly csrf: string;
  readonly email: string;
  /** Seconds that the link works. */
  readonly ttl: number;
  readonly notice?: 'sent' | 'wait' | undefined;
  readonly error?: 'form_expired' | undefined;
}

/**
 * A back-channel request (CIBA). The form posts `csrf, ticket, password, decision` (`allow` or `deny`),
 * and a `scope` or `claim` for each checked one; to deny takes no password.
 */
export interface ApproveModel
  extends PageModel,
    Pick<ConsentModel, 'scopes' | 'claims' | 'resources'> {
  readonly action: string;
  readonly csrf: string;
  readonly ticket: string;
  /** Whose approval it is. */
  readonly email: string;
  /** What the other screen shows. */
  readonly bindingMessage?: string | undefined;
  readonly error?: Exclude<LoginErrorCode, 'account_disabled'> | undefined;
  /** With `too_many_attempts`: seconds until another attempt counts. */
  readonly retryAfter?: number | undefined;
}

export interface ApproveDoneModel extends PageModel {
  readonly allowed: boolean;
  /** The list that the request was chosen from; absent: it was reached by a link. */
  readonly listHref?: string | undefined;
}

/** The back-channel requests that wait for the person, the first to expire first. */
export interface RequestsModel extends PageModel {
  /** Whose they are. */
  readonly email: string;
  readonly requests: readonly {
    /** Where it is decided. */
    readonly href: string;
    /** What the client is called. */
    readonly name?: string | undefined;
    readonly bindingMessage?: string | undefined;
    /** Seconds. */
    readonly expiresIn: number;
  }[];
}

/** What following a link led to. */
export interface LinkDoneModel extends PageModel {
  readonly done: 'password_changed' | 'email_verified' | 'account_created';
}

/** A link that was used, has expired, was voided or never was one: it does not say which. */
export interface LinkInvalidModel extends PageModel {
  readonly purpose: 'reset' | 'verify' | 'approve' | 'sign_up';
  /** Where a new one can be asked for; absent for those that come by themselves. */
  readonly againHref?: string | undefined;
  /** The list that it was chosen from. */
  readonly listHref?: string | undefined;
}

/** What every e-mail is told. */
export interface EmailModel extends PageModel {
  /** Where it is sent. */
  readonly email: string;
  /** What the person calls themselves. */
  readonly name?: string | undefined;
  /** The link, which works once. */
  readonly link: string;
  /** Seconds that it works. */
  readonly ttl: number;
}

/** Every e-mail and its model. Each has two templates in `emails/` and a subject in the languages. */
export interface Emails {
  verify: EmailModel;
  reset: EmailModel;
  approve: EmailModel;
  /** To go on with a sign-up. */
  welcome: EmailModel;
  /** A sign-up with an address that has an account: the link is that of `reset`. */
  known: EmailModel;
}

/** Every page and its model. A page elsewhere adds itself by declaration merging. */
export interface Pages extends DevicePages {
  login: LoginModel;
  consent: ConsentModel;
  logout: LogoutModel;
  'signed-out': SignedOutModel;
  'signing-out': SigningOutModel;
  error: ErrorModel;
  forgot: ForgotModel;
  'forgot-sent': ForgotSentModel;
  reset: ResetModel;
  'sign-up': SignUpModel;
  'sign-up-sent': SignUpSentModel;
  'sign-up-finish': SignUpFinishModel;
  verify: VerifyModel;
  'verify-first': VerifyFirstModel;
  approve: ApproveModel;
  'approve-done': ApproveDoneModel;
  requests: RequestsModel;
  'link-done': LinkDoneModel;
  'link-invalid': LinkInvalidModel;
}
