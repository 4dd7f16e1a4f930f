import { authenticate } from './credentials.ts';
import { type Exchanged, exchange } from './exchange.ts';
import type { Registered } from './registered.ts';
import type { Said, Tokens, Try } from './try.ts';
import type { Workbench } from './workbench.ts';

/** Told while somebody has still to decide (RFC 8628, section 3.5; CIBA Core 1.0, section 11). */
const waiting = new Set<unknown>(['authorization_pending', 'slow_down']);

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

const tokensOf = (body: Readonly<Record<string, unknown>>): Tokens => {
  const names = ['access_token', 'token_type', 'id_token', 'refresh_token', 'scope'] as const;
  const found = names.flatMap((name) => {
    const value = text(body[name]);
    return value === undefined ? [] : [[name, value]];
  });
  const { expires_in } = body;
  return {
    ...Object.fromEntries(found),
    ...(typeof expires_in === 'number' && { expires_in }),
  };
};

/** What the answer of the token endpoint brought. */
const words = (tokens: Tokens): Said[] =>
  (['access_token', 'id_token', 'refresh_token'] as const)
    .filter((name) => tokens[name] !== undefined)
    .map((name) => ({ key: `means.${name}` }));

/** Asks the token endpoint in the client's name; what it gives is the try's. */
export async function requestTokens(
  bench: Workbench,
  client: Registered,
  attempt: Try,
  { name, parameters }: { name: string; parameters: Record<string, string> },
): Promise<Exchanged> {
  const { credentials, proof } = attempt;
  const own = await authenticate({ issuer: bench.issuer, client, credentials });
  const asked = await exchange(bench, {
    name,
    path: '/token',
    headers: own.headers,
    parameters: { ...parameters, ...own.parameters },
    proof: proof && { key: proof },
  });
  const { step, body } = asked;
  attempt.steps.push(step);
  if (waiting.has(body.error)) step.failed = false;
  if (step.failed !== undefined) return asked;
  const tokens = tokensOf(body);
  const renewed = attempt.tokens?.refresh_token;
  step.means.push(...words(tokens));
  if (name === 'refresh') {
    const rotated = tokens.refresh_token !== undefined && tokens.refresh_token !== renewed;
    step.means.push({ key: rotated ? 'means.rotated' : 'means.not_rotated' });
  }
  attempt.tokens = { ...attempt.tokens, ...tokens };
  return asked;
}
