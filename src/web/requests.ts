import type { Context, Middleware } from 'koa';
import { TooLargeError } from '../lib/body.ts';
import { newId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { UnavailableError } from '../store/store.ts';
import type { PageWriter } from './pages.ts';

/** Gives each request an id, by which a person, the log and the operator speak of the same thing. */
export const correlate = (): Middleware => (ctx, next) => {
  ctx.state.id = newId(96);
  ctx.res.setHeader('X-Correlation-Id', ctx.state.id);
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

/**
 * What nothing else answered, or answered by throwing: a page for people, JSON for programs. It
 * chains instead of awaiting, as everything in front of the engine does: what awaits is walked for
 * every error's stack, and the engine makes one for each request.
 * @param note told the code of what was thrown
 */
export function showErrors(
  pages: PageWriter,
  log: Log,
  note: (ctx: Context, code: string) => void,
): Middleware {
  async function show(ctx: Context, { status, code }: Shown): Promise<void> {
    ctx.status = status;
    if (status === 503) ctx.set('Retry-After', '2');
    if (ctx.accepts('json', 'html') === 'html') await pages.error(ctx, code);
    else ctx.body = { error: code, correlation_id: ctx.state.id };
    ctx.status = status;
  }

  return (ctx, next) =>
    next().then(
      () =>
        ctx.status === 404 && ctx.body == null
          ? show(ctx, { status: 404, code: 'not_found' })
          : undefined,
      (error) => {
        const shown = shownAs(error);
        const level = shown.status >= 500 ? 'error' : 'info';
        log[level]({ err: error, id: ctx.state.id, path: ctx.path }, 'request failed');
        note(ctx, shown.code);
        return show(ctx, shown);
      },
    );
}
