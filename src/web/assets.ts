import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import type { Asset } from './theme-assets.ts';

/** The theme's style sheet and pictures, from memory, for as long as a browser likes. */
export function assetRoutes(router: Router, assets: ReadonlyMap<string, Asset>): void {
  const send = (ctx: RouterContext, asset: Asset) => {
    ctx.type = asset.type;
    ctx.set('ETag', asset.etag);
    ctx.set('Cache-Control', ctx.query.v === asset.version ? asset.cacheControl : 'no-cache');
    ctx.status = 200;
    if (ctx.get('if-none-match') === asset.etag) ctx.status = 304;
    else ctx.body = asset.body;
  };

  router.get('/assets/:theme/:file', (ctx, next) => {
    const asset = assets.get(ctx.path);
    return asset ? send(ctx, asset) : next();
  });

  // Browsers ask for it on pages that name no icon, such as the engine's own.
  const icon = [...assets].find(([path]) => path.endsWith('/icon.svg'))?.[1];
  router.get('/favicon.ico', (ctx, next) => (icon ? send(ctx, icon) : next()));
}
