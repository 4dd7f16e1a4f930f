import type { Loopback } from '../lib/loopback.ts';
import type { Violation } from '../lib/problem.ts';

/** What the API refused, in its own words. */
export class Refused extends Error {
  readonly status: number;
  /** The last part of the problem's type, such as `precondition_failed`. */
  readonly code: string;
  readonly title: string;
  readonly errors: readonly Violation[];

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    super(String(body.detail ?? body.title ?? status));
    this.status = status;
    this.code = String(body.code ?? body.type ?? '');
    this.title = String(body.title ?? '');
    this.errors = Array.isArray(body.errors) ? body.errors : [];
  }
}

/** A document as the API answers it. */
export interface Answer<T> {
  body: T;
  /** What `If-Match` is compared with. */
  version: number | undefined;
}

export interface RestOptions {
  body?: unknown;
  /** The version that the person saw; the API refuses when it is no longer that one. */
  version?: number | undefined;
  query?: Readonly<Record<string, string | undefined>>;
}

/**
 * The REST API in the name of whoever is signed in. The dashboard has no other way to data, so it can
 * do nothing that the API does not offer, check, and write down.
 */
export interface Rest {
  /** @throws {Refused} when the answer is not 2xx */
  call<T>(method: string, path: string, options?: RestOptions): Promise<Answer<T>>;
  get<T>(path: string, query?: RestOptions['query']): Promise<T>;
}

export function createRest(send: Loopback, base: string, accessToken: string): Rest {
  async function call<T>(
    method: string,
    path: string,
    { body, version, query = {} }: RestOptions = {},
  ): Promise<Answer<T>> {
    const given = Object.entries(query).filter((pair): pair is [string, string] =>
      Boolean(pair[1]),
    );
    const search = new URLSearchParams(given).toString();
    const answer = await send({
      method,
      path: `${base}/api/v1${path}${search && `?${search}`}`,
      headers: {
        authorization: `Bearer ${accessToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(version !== undefined && { 'if-match': `"${version}"` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const read = answer.text === '' ? undefined : JSON.parse(answer.text);
    if (answer.status >= 300) throw new Refused(answer.status, read ?? {});
    const [, tag] = /^"(\d+)"$/.exec(answer.headers.etag ?? '') ?? [];
    return { body: read as T, version: tag === undefined ? undefined : Number(tag) };
  }

  return {
    call,
    get: async (path, query) => (await call('GET', path, { query: query ?? {} })).body as never,
  };
}
