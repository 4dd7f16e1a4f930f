import type { Middleware } from 'koa';

/** Runs a middleware for paths with one of these beginnings only; the others pay nothing for it. */
export function under(beginnings: readonly string[], middleware: Middleware): Middleware {
  return (ctx, next) =>
    beginnings.some((beginning) => ctx.path.startsWith(beginning)) ? middleware(ctx, next) : next();
}
