import { Problem, type Violation } from '../lib/problem.ts';

/** The closed set of codes, with the status of each. */
const codes = {
  // RFC 7591, section 3.2.2
  invalid_redirect_uri: 400,
  invalid_client_metadata: 400,
  invalid_software_statement: 400,
  unapproved_software_statement: 400,
  // RFC 6749, section 5.2, for what is wrong with the request rather than with the client
  invalid_request: 400,
  // RFC 6750, section 3.1
  invalid_token: 401,
  insufficient_scope: 403,
  // RFC 6749, section 4.1.2.1: the code for "later", with 429 or 503 to say which
  temporarily_unavailable: 503,
} as const;

export type RegistrationErrorCode = keyof typeof codes;

/** RFC 6749, section 5.2: printable ASCII without quotation marks and back-slash. */
const plain = (text: string): string =>
  text
    .replace(/["’‘]/g, "'")
    .replace(/[^\x20-\x7e]|\\/g, '?')
    .slice(0, 2000);

const brief = ({ pointer, detail }: Violation): string =>
  `${pointer.slice(1) || 'client'}: ${detail}`;

/** Refuses a registration request. `error_description` names everything that is wrong, `errors` how to mend it. */
export class RegistrationError extends Error {
  readonly error: RegistrationErrorCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly violations: readonly Violation[];

  constructor(
    error: RegistrationErrorCode,
    description: string,
    more: {
      status?: number;
      headers?: Record<string, string>;
      violations?: readonly Violation[];
    } & ErrorOptions = {},
  ) {
    super(plain(description), 'cause' in more ? { cause: more.cause } : {});
    this.error = error;
    this.status = more.status ?? codes[error];
    this.headers = more.headers ?? {};
    this.violations = more.violations ?? [];
  }

  toBody(): Record<string, unknown> {
    return {
      error: this.error,
      error_description: this.message,
      ...(this.violations.length > 0 && { errors: this.violations }),
    };
  }
}

/** The same answer to a token that is unknown, of another client, or of one that is set aside. */
export const invalidToken = (): RegistrationError =>
  new RegistrationError('invalid_token', 'the token is not valid here', {
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  });

/** Without a token there is nothing to be wrong with it (RFC 6750, section 3.1). */
export const tokenNeeded = (what: string): RegistrationError =>
  new RegistrationError('invalid_token', `${what} is needed`, {
    headers: { 'WWW-Authenticate': 'Bearer' },
  });

/** Everything that is wrong with a client, under the code that says most of it (RFC 7591, section 3.2.2). */
export function flawed(violations: readonly Violation[]): RegistrationError {
  const onlyRedirects = violations.every(({ pointer }) => /^\/redirect_uris(\/|$)/.test(pointer));
  return new RegistrationError(
    onlyRedirects ? 'invalid_redirect_uri' : 'invalid_client_metadata',
    violations.map(brief).join('; '),
    { violations },
  );
}

/** What a piece of work finds wrong with a client; anything else that it throws goes on. */
export function violationsIn(error: unknown): readonly Violation[] {
  if (error instanceof Problem && error.code === 'invalid' && error.errors) return error.errors;
  throw error;
}
