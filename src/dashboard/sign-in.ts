import { hash } from 'node:crypto';
import type { Context } from 'koa';
import { newId } from '../lib/ids.ts';
import type { Loopback } from '../lib/loopback.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import { UnavailableError } from '../store/store.ts';
import type { Cookies } from './cookies.ts';
import { DASHBOARD_CLIENT, dashboardSecret } from './own-client.ts';
import { createPendingSignIns, type Pending } from './pending.ts';
import type { Flash, Session } from './sessions.ts';

/** Why there is no session after all; each has its text under `dashboard.sign_in.error`. */
export type SignInFailure = 'expired' | 'denied' | 'failed' | 'no_role';

export class SignInError extends Error {
  readonly reason: SignInFailure;
  constructor(reason: SignInFailure, message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface SignInParts {
  issuer: string;
  /** The issuer's path. */
  base: string;
  vault: Vault;
  send: Loopback;
  cookies: Cookies;
  /** Of the administration API. */
  scopes: readonly string[];
  /**
   * Seconds for which a login at the server is good for a new session here: as long as a session may
   * idle, or who finds an abandoned one would come in again by the server's, which lives longer.
   */
  idle: number;
}

/** What a sign-in makes of a session; the rest is the browser's. */
export type Tokened = Omit<Session, 'forms'>;

type Tokens = Record<'access_token' | 'id_token', string> & {
  refresh_token?: string;
  expires_in: number;
};

const HOME = '/dashboard';

/** Characters of an address that are kept through a sign-in: what a cookie has room for. */
const LONGEST = 2000;

/**
 * Where a sign-in may end: pages of the dashboard, read as a browser will read the address, which
 * turns back-slashes, resolves dots and drops line breaks. Anything else is the dashboard itself.
 */
function within(address: string): string {
  const here = 'http://here.invalid';
  const url = URL.parse(address, here);
  if (url?.origin !== here) return HOME;
  const { pathname } = url;
  if (pathname.length > LONGEST) return HOME;
  const search = pathname.length + url.search.length > LONGEST ? '' : url.search;
  const isPage = pathname === HOME || pathname.startsWith(`${HOME}/`);
  // Signing in to sign in would never end.
  return isPage &&
    !pathname.startsWith(`${HOME}/sign-in`) &&
    !pathname.startsWith(`${HOME}/callback`)
    ? pathname + search
    : HOME;
}

/** Whether the person is asked for more than a living session at the server. */
export interface Asked {
  /** The password is asked for anew. */
  fresh?: true;
  /** `login`: somebody else may sign in. */
  prompt?: string;
  /** Something was posted, and comes to nothing. */
  lost?: true;
}

/** The claims of an ID token that came from the token endpoint itself (OpenID Connect Core 1.0, 3.1.3.7). */
const claimsOf = (idToken: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString());

/** The dashboard as a relying party of its own server: authorization code with PKCE, nothing special. */
export function createSignIn(parts: SignInParts) {
  const { issuer, base, vault, send, cookies, scopes, idle } = parts;
  const redirect_uri = `${issuer}/dashboard/callback`;
  const resource = `${issuer}/api/v1`;
  const scope = ['openid', 'profile', 'email', ...scopes];
  const pendings = createPendingSignIns(cookies);
  const basic = Buffer.from(`${DASHBOARD_CLIENT}:${dashboardSecret(vault)}`).toString('base64');

  async function tokens(form: Record<string, string>): Promise<Tokens> {
    const answer = await send({
      method: 'POST',
      path: `${base}/token`,
      headers: {
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ ...form, resource }).toString(),
    });
    // That it cannot be answered now says nothing of the grant.
    if (answer.status >= 500) throw new UnavailableError();
    if (answer.status !== 200) throw new SignInError('failed', answer.text);
    return JSON.parse(answer.text);
  }

  return {
    /** Sends the browser to the authorization endpoint. @param to where to go on afterwards */
    start(ctx: Context, to: string, { fresh, prompt, lost }: Asked = {}): void {
      const pending: Pending = {
        state: newId(),
        nonce: newId(),
        verifier: newId(256),
        to: within(to),
        begun: epoch(),
        maxAge: fresh ? 0 : idle,
        ...(lost && { lost }),
      };
      pendings.begin(ctx, pending);
      const query = new URLSearchParams({
        client_id: DASHBOARD_CLIENT,
        response_type: 'code',
        redirect_uri,
        scope: scope.join(' '),
        resource,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: hash('sha256', pending.verifier, 'base64url'),
        code_challenge_method: 'S256',
        max_age: String(pending.maxAge),
        ...(prompt && { prompt }),
      });
      ctx.redirect(`${base}/authorize?${query}`);
    },

    /** Takes what the authorization endpoint answered. @throws {SignInError} */
    async finish(ctx: Context): Promise<{ session: Tokened; to: string }> {
      const { state, code, error, iss } = ctx.query;
      const pending = pendings.find(ctx, state);
      if (!pending) throw new SignInError('expired', 'no such sign-in');
      pendings.end(ctx, pending.state);
      if (iss !== issuer) throw new SignInError('failed', 'another issuer answered');
      if (error === 'access_denied') throw new SignInError('denied', 'cancelled');
      if (typeof code !== 'string') throw new SignInError('failed', String(error));

      const { verifier: code_verifier, nonce, begun, maxAge, lost, to } = pending;
      const got = await tokens({
        grant_type: 'authorization_code',
        code,
        redirect_uri,
        code_verifier,
      });
      const claims = claimsOf(got.id_token);
      const authTime = Number(claims.auth_time ?? 0);
      // OpenID Connect Core 1.0, 3.1.3.7; a second of grace, since both clocks are cut to seconds.
      const isStale = authTime < begun - maxAge - 1;
      if (claims.nonce !== nonce || isStale) throw new SignInError('failed', 'not this sign-in');
      const session = toSession(got, String(claims.sub), authTime);
      const flash: Flash = { key: 'frame.not_saved', kind: 'warning' };
      return { session: { ...session, ...(lost && { flash }) }, to };
    },

    /** The session with a new access token; undefined when there is none to be had. */
    async renew(session: Session): Promise<Session | undefined> {
      const { refreshToken, accountId, authTime } = session;
      if (!refreshToken) return undefined;
      const got = await tokens({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
      }).catch((error) => {
        if (error instanceof SignInError) return undefined;
        throw error;
      });
      return got && { ...session, ...toSession(got, accountId, authTime), name: session.name };
    },

    /** Where the person signs out of the server itself (RP-Initiated Logout 1.0). */
    logoutAddress: ({ idToken }: Session): string =>
      `${base}/logout?${new URLSearchParams({
        id_token_hint: idToken,
        client_id: DASHBOARD_CLIENT,
        post_logout_redirect_uri: `${issuer}/dashboard/signed-out`,
      })}`,
  };

  function toSession(got: Tokens, accountId: string, authTime: number): Tokened {
    return {
      accountId,
      name: '',
      accessToken: got.access_token,
      ...(got.refresh_token && { refreshToken: got.refresh_token }),
      idToken: got.id_token,
      expires: epoch() + got.expires_in,
      authTime,
      seen: epoch(),
    };
  }
}

export type SignIn = ReturnType<typeof createSignIn>;
