import { hash } from 'node:crypto';
import { type Browser, createBrowser } from './browser.ts';
import type { Child } from './child.ts';
import { createHttpClient, type HttpClient } from './client.ts';
import { basic, type Fixture, redirectUri } from './fixture.ts';

/** One of the two servers, as the operations see it. */
export interface Target {
  child: Child;
  http: HttpClient;
  fixture: Fixture;
  /** From its discovery document. */
  endpoints: Readonly<
    Record<
      | 'authorization_endpoint'
      | 'token_endpoint'
      | 'introspection_endpoint'
      | 'pushed_authorization_request_endpoint'
      | 'device_authorization_endpoint'
      | 'userinfo_endpoint'
      | 'jwks_uri',
      string
    >
  >;
}

export interface Tokens {
  access_token: string;
  refresh_token: string;
}

/** Reads where the endpoints are. */
export async function createTarget(child: Child, fixture: Fixture): Promise<Target> {
  const http = createHttpClient(child.url);
  const discovered = await http.send({ to: '/.well-known/openid-configuration' }, 200);
  return { child, http, fixture, endpoints: JSON.parse(discovered.body) };
}

// One verifier for all: making new ones is the client's work, which is not what is measured.
const verifier = 'a-code-verifier-of-the-benchmark-with-enough-characters';
const challenge = hash('sha256', verifier, 'base64url');

/** The parameters of an authorization request of the web client. */
export const authorizeParameters = ({ fixture }: Pick<Target, 'fixture'>) => ({
  client_id: fixture.web.client_id,
  response_type: 'code',
  redirect_uri: redirectUri,
  scope: 'openid profile email',
  state: 'af0ifjsldkj',
  nonce: 'n-0S6_WzA2Mj',
  code_challenge: challenge,
  code_challenge_method: 'S256',
});

/** An authorization request of the web client. @param more parameters beside, or in the place of, those */
export function authorizeUrl(target: Target, more: Readonly<Record<string, string>> = {}): string {
  const parameters = new URLSearchParams({ ...authorizeParameters(target), ...more });
  return `${target.endpoints.authorization_endpoint}?${parameters}`;
}

/** Posts to the token endpoint as the web client. */
export async function fetchTokens(
  { endpoints, fixture, http }: Target,
  form: Readonly<Record<string, string>>,
): Promise<Tokens> {
  const headers = { authorization: basic(fixture.web) };
  const answer = await http.send({ to: endpoints.token_endpoint, headers, form }, 200);
  return JSON.parse(answer.body);
}

/** Exchanges a code. */
export const redeem = (
  target: Target,
  code: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Tokens> =>
  fetchTokens(target, {
    ...more,
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });

/** A browser in which the person has signed in and consented, and the tokens of that. */
export async function signedIn(target: Target): Promise<{ browser: Browser; tokens: Tokens }> {
  const { email, password } = target.fixture.account;
  const browser = createBrowser(target.http, target.child.url);
  const code = await browser.signIn(authorizeUrl(target), email, password);
  return { browser, tokens: await redeem(target, code) };
}

/** So many of them, a few at a time. */
export async function manySignedIn(target: Target, count: number) {
  const made: Awaited<ReturnType<typeof signedIn>>[] = [];
  const lanes = Array.from({ length: 4 }, async (_, lane) => {
    for (let index = lane; index < count; index += 4) made.push(await signedIn(target));
  });
  await Promise.all(lanes);
  return made;
}
