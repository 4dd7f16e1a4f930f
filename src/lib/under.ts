import type { Middleware } from 'koa';
import compose from 'koa-compose';

/** Runs a middleware for paths with one of these beginnings only; the others pay nothing for it. */
export function under(beginnings: readonly string[], middleware: Middleware): Middleware {
  return (ctx, next) =>
    beginnings.some((beginning) => ctx.path.startsWith(beginning)) ? middleware(ctx, next) : next();
}

/** One after the other, for all paths but these, to the letter. */
export function except(paths: readonly string[], ...parts: readonly Middleware[]): Middleware {
  const exact = new Set(paths);
  const middleware = compose([...parts]);
  return (ctx, next) => (exact.has(ctx.path) ? next() : middleware(ctx, next));
}
