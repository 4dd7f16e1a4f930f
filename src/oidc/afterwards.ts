import type { Middleware } from 'koa';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { under } from '../lib/under.ts';

/**
 * Does something with what the engine answered at paths that begin so. Requests to others do not come
 * by: what awaits is walked for the stack of every error, and the engine makes one for each request.
 */
export function afterwards(
  provider: Provider,
  beginnings: readonly string[],
  amend: (ctx: KoaContextWithOIDC) => unknown,
): void {
  const around: Middleware = async (ctx, next) => {
    await next();
    await amend(ctx as unknown as KoaContextWithOIDC);
  };
  provider.use(under(beginnings, around) as Parameters<Provider['use']>[0]);
}
