import type { Context } from 'koa';
import { readBody, TooLargeError } from '../lib/body.ts';
import { at, type Part } from '../lib/by-path.ts';

/** Bytes that still fit into the request line which the answer leads to. */
const LIMIT = 12_288;

/**
 * An authorization request may be posted (OpenID Connect Core 1.0, section 3.1.2.1). A form of another
 * site comes without our cookies, so it becomes the GET that it stands for, which has them.
 * @param path of the authorization endpoint; @param base what the issuer's path puts in front of it
 */
export function postedRequests(path: string, base: string): Part {
  async function goOn(ctx: Context): Promise<void> {
    if (!ctx.is('application/x-www-form-urlencoded')) ctx.throw(415);
    const parameters = new URLSearchParams(await readBody(ctx.req, LIMIT));
    const location = `${base}${path}?${parameters}`;
    if (location.length > LIMIT) throw new TooLargeError('push a request this large (RFC 9126)');
    ctx.redirect(location);
    ctx.status = 303;
  }
  // Not async itself: requests that are no forms come by here on their way to the engine.
  return at([path], (ctx, next) => (ctx.method === 'POST' ? goOn(ctx) : next()));
}
