import type { Middleware } from 'koa';
import { lazy } from './lazy.ts';

/** A middleware that is loaded by the first request that it is for, so that no start waits for it. */
export function onDemand(load: () => Promise<Middleware>): Middleware {
  const loaded = lazy(load);
  return async (ctx, next) => (await loaded())(ctx, next);
}
