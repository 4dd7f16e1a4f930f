/** A request of a try to the server, and the record of it: what was sent and answered, nothing secret. */
import { hash, randomUUID } from 'node:crypto';
import { decodeJwt, importJWK, type JWK, SignJWT } from 'jose';
import type { LoopbackResponse } from '../../lib/loopback.ts';
import { epoch } from '../../lib/time.ts';
import type { Pair, Said, Step } from './try.ts';
import type { Workbench } from './workbench.ts';

export interface Call {
  /** Of the step. */
  name: string;
  method?: 'GET' | 'POST';
  /** Below the issuer. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  parameters?: Readonly<Record<string, string>>;
  /** Signs a proof (RFC 9449), for this access token if there is one. */
  proof?: { key: JWK; token?: string | undefined } | undefined;
}

export interface Exchanged {
  status: number;
  /** An object: what JSON or a signed answer says; of anything else, nothing. */
  body: Record<string, unknown>;
  step: Step;
}

/** What is never shown, not even its beginning. */
const hidden = new Set(['client_secret']);
/** What is shown by its beginning: it is known to be there and cannot be used. */
const shortened = new Set([
  'access_token',
  'auth_req_id',
  'client_assertion',
  'client_notification_token',
  'code',
  'code_verifier',
  'device_code',
  'dpop',
  'id_token',
  'refresh_token',
  'request',
  'response',
  'token',
]);
const headersShown = [
  'content-type',
  'www-authenticate',
  'dpop-nonce',
  'retry-after',
  'cache-control',
];
/** Characters of a value, and lines of an answer, that are shown. */
const LONGEST = 300;
const LINES = 60;

const cut = (text: string, limit = LONGEST) =>
  text.length > limit ? `${text.slice(0, limit)}…` : text;

/** A value as a step may show it. */
export function masked(name: string, value: string): string {
  if (hidden.has(name)) return '••••••••';
  return shortened.has(name) && value.length > 12
    ? `${value.slice(0, 8)}… (${value.length})`
    : cut(value);
}

export const maskedPairs = (values: Readonly<Record<string, string>>): Pair[] =>
  Object.entries(values).map(([name, value]) => [name, masked(name, value)]);

const maskedHeader = ([name, value]: [string, string]): Pair => {
  if (name !== 'authorization') return [name, masked(name, value)];
  const [scheme = '', rest = ''] = value.split(' ');
  return [name, `${scheme} ${scheme === 'Basic' ? '••••••••' : masked('token', rest)}`];
};

/** Indented as JSON is read best; each line on its own, since models have no line breaks. */
export const jsonLines = (body: unknown): string[] =>
  JSON.stringify(
    body,
    (name, value) => (typeof value === 'string' ? masked(name, value) : value),
    2,
  )
    .split('\n')
    .slice(0, LINES);

function read({ headers, text }: LoopbackResponse): {
  body: Record<string, unknown>;
  lines: string[];
} {
  const type = headers['content-type'] ?? '';
  try {
    const body = /jwt/.test(type) ? decodeJwt(text) : JSON.parse(text);
    return typeof body === 'object' && body !== null
      ? { body, lines: jsonLines(body) }
      : { body: {}, lines: jsonLines(body) };
  } catch {
    return { body: {}, lines: text === '' ? [] : [cut(text)] };
  }
}

async function makeProof(
  { key, token }: NonNullable<Call['proof']>,
  { htm, htu, nonce }: { htm: string; htu: string; nonce: string | undefined },
): Promise<string> {
  const { d: _, ...jwk } = key;
  const ath = token === undefined ? undefined : hash('sha256', token, 'base64url');
  const claims = { htm, htu, jti: randomUUID(), ...(nonce && { nonce }), ...(ath && { ath }) };
  return new SignJWT(claims)
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
    .setIssuedAt(epoch())
    .sign(await importJWK(key, 'ES256'));
}

/** What an error of the protocol means, where there are words for it. */
const known = new Set([
  'access_denied',
  'authorization_pending',
  'expired_token',
  'insufficient_scope',
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'invalid_token',
  'slow_down',
  'temporarily_unavailable',
  'unauthorized_client',
  'use_dpop_nonce',
]);

/** What a refusal means, in words. */
export const errorWords = ({ error, error_description }: Record<string, unknown>): Said[] => [
  ...(typeof error === 'string'
    ? [{ key: `errors.${known.has(error) ? error : 'other'}`, parameters: { error: cut(error) } }]
    : []),
  ...(typeof error_description === 'string'
    ? [{ key: 'described', parameters: { description: cut(error_description) } }]
    : []),
];

export async function exchange({ issuer, base, send }: Workbench, call: Call): Promise<Exchanged> {
  const { name, path, parameters = {}, proof } = call;
  const method = call.method ?? 'POST';
  const htu = `${issuer}${path}`;
  const attempt = async (nonce?: string) => {
    const headers: Record<string, string> = {
      ...call.headers,
      ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...(proof && { dpop: await makeProof(proof, { htm: method, htu, nonce }) }),
    };
    const body = method === 'POST' ? new URLSearchParams(parameters).toString() : undefined;
    const answer = await send({
      method,
      path: base + path,
      headers: { accept: 'application/json', ...headers },
      ...(body !== undefined && { body }),
    });
    return { headers, answer };
  };

  let { headers, answer } = await attempt();
  const nonce = answer.headers['dpop-nonce'];
  // RFC 9449, section 8: the server says which nonce it wants, and the client asks once more.
  const renewed =
    proof &&
    answer.status >= 400 &&
    /use_dpop_nonce/.test(`${answer.text} ${answer.headers['www-authenticate'] ?? ''}`);
  if (renewed) ({ headers, answer } = await attempt(String(nonce)));

  const { status } = answer;
  const { body, lines } = read(answer);
  const challenged = /error="([^"]+)"(?:.*error_description="([^"]+)")?/.exec(
    answer.headers['www-authenticate'] ?? '',
  );
  const refused =
    body.error === undefined && challenged
      ? { error: challenged[1], error_description: challenged[2] }
      : body;
  const failed = status >= 400;
  const id = answer.headers['x-correlation-id'];
  return {
    status,
    body: failed ? { ...body, ...refused } : body,
    step: {
      name,
      request: {
        method,
        address: htu,
        headers: Object.entries(headers).map(maskedHeader),
        parameters: maskedPairs(parameters),
      },
      answer: {
        status,
        headers: headersShown.flatMap((header): Pair[] => {
          const value = answer.headers[header];
          return value === undefined ? [] : [[header, cut(String(value))]];
        }),
        lines,
      },
      means: [...(renewed ? [{ key: 'means.nonce' }] : []), ...(failed ? errorWords(refused) : [])],
      ...(failed && { failed }),
      ...(typeof id === 'string' && { id }),
    },
  };
}
