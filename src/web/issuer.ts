import type Koa from 'koa';
import type { Middleware } from 'koa';
import { resourceMetadataPath } from '../oidc/resource-metadata.ts';

/**
 * Makes an application speak as the issuer, whatever Host, X-Forwarded-Host or X-Forwarded-Proto a
 * request claims: links, redirects, cookies and audiences never move with a header.
 */
export function pinToIssuer(app: Koa, issuer: string): void {
  const { protocol, host, hostname, origin } = new URL(issuer);
  const fixed = { protocol: protocol.slice(0, -1), host, hostname, origin };
  const getters = Object.entries(fixed).map(([name, value]) => [
    name,
    { configurable: true, get: () => value },
  ]);
  Object.defineProperties(app.request, Object.fromEntries(getters));
  Object.defineProperty(app.request, 'href', {
    configurable: true,
    get(this: Koa.Request) {
      return origin + this.originalUrl;
    },
  });
}

/** The issuer's path, without the slash at its end; empty when it has none. */
export const basePath = (issuer: string): string => new URL(issuer).pathname.replace(/\/$/, '');

/**
 * Refuses targets that are not a path (`GET http://evil/` is legal HTTP), and takes the issuer's own
 * path off, so that routes are the same wherever the server is mounted. Metadata of an issuer with a
 * path stands before it (RFC 8414, section 3.1; RFC 9728, section 3.1).
 */
export function withinIssuer(issuer: string): Middleware {
  const base = basePath(issuer);
  const moved = new Map(
    Object.entries({
      [`/.well-known/oauth-authorization-server${base}`]: '/.well-known/oauth-authorization-server',
      [`${resourceMetadataPath}${base}/api/v1`]: `${resourceMetadataPath}/api/v1`,
    }),
  );

  return (ctx, next) => {
    if (!ctx.req.url?.startsWith('/')) {
      ctx.status = 400;
      ctx.body = 'The request target must be a path.';
      return undefined;
    }
    if (!base) return next();
    const rest =
      moved.get(ctx.path) ?? (ctx.path.startsWith(`${base}/`) && ctx.path.slice(base.length));
    if (!rest) {
      ctx.status = 404;
      return undefined;
    }
    ctx.path = rest;
    // Where the engine reads that its own addresses begin further down.
    ctx.mountPath = base;
    return next();
  };
}
