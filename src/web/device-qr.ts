import type Router from '@koa/router';
import { qrPicture } from '../lib/qr-code.ts';
import { deviceQrPath, shownUserCode } from '../oidc/device.ts';

/**
 * The address that leads a phone straight to a device's request, as a picture that the device can show
 * though it cannot draw one itself (RFC 8628, section 3.3.1). It is drawn for whatever may be a code:
 * nobody learns from it whether there is one.
 */
export function deviceQrRoute(router: Router, issuer: string): void {
  router.get(deviceQrPath, async (ctx) => {
    const code = shownUserCode(ctx.query.user_code);
    const drawn = code && (await qrPicture(`${issuer}/device?user_code=${code}`));
    if (!drawn) return ctx.throw(404);
    // Pages of the device show it, wherever they are from.
    ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
    ctx.set('Cache-Control', 'private, max-age=600');
    ctx.type = 'image/svg+xml';
    ctx.body = drawn;
  });
}
