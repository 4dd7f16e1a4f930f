/**
 * The relying party that `--serve` shows: sign in, see what came and what was checked, refresh, sign
 * out. Without JavaScript and without a store; what it knows of a visitor is gone with the process.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as rp from 'openid-client';
import { createProof } from '../proof.ts';
import { verifyIdToken } from '../steps/tokens.ts';
import { newRequest, type Request, redirectUri, scopes, signedOutUri, type Walk } from '../walk.ts';
import { noticePage, type SignedIn, signedInPage, startPage } from './pages.ts';

/** What is known of one browser, between its requests. */
interface Visit {
  pending?: Request;
  signedIn?: SignedIn;
  /** The `state` of a logout under way. */
  leaving?: string;
}

interface Reply {
  html?: string;
  status?: number;
  /** Where to go on. */
  to?: string | URL;
  /** Starts a new visit under a new cookie, as every change of who is there must. */
  visit?: Visit;
}

type Handle = (walk: Walk, visit: Visit, url: URL) => Promise<Reply>;

const COOKIE = 'orders';
const styles = readFileSync(new URL('application.css', import.meta.url));

const headers = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

const signIn: Handle = async (walk, visit) => {
  visit.pending = await newRequest(walk.party, {
    redirect_uri: redirectUri(walk),
    scope: scopes,
    resource: walk.resource,
    prompt: 'consent',
  });
  return { to: visit.pending.url };
};

async function see(
  walk: Walk,
  tokens: SignedIn['tokens'],
  nonce: string | undefined,
  before: Pick<SignedIn, 'request' | 'answer' | 'refreshed'>,
): Promise<SignedIn> {
  const proof = createProof();
  const { payload, header } = await verifyIdToken(walk, tokens, nonce, proof);
  const userInfo = await rp.fetchUserInfo(walk.party, tokens.access_token, String(payload.sub));
  return { ...before, tokens, nonce, header, payload, facts: proof.facts, userInfo };
}

const callback: Handle = async (walk, { pending }, url) => {
  if (!pending) return { status: 400, html: noticePage('There is no sign-in under way here.') };
  const tokens = await rp.authorizationCodeGrant(walk.party, url, {
    ...pending.checks,
    idTokenExpected: true,
  });
  const signedIn = await see(walk, tokens, pending.checks.expectedNonce, {
    request: pending.url,
    answer: url,
    refreshed: 0,
  });
  return { to: '/', visit: { signedIn } };
};

const refresh: Handle = async (walk, visit) => {
  const before = visit.signedIn;
  if (!before?.tokens.refresh_token) return { to: '/' };
  const tokens = await rp.refreshTokenGrant(walk.party, before.tokens.refresh_token);
  visit.signedIn = await see(walk, tokens, before.nonce, {
    ...before,
    refreshed: before.refreshed + 1,
  });
  return { to: '/' };
};

const signOut: Handle = async (walk, { signedIn }) => {
  if (!signedIn) return { to: '/' };
  const leaving = rp.randomState();
  const to = rp.buildEndSessionUrl(walk.party, {
    id_token_hint: String(signedIn.tokens.id_token),
    post_logout_redirect_uri: signedOutUri(walk),
    state: leaving,
  });
  return { to, visit: { leaving } };
};

const signedOut: Handle = async (_walk, { leaving }, url) => {
  const matches = leaving !== undefined && url.searchParams.get('state') === leaving;
  return matches
    ? { html: noticePage('You are signed out here, and back with the state that was sent along.') }
    : { status: 400, html: noticePage('This answer belongs to no sign-out of this browser.') };
};

const home: Handle = async (walk, { signedIn }) => ({
  html: signedIn ? signedInPage(signedIn) : startPage(walk.server.issuer),
});

const routes: Readonly<Record<string, Handle>> = {
  'GET /': home,
  'POST /sign-in': signIn,
  'GET /callback': callback,
  'POST /refresh': refresh,
  'POST /sign-out': signOut,
  'GET /signed-out': signedOut,
};

/** What went wrong, as the server said it. */
function refusal(thrown: unknown): string {
  const { error, error_description, message } = thrown as Record<string, unknown>;
  return [error ?? message, error_description].filter(Boolean).join(': ');
}

function createHandler(walk: Walk) {
  const visits = new Map<string, Visit>();

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', walk.application);
    if (url.pathname === '/style.css') {
      response.writeHead(200, { ...headers, 'Content-Type': 'text/css' }).end(styles);
      return;
    }
    const cookie = request.headers.cookie?.match(/(?:^|;\s*)orders=([\w-]+)/)?.[1] ?? '';
    const known = visits.get(cookie);
    const visit = known ?? {};
    const handle = routes[`${request.method} ${url.pathname}`];
    const reply: Reply = handle
      ? await handle(walk, visit, url).catch((error) => ({
          status: 400,
          html: noticePage('That did not work.', refusal(error)),
          visit: {},
        }))
      : { status: 404, html: noticePage('There is nothing at this address.') };

    const lines: Record<string, string> = {};
    if (reply.visit || (!known && visit.pending)) {
      visits.delete(cookie);
      const id = randomBytes(16).toString('base64url');
      visits.set(id, reply.visit ?? visit);
      // Lax, since the answer arrives by a redirect from the server's site.
      lines['Set-Cookie'] = `${COOKIE}=${id}; Path=/; HttpOnly; SameSite=Lax`;
    }
    if (reply.to) lines.Location = String(reply.to);
    else lines['Content-Type'] = 'text/html; charset=utf-8';
    response.writeHead(reply.to ? 303 : (reply.status ?? 200), { ...headers, ...lines });
    response.end(reply.html);
  };
}

/** Takes a port of the loopback first, since the address has to be registered. */
export async function openApplication() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Begins to answer; the walk must have come as far as the registration. */
    serve(walk: Walk): void {
      const handle = createHandler(walk);
      server.on('request', (request, response) => void handle(request, response));
    },
  };
}
