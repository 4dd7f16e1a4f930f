/** What each claim of a token means for this try, and whether it is what it must be. */
import { hash } from 'node:crypto';
import { epoch } from '../../lib/time.ts';
import type { Registered } from './registered.ts';
import type { Said, Tokens, Try } from './try.ts';

export interface Around {
  token: 'id_token' | 'access_token';
  issuer: string;
  client: Registered;
  attempt: Try;
  accountId: string;
  alg: string;
}

/** `good`: what must be so is so; absent: nothing must be. */
export interface Verdict extends Said {
  good?: boolean;
}

type Judge = (value: unknown, around: Around) => Verdict | undefined;

const verdict = (key: string, good: boolean, parameters?: Said['parameters']): Verdict => ({
  key: `claims.${key}.${good ? 'good' : 'bad'}`,
  good,
  ...(parameters && { parameters }),
});

const plain =
  (key: string): Judge =>
  () => ({ key: `claims.${key}` });

/** Left half of a digest, by the algorithm of the signature (OpenID Connect Core 1.0, 3.1.3.6). */
const half = (value: string, alg: string): string => {
  const digest = hash(/512|Ed25519|EdDSA/.test(alg) ? 'sha512' : 'sha256', value, 'buffer');
  return digest.subarray(0, digest.length / 2).toString('base64url');
};

/** @param of what the hash is of; absent when the try no longer has it */
const halfOf =
  (key: string, of: (attempt: Try) => string | undefined): Judge =>
  (value, { attempt, alg }) => {
    const whole = of(attempt);
    return whole === undefined ? undefined : verdict(key, value === half(whole, alg));
  };

const list = (value: unknown): string[] => [value].flat().map(String);

const judges: Readonly<Record<string, Judge>> = {
  iss: (value, { issuer }) => verdict('iss', value === issuer),
  aud: (value, { token, client, attempt }) =>
    token === 'id_token'
      ? verdict('aud', list(value).includes(client.client_id))
      : { key: attempt.sent?.resource ? 'claims.aud_resource' : 'claims.aud_api' },
  azp: (value, { client }) => verdict('azp', value === client.client_id),
  client_id: (value, { client }) => verdict('client_id', value === client.client_id),
  exp(value) {
    const left = Number(value) - epoch();
    return verdict('exp', left > 0, { minutes: Math.max(1, Math.round(left / 60)) });
  },
  iat: plain('iat'),
  nbf: (value) => verdict('nbf', Number(value) <= epoch() + 5),
  auth_time: plain('auth_time'),
  nonce: (value, { attempt }) => attempt.sent && verdict('nonce', value === attempt.sent.nonce),
  at_hash: halfOf('at_hash', ({ tokens }) => tokens?.access_token),
  c_hash: halfOf('c_hash', ({ code }) => code),
  s_hash: halfOf('s_hash', ({ sent }) => sent?.state),
  sub: (value, { accountId, client }) =>
    value === accountId
      ? verdict('sub', true)
      : {
          key:
            value === client.client_id
              ? 'claims.sub_client'
              : client.subject_type === 'pairwise'
                ? 'claims.sub_pairwise'
                : 'claims.sub.bad',
          ...(value !== client.client_id && client.subject_type !== 'pairwise' && { good: false }),
        },
  acr: plain('acr'),
  amr: plain('amr'),
  sid: plain('sid'),
  jti: plain('jti'),
  scope: plain('scope'),
  cnf: plain('cnf'),
};

/** Undefined when there is nothing to say. */
export const judgeClaim = (name: string, value: unknown, around: Around): Verdict | undefined =>
  Object.hasOwn(judges, name) ? judges[name]?.(value, around) : undefined;

/** An ID token that has not what was asked for (OpenID Connect Core 1.0, 3.1.3.7). */
export function missing(
  claims: Readonly<Record<string, unknown>>,
  { token, attempt }: Pick<Around, 'token' | 'attempt'>,
): Verdict[] {
  const nonce = token === 'id_token' && attempt.sent && claims.nonce === undefined;
  // Renewed ID tokens need not have it (section 12.2).
  const renewed = attempt.steps.some(({ name }) => name === 'refresh');
  return nonce && !renewed ? [{ key: 'claims.nonce_missing', good: false }] : [];
}

export const tokenNames = ['id_token', 'access_token'] as const satisfies (keyof Tokens)[];
