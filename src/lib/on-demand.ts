import type { Middleware } from 'koa';

/** A middleware that is loaded by the first request that it is for, so that no start waits for it. */
export function onDemand(load: () => Promise<Middleware>): Middleware {
  let loaded: Promise<Middleware> | undefined;
  return async (ctx, next) => {
    loaded ??= load();
    return (await loaded)(ctx, next);
  };
}
