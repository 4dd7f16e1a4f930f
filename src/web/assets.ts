import type Router from '@koa/router';
import type { Asset } from './theme-assets.ts';

/** The theme's style sheets and pictures, from memory, for as long as a browser likes. */
export function assetRoutes(router: Router, assets: ReadonlyMap<string, Asset>): void {
  router.get('/assets/:theme/:file', (ctx, next) => {
    const asset = assets.get(ctx.path);
    if (!asset) return next();
    ctx.type = asset.type;
    ctx.set('ETag', asset.etag);
    ctx.set('Cache-Control', ctx.query.v === asset.version ? asset.cacheControl : 'no-cache');
    ctx.status = 200;
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = asset.body;
    return undefined;
  });
}
