import type { Middleware } from 'koa';
import { type AdapterPayload, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Guard } from '../lib/limit.ts';

/** The engine's routes at which a client authenticates itself, if only by its name. */
const routes: ReadonlySet<string | undefined> = new Set([
  'token',
  'pushed_authorization_request',
  'introspection',
  'revocation',
  'device_authorization',
  'backchannel_authentication',
]);

type Presented = KoaContextWithOIDC & { state: { presented?: { clientId: string; ip: string } } };

type Find = (clientId: string) => Promise<AdapterPayload | undefined>;

/** Limits how often clients may fail to authenticate; what succeeds is not counted and costs nothing. */
export interface ClientAttempts {
  /**
   * Looks clients up for the engine: the one place that every method of authentication comes by
   * with the client's name and before anything is verified.
   */
  guarded(find: Find): Find;
  /** Counts what failed before it is answered; goes in front of the engine. */
  count: Middleware;
}

/**
 * The refusal is `temporarily_unavailable`: of the codes of RFC 6749 the only one that says "the same
 * request may succeed later" (`invalid_client` would say that the credentials are wrong, `slow_down`
 * is for polling, RFC 8628, section 3.5). Status 429 and Retry-After say the rest (RFC 6585, section 4).
 */
function refusal(wait: number): Error {
  return Object.assign(new errors.OIDCProviderError(429, 'temporarily_unavailable'), {
    error_description: `client authentication failed too often, try again in ${wait} seconds`,
  });
}

export function createClientAttempts(
  guard: Guard<{ clientId: string; ip: string }>,
): ClientAttempts {
  return {
    guarded: (find) => async (clientId) => {
      const ctx = Provider.ctx as Presented | undefined;
      // The first look-up of a request is of who presents itself; later ones are of others.
      if (ctx && routes.has(ctx.oidc.route) && !ctx.state.presented) {
        const who = {
          clientId,
          // Read from headers, and of no use to most requests.
          get ip() {
            return ctx.ip;
          },
        };
        const wait = guard.wait(who);
        if (wait > 0) {
          ctx.set('Retry-After', String(wait));
          throw refusal(wait);
        }
        ctx.state.presented = who;
      }
      return find(clientId);
    },

    count: (ctx, next) =>
      next().then(() => {
        // Nothing but a failed authentication is a 401 there (RFC 6749, section 5.2).
        const who = (ctx as unknown as Presented).state.presented;
        return who && ctx.status === 401 ? guard.hit(who) : undefined;
      }),
  };
}
