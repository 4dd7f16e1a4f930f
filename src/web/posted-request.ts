import type { Context, Middleware } from 'koa';
import { readBody, TooLargeError } from '../lib/body.ts';

/** Bytes that still fit into the request line which the answer leads to. */
const LIMIT = 12_288;

/**
 * An authorization request may be posted (OpenID Connect Core 1.0, section 3.1.2.1). A form of another
 * site comes without our cookies, so it becomes the GET that it stands for, which has them.
 * @param path of the authorization endpoint; @param base what the issuer's path puts in front of it
 */
export function postedRequests(path: string, base: string): Middleware {
  async function goOn(ctx: Context): Promise<void> {
    if (!ctx.is('application/x-www-form-urlencoded')) ctx.throw(415);
    const parameters = new URLSearchParams(await readBody(ctx.req, LIMIT));
    const location = `${base}${path}?${parameters}`;
    if (location.length > LIMIT) throw new TooLargeError('push a request this large (RFC 9126)');
    ctx.redirect(location);
    ctx.status = 303;
  }
  // Not async itself: every other request comes by here on its way to the engine.
  return (ctx, next) => (ctx.method === 'POST' && ctx.path === path ? goOn(ctx) : next());
}
