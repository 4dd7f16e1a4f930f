import type { Middleware } from 'koa';

/** Runs a middleware for paths with one of these beginnings only; the others pay nothing for it. */
export function under(beginnings: readonly string[], middleware: Middleware): Middleware {
  return (ctx, next) =>
    beginnings.some((beginning) => ctx.path.startsWith(beginning)) ? middleware(ctx, next) : next();
}

/** For all paths but these, to the letter. */
export function except(paths: readonly string[], middleware: Middleware): Middleware {
  const exact = new Set(paths);
  return (ctx, next) => (exact.has(ctx.path) ? next() : middleware(ctx, next));
}
