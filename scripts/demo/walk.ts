/**
 * What the steps of the walk share. It is filled step by step: the steps run in the order of their
 * table and the first failure ends the walk, so no step reads what has not been made before it.
 */
import type { JSONWebKeySet, JWTPayload } from 'jose';
import * as rp from 'openid-client';
import type { Api } from './api.ts';
import type { Browser, Page } from './browser.ts';
import type { ServerProcess } from './server-process.ts';

export type Tokens = rp.TokenEndpointResponse & rp.TokenEndpointResponseHelpers;

/** An authorization request, and what the relying party remembers of it. */
export interface Request {
  url: URL;
  checks: { pkceCodeVerifier: string; expectedState: string; expectedNonce: string };
}

export interface Walk {
  env: Readonly<Record<string, string | undefined>>;
  /** Where the relying party lives. */
  application: string;

  server: ServerProcess;
  metadata: Record<string, unknown> & { issuer: string; jwks_uri: string };
  jwks: JSONWebKeySet;
  api: Api;
  /** Addresses within the API of what was created. */
  created: string[];
  person: { id: string; email: string; password: string; name: string; phone: string };
  /** The resource's identifier. */
  resource: string;
  client: { id: string; secret: string; name: string };
  machine: { id: string; secret: string };
  party: rp.Configuration;

  browser: Browser;
  request: Request;
  page: Page;
  /** Where the browser was sent with the answer. */
  answer: URL;
  tokens: Tokens;
  idToken: JWTPayload;
  /** Tokens that end with the login session, and those that outlive it. */
  online: Tokens;
}

/** Everything that the client may be given; the person leaves two of them unticked. */
export const scopes = 'openid profile email phone offline_access orders:read orders:write';

export const redirectUri = (walk: Walk): string => `${walk.application}/callback`;
export const signedOutUri = (walk: Walk): string => `${walk.application}/signed-out`;

export async function newRequest(
  party: rp.Configuration,
  parameters: Record<string, string>,
): Promise<Request> {
  const pkceCodeVerifier = rp.randomPKCECodeVerifier();
  const expectedState = rp.randomState();
  const expectedNonce = rp.randomNonce();
  const url = rp.buildAuthorizationUrl(party, {
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await rp.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  });
  return { url, checks: { pkceCodeVerifier, expectedState, expectedNonce } };
}

/** Another sign-in of the same person in the same browser, which answers whatever page comes. */
export async function signInAgain(
  walk: Walk,
  parameters: Record<string, string> = {},
): Promise<{ request: Request; answer: URL; pages: number }> {
  const { browser, person } = walk;
  const request = await newRequest(walk.party, {
    redirect_uri: redirectUri(walk),
    scope: 'openid profile',
    ...parameters,
  });
  let page = await browser.open(request.url);
  let pages = 0;
  for (; !page.left && pages < 3; pages += 1) {
    const { email, password } = person;
    page = page.forms.some(({ controls }) => controls.some(({ name }) => name === 'password'))
      ? await browser.submit(page, 'password', { fill: { email, password } })
      : await browser.submit(page, 'decision', { press: 'decision=allow' });
  }
  if (!page.left) throw new Error(`the sign-in ended at ${page.url.pathname} (${page.status})`);
  return { request, answer: page.left, pages };
}

/** Signs in again and exchanges the code. */
export async function freshTokens(
  walk: Walk,
  parameters?: Record<string, string>,
): Promise<Tokens & { answer: URL; request: Request }> {
  const { request, answer } = await signInAgain(walk, parameters);
  const tokens = await rp.authorizationCodeGrant(walk.party, answer, request.checks);
  return Object.assign(tokens, { answer, request });
}

/** Whether the server calls a token active. */
export const isActive = async (walk: Walk, token: string | undefined): Promise<boolean> =>
  (await rp.tokenIntrospection(walk.party, String(token))).active;
