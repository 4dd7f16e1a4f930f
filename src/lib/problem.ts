/**
 * Errors towards API callers: RFC 9457 problem details from a closed set of codes. A code is an
 * error's name for programs, its title is for people, and both never change together with a detail.
 */

/** One violated rule of a document (RFC 9457, section 3.2; `pointer` is RFC 6901). */
export interface Violation {
  pointer: string;
  rule: string;
  /** What is wrong, in English. */
  detail: string;
  /** Which of the sentences of its rule that is, and its values: to say it in another language. */
  case?: string;
  values?: Readonly<Record<string, string>>;
  /** The clause that asks for it. */
  spec?: string;
  /** What to do. */
  fix?: string;
  /** The same for programs: a JSON merge patch (RFC 7396) of the document. */
  patch?: Readonly<Record<string, unknown>>;
}

const problems = {
  malformed: { status: 400, title: 'The request cannot be read' },
  unauthenticated: { status: 401, title: 'A valid access token is needed' },
  forbidden: { status: 403, title: 'The access token does not allow this' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This address does not take that method' },
  conflict: { status: 409, title: 'Something else stands in the way' },
  precondition_failed: { status: 412, title: 'It has changed in the meantime' },
  too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The request body must be JSON' },
  invalid: { status: 422, title: 'The document breaks rules' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'The server failed' },
  unavailable: { status: 503, title: 'The server cannot answer now' },
} as const;

export type ProblemCode = keyof typeof problems;
export const problemCodes = Object.keys(problems) as ProblemCode[];
export const statusOf = (code: ProblemCode): number => problems[code].status;
export const titleOf = (code: ProblemCode): string => problems[code].title;

/** Thrown anywhere below the API, answered as `application/problem+json`. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly errors: readonly Violation[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    more: { errors?: readonly Violation[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.code = code;
    this.status = problems[code].status;
    this.errors = more.errors;
    this.headers = more.headers ?? {};
  }

  /** The body. `instance` is the correlation id under which the log knows more. */
  toBody(instance?: string): Record<string, unknown> {
    return {
      type: `urn:clientele:problem:${this.code}`,
      title: problems[this.code].title,
      status: this.status,
      code: this.code,
      detail: this.message,
      ...(this.errors && { errors: this.errors }),
      ...(instance && { instance: `urn:clientele:request:${instance}` }),
    };
  }
}
