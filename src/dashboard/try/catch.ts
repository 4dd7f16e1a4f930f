/** Takes the authorization responses of tries; the opening comment of `try.ts` says why. */
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import type { TakeAnswer } from '../../oidc/authorization-answers.ts';
import type { Cookies } from '../cookies.ts';
import type { Sessions } from '../sessions.ts';
import { errorWords, maskedPairs } from './exchange.ts';
import { publishedKeys } from './published-keys.ts';
import type { Said, Step, Tokens, Try } from './try.ts';
import type { Tries, Workbench } from './workbench.ts';

interface CatchParts {
  issuer: string;
  base: string;
  cookies: Cookies;
  sessions: Sessions;
  tries(session: string): Tries;
  send: Workbench['send'];
}

type Parameters = Readonly<Record<string, string>>;

/** What a signed response says (JARM, section 2.1); undefined when it is not signed by this server. */
async function openSigned(
  { issuer, base, send }: CatchParts,
  client: string,
  response: string,
): Promise<Parameters | undefined> {
  try {
    const keys = createLocalJWKSet(await publishedKeys({ base, send }));
    const { payload } = await jwtVerify(response, keys, { issuer, audience: client });
    return Object.fromEntries(Object.entries(payload).map(([name, it]) => [name, String(it)]));
  } catch {
    return undefined;
  }
}

const isEncrypted = (response: string) => decodeProtectedHeader(response).enc !== undefined;

/** What the response means, and what the try has of it. */
function judge(attempt: Try, said: Parameters, issuer: string): Said[] {
  const { error, code, access_token, id_token, expires_in, state, iss } = said;
  const fits = state === attempt.sent?.state;
  const from = iss === undefined ? [] : [{ key: iss === issuer ? 'means.iss' : 'means.not_iss' }];
  const words = [{ key: fits ? 'means.state' : 'means.not_state' }, ...from];
  if (error !== undefined) return [...errorWords(said), ...words];
  if (code !== undefined) attempt.code = code;
  const tokens: Tokens = {
    ...(access_token !== undefined && { access_token, token_type: said.token_type ?? '' }),
    ...(id_token !== undefined && { id_token }),
    ...(expires_in !== undefined && { expires_in: Number(expires_in) }),
  };
  if (Object.keys(tokens).length > 0) attempt.tokens = tokens;
  return [
    ...(code === undefined ? [] : [{ key: 'means.code' }]),
    ...Object.keys(tokens)
      .filter((name) => name.endsWith('_token'))
      .map((name) => ({ key: `means.${name}` })),
    ...words,
  ];
}

export function createCatch(parts: CatchParts): TakeAnswer {
  const { issuer, cookies, sessions, tries } = parts;
  return async ({ ctx, clientId, state, accountId, read }) => {
    const id = cookies.get(ctx, 'session');
    const session = id && (await sessions.find(id));
    if (!id || !session) return undefined;
    const own = tries(id);
    const attempt = await own.find(clientId);
    if (!attempt?.address || attempt.sent?.state !== state) return undefined;
    const response = read();
    if (!response) return undefined;

    const { mode } = response;
    const raw: Parameters = Object.fromEntries(response.parameters);
    const step: Step = {
      name: 'answered',
      request: {
        method: mode === 'form_post' ? 'POST' : 'GET',
        address: attempt.sent.redirect_uri,
        headers: [],
        parameters: maskedPairs(raw),
      },
      means: [{ key: `means.mode.${mode}` }],
    };
    delete attempt.address;
    // Whoever signed in here instead: what is theirs is for the application alone, and not kept.
    if (accountId !== undefined && accountId !== session.accountId) {
      step.request.parameters = [];
      step.means = [{ key: 'means.foreign' }];
      step.failed = true;
    } else {
      const { response: jwt } = raw;
      const said = jwt === undefined ? raw : await openSigned(parts, clientId, jwt);
      if (jwt !== undefined && said) {
        step.means.push({ key: 'means.signed' });
        step.answer = { headers: maskedPairs(said), lines: [] };
      }
      if (said) step.means.push(...judge(attempt, said, issuer));
      else step.means.push({ key: isEncrypted(jwt ?? '') ? 'means.sealed' : 'means.unsigned' });
      if (!said || said.error !== undefined) step.failed = true;
      if (said?.error !== undefined) step.id = ctx.state.id;
    }
    attempt.steps.push(step);
    await own.keep(attempt);
    return `${parts.base}/dashboard/clients/${encodeURIComponent(clientId)}/try`;
  };
}
