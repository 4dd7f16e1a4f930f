/** The steps after the first, each a button; which of them there are follows from the try's state. */
import { CIBA, DEVICE_CODE } from '../../clients/values.ts';
import { authenticate } from './credentials.ts';
import { exchange } from './exchange.ts';
import { allows, type Registered } from './registered.ts';
import { requestTokens } from './token-request.ts';
import type { Try } from './try.ts';
import type { Workbench } from './workbench.ts';

export interface About {
  bench: Workbench;
  client: Registered;
  attempt: Try;
  /** The administrator's account. */
  accountId: string;
}

interface Act {
  /** Whether the client authenticates itself, so that a mistyped secret may be typed again. */
  authenticates: boolean;
  fits(attempt: Try, client: Registered): boolean;
  /** @returns nothing: what came of it is a step of the try */
  run(about: About): Promise<void>;
}

async function redeem({ bench, client, attempt }: About): Promise<void> {
  const { code = '', sent } = attempt;
  if (!sent) return;
  const { redirect_uri, verifier, resource } = sent;
  const { step, body } = await requestTokens(bench, client, attempt, {
    name: 'redeem',
    parameters: {
      grant_type: 'authorization_code',
      code,
      redirect_uri,
      code_verifier: verifier,
      ...(resource && { resource }),
    },
  });
  // A code works once; who failed to say who they are has not used it.
  if (!step.failed || body.error === 'invalid_grant') delete attempt.code;
}

async function pollDevice({ bench, client, attempt, accountId }: About): Promise<void> {
  const { device_code = '' } = attempt.device ?? {};
  const approver = await bench.approver(device_code);
  const refuse = () => {
    delete attempt.device;
    attempt.steps.push({
      name: 'poll',
      request: { method: 'POST', address: `${bench.issuer}/token`, headers: [], parameters: [] },
      means: [{ key: 'means.foreign_device' }],
      failed: true,
    });
  };
  if (approver !== undefined && approver !== accountId) return refuse();
  const { step } = await requestTokens(bench, client, attempt, {
    name: 'poll',
    parameters: { grant_type: DEVICE_CODE, device_code },
  });
  if (step.failed !== undefined) return;
  // Whoever decided between the look and the request.
  if ((await bench.approver(device_code)) !== accountId) {
    delete attempt.tokens;
    return refuse();
  }
  delete attempt.device;
}

async function pollCiba({ bench, client, attempt }: About): Promise<void> {
  const { step } = await requestTokens(bench, client, attempt, {
    name: 'poll',
    parameters: { grant_type: CIBA, auth_req_id: attempt.request ?? '' },
  });
  if (step.failed === undefined) delete attempt.request;
}

async function askUserInfo({ bench, attempt }: About): Promise<void> {
  const { access_token = '' } = attempt.tokens ?? {};
  const { proof } = attempt;
  const { step } = await exchange(bench, {
    name: 'userinfo',
    method: 'GET',
    path: '/userinfo',
    headers: { authorization: `${proof ? 'DPoP' : 'Bearer'} ${access_token}` },
    proof: proof && { key: proof, token: access_token },
  });
  if (!step.failed) step.means.push({ key: 'means.userinfo' });
  attempt.steps.push(step);
}

async function refresh({ bench, client, attempt }: About): Promise<void> {
  const { resource } = attempt.sent ?? {};
  await requestTokens(bench, client, attempt, {
    name: 'refresh',
    parameters: {
      grant_type: 'refresh_token',
      refresh_token: attempt.tokens?.refresh_token ?? '',
      ...(resource && { resource }),
    },
  });
}

async function tell(
  { bench, client, attempt }: About,
  about: { name: string; path: string; token: string; hint: string; accept?: string },
) {
  const { issuer } = bench;
  const own = await authenticate({ issuer, client, credentials: attempt.credentials });
  const { name, path, token, hint, accept } = about;
  const told = await exchange(bench, {
    name,
    path,
    headers: { ...own.headers, ...(accept && { accept }) },
    parameters: { token, token_type_hint: hint, ...own.parameters },
  });
  attempt.steps.push(told.step);
  return told;
}

async function introspect(about: About): Promise<void> {
  const token = about.attempt.tokens?.access_token ?? '';
  const { body, step } = await tell(about, {
    name: 'introspect',
    path: '/introspect',
    token,
    hint: 'access_token',
    // RFC 9701, section 4.
    ...(about.client.introspection_signed_response_alg !== undefined && {
      accept: 'application/token-introspection+jwt',
    }),
  });
  if (step.failed) return;
  // Signed, the answer is a claim of its own (RFC 9701, section 5).
  const said = (body.token_introspection ?? body) as Record<string, unknown>;
  step.means.push({ key: said.active === true ? 'means.active' : 'means.inactive' });
}

async function revoke(about: About): Promise<void> {
  const { access_token = '', refresh_token } = about.attempt.tokens ?? {};
  const { step } = await tell(about, {
    name: 'revoke',
    path: '/revoke',
    token: refresh_token ?? access_token,
    hint: refresh_token ? 'refresh_token' : 'access_token',
  });
  if (step.failed) return;
  step.means.push({ key: refresh_token ? 'means.revoked_all' : 'means.revoked' });
  if (refresh_token) delete about.attempt.tokens?.refresh_token;
}

const hasToken = ({ tokens }: Try) => tokens?.access_token !== undefined;
const isOpenid = ({ tokens }: Try) => tokens?.id_token !== undefined;

const acts: Readonly<Record<string, Act>> = {
  redeem: { authenticates: true, fits: ({ code }) => code !== undefined, run: redeem },
  poll_device: { authenticates: true, fits: ({ device }) => device !== undefined, run: pollDevice },
  poll_ciba: { authenticates: true, fits: ({ request }) => request !== undefined, run: pollCiba },
  userinfo: {
    authenticates: false,
    fits: (attempt) => hasToken(attempt) && isOpenid(attempt) && !attempt.sent?.resource,
    run: askUserInfo,
  },
  refresh: {
    authenticates: true,
    fits: ({ tokens }, client) =>
      tokens?.refresh_token !== undefined && allows(client, 'refresh_token'),
    run: refresh,
  },
  introspect: { authenticates: true, fits: hasToken, run: introspect },
  revoke: { authenticates: true, fits: hasToken, run: revoke },
};

/** What can be done next. */
export const nextActs = (attempt: Try, client: Registered): string[] =>
  Object.keys(acts).filter((name) => acts[name]?.fits(attempt, client));

export const authenticates = (name: string): boolean => acts[name]?.authenticates ?? false;

/** Does one of them, if it can be done, and keeps what came of it. */
export async function act(name: string, about: About): Promise<void> {
  const { bench, attempt, client } = about;
  if (!nextActs(attempt, client).includes(name)) return;
  await acts[name]?.run(about);
  await bench.keep(attempt);
}
