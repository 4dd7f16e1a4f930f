import type Router from '@koa/router';
import type { Store } from '../store/store.ts';

/** Whether the process runs, and whether it can do its work; for load balancers. */
export function healthRoutes(router: Router, store: Store): void {
  router.get('/health/live', (ctx) => {
    ctx.body = { status: 'live' };
  });
  router.get('/health/ready', async (ctx) => {
    const ready = await store.ping().then(
      () => true,
      () => false,
    );
    ctx.status = ready ? 200 : 503;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { status: ready ? 'ready' : 'the store does not answer' };
  });
}
