/** A try's tokens: decoded, verified with the published keys, and each claim in words. */
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  type JSONWebKeySet,
  jwtVerify,
} from 'jose';
import { type Around, judgeClaim, missing, tokenNames, type Verdict } from './claims.ts';
import { publishedKeys } from './published-keys.ts';
import type { Registered } from './registered.ts';
import type { Pair, Try } from './try.ts';
import type { Workbench } from './workbench.ts';

export interface ShownClaim {
  name: string;
  value: string;
  /** Of claims that are times, seconds since the epoch. */
  time?: number;
  verdict?: Verdict;
}

export interface ShownToken {
  name: 'id_token' | 'access_token';
  kind: 'signed' | 'encrypted' | 'opaque';
  /** The token itself, for whoever wants to use it elsewhere. */
  raw: string;
  header: Pair[];
  claims: ShownClaim[];
  /** About the token as a whole. */
  verdicts: Verdict[];
}

/** Characters of a value that are shown, and claims. */
const LONGEST = 400;
const CLAIMS = 60;

const times = new Set(['exp', 'iat', 'nbf', 'auth_time', 'updated_at']);

function shownValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const good = (key: string, isGood: boolean, parameters?: Verdict['parameters']): Verdict => ({
  key: `verdicts.${key}.${isGood ? 'good' : 'bad'}`,
  good: isGood,
  ...(parameters && { parameters }),
});

async function signature(raw: string, keys: JSONWebKeySet): Promise<Verdict> {
  const verified = await jwtVerify(raw, createLocalJWKSet(keys), {
    // Whether it is over is told at `exp`.
    currentDate: new Date(0),
  }).then(
    () => true,
    (error) => error.code === 'ERR_JWT_CLAIM_VALIDATION_FAILED',
  );
  const { kid = '–' } = decodeProtectedHeader(raw);
  return good('signature', verified, { kid });
}

async function readSigned(
  raw: string,
  keys: JSONWebKeySet,
  around: Omit<Around, 'alg'>,
): Promise<Pick<ShownToken, 'header' | 'claims' | 'verdicts'>> {
  const header = decodeProtectedHeader(raw);
  const payload = decodeJwt(raw);
  const { token, client } = around;
  const alg = String(header.alg);
  const whole = { ...around, alg };
  const registered = client.id_token_signed_response_alg ?? 'RS256';
  return {
    header: Object.entries(header).map(([name, value]) => [name, shownValue(value)]),
    claims: Object.entries(payload)
      .slice(0, CLAIMS)
      .map(([name, value]) => {
        const judged = judgeClaim(name, value, whole);
        return {
          name,
          value: shownValue(value),
          ...(times.has(name) && typeof value === 'number' && { time: value }),
          ...(judged && { verdict: judged }),
        };
      }),
    verdicts: [
      await signature(raw, keys),
      ...(token === 'id_token' ? [good('alg', alg === registered, { alg, registered })] : []),
      ...missing(payload, whole),
    ],
  };
}

async function show(
  raw: string,
  keys: JSONWebKeySet,
  around: Omit<Around, 'alg'>,
): Promise<ShownToken> {
  const name = around.token;
  const parts = raw.split('.').length;
  const none = { name, raw, header: [], claims: [] };
  if (parts === 3) return { name, raw, kind: 'signed', ...(await readSigned(raw, keys, around)) };
  const kind = parts === 5 ? 'encrypted' : 'opaque';
  return { ...none, kind, verdicts: [{ key: `verdicts.${kind}` }] };
}

/** What a page shows of a try's tokens. */
export async function shownTokens(
  bench: Workbench,
  client: Registered,
  attempt: Try,
  accountId: string,
): Promise<ShownToken[]> {
  const { tokens = {} } = attempt;
  const held = tokenNames.filter((name) => tokens[name] !== undefined);
  if (held.length === 0) return [];
  const keys = await publishedKeys(bench);
  return Promise.all(
    held.map((token) =>
      show(tokens[token] as string, keys, {
        token,
        issuer: bench.issuer,
        client,
        attempt,
        accountId,
      }),
    ),
  );
}
