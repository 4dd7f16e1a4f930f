/**
 * OpenID Connect Front-Channel Logout 1.0, which the engine does not have: the last page of a logout
 * loads the address of every client of the session in a hidden frame.
 */
import type { Context, Next } from 'koa';
import type { Provider } from 'oidc-provider';
import { at, type Part } from '../lib/by-path.ts';
import type { ExtraProperties } from './client.ts';

/** What the page that ends a logout does. */
export interface Farewell {
  /** Addresses to load, each in a frame of its own. */
  frames: string[];
  /** Where the person goes after that. */
  next: string;
}

export type ShowFarewell = (
  ctx: Context,
  clientId: string | undefined,
  farewell: Farewell,
) => Promise<void>;

/**
 * ID tokens name the session to clients that want it in their logouts, through `includeSid`, a public
 * method of the engine's client that it asks for every ID token.
 */
export function includeSids(provider: Provider): void {
  const { prototype } = provider.Client;
  const { includeSid } = prototype;
  prototype.includeSid = function includeSidOfFrontchannel() {
    const own = this as unknown as ExtraProperties;
    return (
      Boolean(own.frontchannel_logout_uri && own.frontchannel_logout_session_required) ||
      Boolean(includeSid.call(this))
    );
  };
}

/** The address as it was registered, with `iss` and `sid` behind its own query (section 3). */
function withSession(uri: string, iss: string, sid: string): string {
  const query = new URLSearchParams({ iss, sid });
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`;
}

/** Stands around the engine. @param path of the form that confirms a logout */
export function frontchannelLogout(provider: Provider, path: string, show: ShowFarewell): Part {
  async function frameOf(clientId: string, sid: string | undefined): Promise<string[]> {
    // A client that is refused, since it left its profile say, is told nothing.
    const client = await provider.Client.find(clientId).catch(() => undefined);
    const own = client as unknown as ExtraProperties | undefined;
    const uri = own?.frontchannel_logout_uri;
    if (!uri) return [];
    const named = own.frontchannel_logout_session_required && sid;
    return [named ? withSession(uri, provider.issuer, sid) : uri];
  }

  async function end(ctx: Context, next: Next): Promise<void> {
    // Read before the engine ends it.
    const { authorizations = {}, state } = await provider.Session.get(ctx);
    await next();
    if (ctx.status !== 303) return;
    const everyone = Boolean(ctx.oidc?.params?.logout);
    const left = Object.entries(authorizations).filter(
      ([clientId]) => everyone || clientId === state?.clientId,
    );
    const frames = await Promise.all(left.map(([clientId, { sid }]) => frameOf(clientId, sid)));
    if (frames.flat().length === 0) return;
    const location = ctx.response.get('Location');
    ctx.remove('Location');
    ctx.status = 200;
    await show(ctx, ctx.oidc?.client?.clientId, {
      frames: frames.flat(),
      next: location,
    });
  }
  return at([path], (ctx, next) => (ctx.method === 'POST' ? end(ctx as Context, next) : next()));
}
