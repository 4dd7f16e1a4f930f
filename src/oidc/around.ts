/** What is done around the engine at some of its paths. */
import type { Middleware } from 'koa';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { byPath, type Part, under } from '../lib/by-path.ts';

const partsOf = new WeakMap<Provider, Part[]>();

/**
 * Runs a middleware before the engine's own at paths that begin so; to be called before the first
 * request. The engine takes its paths in capitals too, so what it is asked there is no less looked at.
 * @param beginnings in small letters
 */
export function around(
  provider: Provider,
  beginnings: readonly string[],
  middleware: Middleware,
): void {
  const parts = partsOf.get(provider) ?? [];
  if (parts.length === 0) provider.use(byPath(parts) as Parameters<Provider['use']>[0]);
  const { isFor } = under(beginnings, middleware);
  parts.push({ isFor: (path) => isFor(path.toLowerCase()), middleware });
  partsOf.set(provider, parts);
}

/** Does something with what the engine answered at paths that begin so. */
export function afterwards(
  provider: Provider,
  beginnings: readonly string[],
  amend: (ctx: KoaContextWithOIDC) => unknown,
): void {
  around(provider, beginnings, (ctx, next) =>
    next().then(() => amend(ctx as unknown as KoaContextWithOIDC)),
  );
}
