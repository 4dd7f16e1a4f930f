/**
 * OpenID Connect Session Management 1.0, which the engine does not have: authorization responses say
 * in which state the browser was, and a page of ours tells a relying party's page whether it still is.
 */
import type { Context, Middleware } from 'koa';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { digest, newId } from '../lib/ids.ts';
import { tellErrors } from './error-state.ts';

/** Where `check_session_iframe` is; the web folder serves it. */
export const checkSessionPath = '/session/check';

/** What discovery says of the ways of logout that the engine does not know. */
export const logoutDiscovery = (issuer: string) => ({
  check_session_iframe: `${issuer}${checkSessionPath}`,
  frontchannel_logout_supported: true,
  frontchannel_logout_session_supported: true,
});

/** Kept where a script of ours can read it, so it is worth nothing anywhere else. */
export const browserStateCookie = (issuer: string): string =>
  issuer.startsWith('https:') ? '__Host-browser-state' : 'browser-state';

interface Session {
  uid: string;
  accountId?: string | undefined;
  exp?: number | undefined;
  transient?: boolean | undefined;
  destroyed?: boolean | undefined;
}

/** What a request has computed already, which needs it for its response and for the cookie. */
const computed = new WeakMap<Session, { of: string; state: string }>();

/** Another one after every login and logout; none while nobody is signed in. */
function browserState(session: Session): string | undefined {
  if (session.accountId === undefined || session.destroyed) return undefined;
  const of = `browser state ${session.uid} ${session.accountId}`;
  const known = computed.get(session);
  if (known?.of === of) return known.state;
  const state = digest(of);
  computed.set(session, { of, state });
  return state;
}

/** What a response of this request has; undefined where no page could ask about it. */
function sessionState({ oidc }: KoaContextWithOIDC): string | undefined {
  const { session, client, params } = oidc;
  // A device has no redirect URI, and an application's own scheme no origin.
  const origin = URL.parse(String(params?.redirect_uri))?.origin ?? 'null';
  if (!session || !client || origin === 'null') return undefined;
  if (!String(params?.scope).split(' ').includes('openid')) return undefined;
  const salt = newId(64);
  // Without a cookie the script takes nothing for the state.
  const state = browserState(session) ?? '';
  return `${digest(`${client.clientId} ${origin} ${state} ${salt}`)}.${salt}`;
}

/**
 * Adds `session_state` to authentication responses, in whatever mode they are sent, and keeps the
 * cookie that it is compared with. The script of the page computes the same (section 3.2).
 */
export function keepBrowserState(provider: Provider): Middleware {
  provider.on('authorization.success', (ctx, response) => {
    const state = response && sessionState(ctx);
    if (state) response.session_state = state;
  });
  const tellError = tellErrors(provider, sessionState);

  const secure = provider.issuer.startsWith('https:');
  const name = browserStateCookie(provider.issuer);
  // The page is loaded in frames of other sites; without TLS no browser would take None.
  const attributes = {
    path: '/',
    secure,
    httpOnly: false,
    sameSite: secure ? 'none' : 'lax',
    signed: false,
  } as const;

  function keep(ctx: Context): void {
    const session = (ctx as Context & { oidc?: { session?: Session } }).oidc?.session;
    if (!session) return;
    tellError(ctx as unknown as KoaContextWithOIDC);
    const state = browserState(session);
    if (state === undefined) {
      if (ctx.cookies.get(name, { signed: false })) ctx.cookies.set(name, null, attributes);
      return;
    }
    const expires = !session.transient && session.exp ? new Date(session.exp * 1000) : undefined;
    ctx.cookies.set(name, state, { ...attributes, ...(expires && { expires }) });
  }
  return (ctx, next) => next().then(() => keep(ctx as Context));
}
