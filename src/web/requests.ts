import type { Middleware } from 'koa';
import { TooLargeError } from '../lib/body.ts';
import { newId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { UnavailableError } from '../store/store.ts';
import type { PageWriter } from './pages.ts';

/** Gives each request an id, by which a person, the log and the operator speak of the same thing. */
export const correlate = (): Middleware => (ctx, next) => {
  ctx.state.id = newId(96);
  ctx.set('X-Correlation-Id', ctx.state.id);
  return next();
};

interface Shown {
  status: number;
  code: string;
}

function shownAs(error: unknown): Shown {
  if (error instanceof UnavailableError) return { status: 503, code: 'temporarily_unavailable' };
  if (error instanceof TooLargeError) return { status: 413, code: 'invalid_request' };
  const { name, status } = error as { name?: string; status?: number };
  if (name === 'SessionNotFound') return { status: 400, code: 'session_not_found' };
  return status && status < 500
    ? { status, code: 'invalid_request' }
    : { status: 500, code: 'server_error' };
}

/** What nothing else answered, or answered by throwing: a page for people, JSON for programs. */
export function showErrors(pages: PageWriter, log: Log): Middleware {
  return async (ctx, next) => {
    let shown: Shown | undefined;
    try {
      await next();
      if (ctx.status === 404 && ctx.body == null) shown = { status: 404, code: 'not_found' };
    } catch (error) {
      shown = shownAs(error);
      const level = shown.status >= 500 ? 'error' : 'info';
      log[level]({ err: error, id: ctx.state.id, path: ctx.path }, 'request failed');
    }
    if (!shown) return;
    ctx.status = shown.status;
    if (shown.status === 503) ctx.set('Retry-After', '2');
    if (ctx.accepts('json', 'html') === 'html') await pages.error(ctx, shown.code);
    else ctx.body = { error: shown.code, correlation_id: ctx.state.id };
    ctx.status = shown.status;
  };
}
