import type { Violation } from '../../lib/problem.ts';
import { jsonOf } from '../forms/json.ts';
import { formWordings } from '../words.ts';
import { type Question, questions } from './questions.ts';

/** What is sent to the API, or what is wrong with the form before it can be. */
export type Read = { metadata: Record<string, unknown> } | { errors: Violation[] };

const methods: Readonly<Record<string, string>> = {
  secret: 'client_secret_basic',
  key: 'private_key_jwt',
  certificate: 'tls_client_auth',
};

/** The lines of a field that has one value in each. */
const linesOf = (text: string): string[] =>
  text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(Boolean);

/** A JWK Set, one key of it, or the address of one. @throws {SyntaxError} when it is neither */
function keysFrom(text: string): Record<string, unknown> {
  if (/^https?:\/\//.test(text)) return { jwks_uri: text };
  const given = jsonOf(text);
  if (typeof given !== 'object' || given === null) throw new SyntaxError('no JWK Set');
  return { jwks: 'kty' in given ? { keys: [given] } : given };
}

/** How each question becomes metadata; a question that is not here is its own property. */
const readers: Readonly<
  Record<string, (text: string, form: URLSearchParams) => Record<string, unknown>>
> = {
  client_name: (text) => ({ client_name: text.trim() }),
  redirect_uris: (text) => ({ redirect_uris: linesOf(text) }),
  post_logout_redirect_uris: (text) => ({ post_logout_redirect_uris: linesOf(text) }),
  party: (text) => ({ first_party: text !== 'third' }),
  profile: (text) => ({ fapi_profile: text }),
  proof: (text, form) => ({
    token_endpoint_auth_method: methods[text] ?? text,
    // Whoever shows a certificate has its tokens bound to it; whoever signs, by DPoP.
    ...(text === 'certificate' && {
      tls_client_certificate_bound_access_tokens: true,
      ...(form.get('profile') !== 'fapi1-advanced' && { dpop_bound_access_tokens: false }),
    }),
  }),
  // A client with a secret signs nothing, so the field says nothing then.
  keys: (text, form) =>
    text.trim() && form.get('proof') !== 'secret' ? keysFrom(text.trim()) : {},
  subject: (text, form) =>
    text.trim() && form.get('proof') === 'certificate'
      ? { tls_client_auth_subject_dn: text.trim() }
      : {},
};

/** @param form what was posted; only what is asked of the type is read */
export function readAnswers(type: string, form: URLSearchParams): Read {
  const metadata: Record<string, unknown> = { type };
  const errors: Violation[] = [];
  for (const { name } of questions[type] ?? []) {
    try {
      Object.assign(metadata, readers[name]?.(form.get(name) ?? '', form));
    } catch {
      errors.push({
        pointer: '/jwks',
        rule: 'property-value',
        ...formWordings.no_keys(),
        spec: 'RFC 7517, section 5',
      });
    }
  }
  return errors.length > 0 ? { errors } : { metadata };
}

export interface Field extends Omit<Question, 'properties'> {
  /** Line by line, since strings of a model have none. */
  value: readonly string[];
  /** With the line that each is about, from 1, where a field has several. */
  errors: readonly (Violation & { line?: number })[];
}

/** Of an address in a list; lines that are empty do not count. */
function inLine(error: Violation, text: string): Violation & { line?: number } {
  const [, index] = /^\/\w+_uris\/(\d+)$/.exec(error.pointer) ?? [];
  if (index === undefined || linesOf(text).length < 2) return error;
  return { ...error, line: Number(index) + 1 };
}

const propertyOf = ({ pointer }: Violation) => pointer.split('/')[1] ?? '';

/** The form as it was filled in, each violation at the field that it is about. */
export function fieldsOf(
  type: string,
  form: URLSearchParams | undefined,
  errors: readonly Violation[] = [],
): { fields: Field[]; rest: Violation[] } {
  const asked = questions[type] ?? [];
  const fields = asked.map(({ properties, ...question }) => ({
    ...question,
    value: (form?.get(question.name) ?? question.initial ?? question.options?.[0] ?? '').split(
      /\r?\n/,
    ),
    errors: errors
      .filter((error) => properties.includes(propertyOf(error)))
      .map((error) => inLine(error, form?.get(question.name) ?? '')),
  }));
  const taken = new Set(asked.flatMap(({ properties }) => properties));
  return { fields, rest: errors.filter((error) => !taken.has(propertyOf(error))) };
}
