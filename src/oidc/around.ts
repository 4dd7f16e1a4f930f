/**
 * What is done around the engine at some of its paths. Koa would run each middleware for every request;
 * here a path has those that are for it, found once: what chains costs time, and what awaits is walked
 * for the stack of every error, of which the engine makes some for each request.
 */
import type { Middleware } from 'koa';
import compose from 'koa-compose';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { Recent } from '../lib/recent.ts';

interface Layer {
  beginnings: readonly string[];
  middleware: Middleware;
}

const layersOf = new WeakMap<Provider, Layer[]>();

/** Paths whose layers are remembered: more than the engine has, unless somebody invents them. */
const PATHS = 100;

const pass: Middleware = (_ctx, next) => next();

/** The one middleware that stands for all layers. */
function choose(layers: readonly Layer[]): Middleware {
  const chosen = new Recent<string, Middleware>(PATHS);
  const find = (path: string): Middleware => {
    const own = layers.filter(({ beginnings }) => beginnings.some((one) => path.startsWith(one)));
    const found = own.length === 0 ? pass : compose(own.map(({ middleware }) => middleware));
    chosen.set(path, found);
    return found;
  };
  return (ctx, next) => (chosen.get(ctx.path) ?? find(ctx.path))(ctx, next);
}

/** Runs a middleware before the engine's own at paths that begin so; to be called before the first request. */
export function around(
  provider: Provider,
  beginnings: readonly string[],
  middleware: Middleware,
): void {
  const layers = layersOf.get(provider) ?? [];
  if (layers.length === 0) provider.use(choose(layers) as Parameters<Provider['use']>[0]);
  layers.push({ beginnings, middleware });
  layersOf.set(provider, layers);
}

/** Does something with what the engine answered at paths that begin so. */
export function afterwards(
  provider: Provider,
  beginnings: readonly string[],
  amend: (ctx: KoaContextWithOIDC) => unknown,
): void {
  around(provider, beginnings, async (ctx, next) => {
    await next();
    await amend(ctx as unknown as KoaContextWithOIDC);
  });
}
