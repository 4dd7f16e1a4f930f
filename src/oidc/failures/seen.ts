/**
 * What of a refused request may be kept: a closed list of parameters that say what was wanted, the
 * way of authentication without what authenticated, and the engine's words without anything that was
 * sent. Codes, tokens, secrets, passwords, verifiers and assertions are not looked at but to take
 * them out of those words.
 */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { answeredError } from '../missing-grants.ts';
import { withoutSecrets } from './redirect-uri.ts';

export interface Seen {
  /** Milliseconds since the epoch. */
  at: number;
  /** The correlation id. */
  request: string;
  /** As it was presented; whether there is such a client is another question. */
  client_id?: string;
  /** The engine's name of the endpoint. */
  endpoint: string;
  error: string;
  error_description?: string;
  /** What the engine says to the log alone. */
  detail?: string;
  /** The scopes that were refused. */
  scope?: string;
  /** How the client authenticated itself. */
  method?: string;
  params: Readonly<Record<string, string>>;
}

interface EngineError {
  error?: string;
  message?: string;
  error_description?: string;
  error_detail?: string;
  scope?: string;
}

const told = [
  'redirect_uri',
  'post_logout_redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'grant_type',
  'code_challenge_method',
  'prompt',
  'resource',
] as const;
const uris: ReadonlySet<string> = new Set(['redirect_uri', 'post_logout_redirect_uri', 'resource']);

/** UTF-16 units of one value that are kept. */
const LONGEST = 500;
const cut = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

type Fields = Record<string, unknown>;
const text = (value: unknown): value is string => typeof value === 'string' && value !== '';

const parse = (token: unknown, part: number): Fields => {
  try {
    const read: unknown = JSON.parse(
      Buffer.from(String(token).split('.')[part] ?? '', 'base64url').toString(),
    );
    return typeof read === 'object' && read !== null ? { ...read } : {};
  } catch {
    return {};
  }
};

/** RFC 6749, section 2.3.1. */
function basic(header: string | undefined): string[] {
  const [, encoded] = /^basic +([\w+/=-]+)$/i.exec(header ?? '') ?? [];
  if (!encoded) return [];
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':');
  try {
    return [id, secret.join(':')].map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
  } catch {
    return [id, secret.join(':')];
  }
}

function methodOf(headers: Readonly<Fields>, fields: Fields): string {
  if (/^basic /i.test(String(headers.authorization ?? ''))) return 'client_secret_basic';
  if (text(fields.client_secret)) return 'client_secret_post';
  if (text(headers['oauth-client-attestation'])) return 'attest_jwt_client_auth';
  if (!text(fields.client_assertion)) return 'none';
  const { alg } = parse(fields.client_assertion, 0);
  return String(alg).startsWith('HS') ? 'client_secret_jwt' : 'private_key_jwt';
}

/** What looks like 120 random bits or more. */
const OPAQUE = /(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}(?:\.[\w-]+)*/g;

/** Cut before: the pattern looks ahead from each character. */
const masked = (text: string) => cut(text).replace(OPAQUE, '…');

/** The engine's words without what was sent. @param sent values that must not be in it */
function scrub(words: unknown, sent: readonly string[]): string | undefined {
  if (!text(words)) return undefined;
  // What JSON.parse complains of, it quotes.
  if (/\bJSON\b/.test(words) && /Unexpected|Expected|Bad|Unterminated/.test(words)) {
    return 'not valid JSON';
  }
  const without = sent.reduce((left, value) => left.replaceAll(value, '…'), words);
  return masked(without);
}

/** @param error what the engine threw; of a `server_error` no words are kept */
export function see(ctx: KoaContextWithOIDC, thrown: unknown, isOurs: boolean): Seen {
  const error = thrown as EngineError;
  const { oidc } = ctx;
  const fields: Fields = { ...ctx.query, ...(oidc?.body as Fields | undefined) };
  const read = { ...(oidc?.params as Fields | undefined) };
  // A request object and a pushed request say more than the address does; else it is what was sent.
  const isReferred = fields.request !== undefined || fields.request_uri !== undefined;
  const merged: Fields = isReferred ? { ...fields, ...read } : { ...read, ...fields };
  const [basicId, basicSecret] = basic(ctx.headers.authorization);
  const secret = Object.entries(fields)
    .filter(
      ([name, value]) =>
        !(told as readonly string[]).includes(name) && name !== 'client_id' && text(value),
    )
    .map(([, value]) => value as string)
    .concat(basicSecret ?? [], ctx.headers.authorization ?? [])
    .filter((value) => value.length > 3);
  const asserted = parse(fields.client_assertion, 1).sub;
  const client_id = [oidc?.client?.clientId, merged.client_id, basicId, asserted].find(text);
  const description = isOurs ? undefined : scrub(error.error_description, secret);
  const detail = isOurs ? undefined : scrub(error.error_detail, secret);
  return {
    at: Date.now(),
    request: String((ctx as { state?: { id?: string } }).state?.id ?? ''),
    ...(client_id && { client_id: cut(withoutSecrets(client_id)).slice(0, 257) }),
    endpoint: oidc?.route ?? 'none',
    error: isOurs
      ? 'server_error'
      : cut(String(answeredError(ctx, error.error) ?? 'invalid_request')),
    ...(description && { error_description: description }),
    ...(detail && { detail }),
    ...(text(error.scope) && { scope: cut(error.scope) }),
    method: methodOf(ctx.headers, fields),
    params: Object.fromEntries(
      told.flatMap((name) => {
        const value = merged[name];
        return text(value) ? [[name, uris.has(name) ? cut(value) : masked(value)]] : [];
      }),
    ),
  };
}
