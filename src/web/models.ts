/** What each page is told. A page that is not here does not exist. */

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
  readonly csrf: string;
  /** What was typed before, or the login_hint. */
  readonly email?: string | undefined;
  /** Whether "remember this device" is checked; absent: it is. */
  readonly remember?: boolean | undefined;
  readonly error?: LoginErrorCode | undefined;
  /** With `too_many_attempts`: seconds until another attempt counts. */
  readonly retryAfter?: number | undefined;
}

/** One thing a client asks for. `title` and `description` of the standard scopes are translated. */
export interface ScopeModel {
  readonly name: string;
  /** What its checkbox posts as `scope`; absent: the name. */
  readonly value?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** Listed without a checkbox, so never posted. */
  readonly required?: boolean | undefined;
  /** Whether the checkbox is checked at first; absent: it is. */
  readonly checked?: boolean | undefined;
}

/** The form posts `csrf, decision` (`allow` or `deny`) and a `scope` for each checked one. */
export interface ConsentModel extends PageModel {
  readonly action: string;
  readonly csrf: string;
  /** Who is signed in: what the person knows the account by. */
  readonly account: { readonly name?: string | undefined; readonly email: string };
  /** Where the answer is sent; only its host is shown. */
  readonly redirectUri?: string | undefined;
  readonly scopes: readonly ScopeModel[];
  readonly resources?:
    | readonly { readonly name: string; readonly scopes: readonly ScopeModel[] }[]
    | undefined;
  readonly error?: 'form_expired' | undefined;
}

export interface LogoutModel extends PageModel {
  /** The form oidc-provider gives to `logoutSource`: markup, inserted as it is. */
  readonly form: string;
}

export type SignedOutModel = PageModel;

export interface ErrorModel extends PageModel {
  /** An OAuth error code; an unknown one gets a general text and is not shown. */
  readonly code: string;
  /** The correlation id under which the log tells the rest. */
  readonly id: string;
  readonly time: Date;
}

/** Every page and its model. A page elsewhere adds itself by declaration merging. */
export interface Pages {
  login: LoginModel;
  consent: ConsentModel;
  logout: LogoutModel;
  'signed-out': SignedOutModel;
  error: ErrorModel;
}
