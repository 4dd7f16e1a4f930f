/**
 * Middlewares for some paths. Koa runs each for every request, and whoever is not meant passes it on;
 * here a path has those that are for it, found once: what chains costs time, and what awaits is walked
 * for the stack of every error, of which the engine makes some for each request.
 */
import type { Middleware } from 'koa';
import compose from 'koa-compose';
import { Recent } from './recent.ts';

/** A middleware, and which paths it is for. */
export interface Part {
  isFor(path: string): boolean;
  middleware: Middleware;
}

export const everywhere = (middleware: Middleware): Part => ({ isFor: () => true, middleware });

/** For these paths, to the letter. */
export const at = (paths: readonly string[], middleware: Middleware): Part => ({
  isFor: (path) => paths.includes(path),
  middleware,
});

/** For all paths but these, to the letter. */
export const except = (paths: readonly string[], middleware: Middleware): Part => ({
  isFor: (path) => !paths.includes(path),
  middleware,
});

/** For paths with one of these beginnings. */
export const under = (beginnings: readonly string[], middleware: Middleware): Part => ({
  isFor: (path) => beginnings.some((beginning) => path.startsWith(beginning)),
  middleware,
});

/** Paths whose middlewares are remembered: more than are asked for often, unless somebody invents them. */
const PATHS = 100;

/** The one middleware that stands for all parts, in their order. Parts may be added until it is used. */
export function byPath(parts: readonly Part[]): Middleware {
  const known = new Recent<string, Middleware>(PATHS);
  const find = (path: string): Middleware => {
    const own = parts.filter((part) => part.isFor(path)).map(({ middleware }) => middleware);
    const found = compose(own);
    known.set(path, found);
    return found;
  };
  return (ctx, next) => {
    const { path } = ctx;
    return (known.get(path) ?? find(path))(ctx, next);
  };
}
