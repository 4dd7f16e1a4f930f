/**
 * `response_mode=web_message` (draft-sakimura-oauth-wmrm-01): the answer is a page that posts it to
 * the window which opened or framed it. The engine's page names the redirect URI's origin as the only
 * one that may receive the message; that only this origin may frame it is said here.
 */
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';

const isMessage = (mode: unknown): boolean => /^web_message(\.jwt)?$/.test(String(mode));

/**
 * Only for clients that are registered for it by name: one that left its response modes open was
 * not asked whether its pages can be trusted with messages.
 */
export function restrictWebMessages({ Client: { prototype } }: Provider): void {
  const { responseModeAllowed } = prototype;
  prototype.responseModeAllowed = function allowed(mode, type, profile) {
    const { responseModes } = this as { responseModes?: readonly string[] | undefined };
    if (isMessage(mode) && !responseModes?.includes(mode)) {
      // The refusal goes the way that needs no registration.
      const params = Provider.ctx?.oidc.params;
      if (params) params.response_mode = undefined;
      return false;
    }
    return responseModeAllowed.call(this, mode, type, profile);
  };
}

/** An origin that can stand in a policy as it is. */
const ORIGIN = /^https?:\/\/(\[[\da-f:]+\]|[a-z\d._-]+)(:\d+)?$/;

/** Sends the page on with the frames that it may be in; after the engine has opened it to any. */
export function frameWebMessages(ctx: KoaContextWithOIDC): void {
  const policy = ctx.response.get('Content-Security-Policy');
  // Until the parameters are known the engine cannot say the mode.
  if (!ctx.oidc.params || !isMessage(ctx.oidc.responseMode)) return;
  if (/frame-ancestors/.test(policy)) return;
  const origin = URL.parse(String(ctx.oidc.params?.redirect_uri))?.origin ?? '';
  ctx.set(
    'Content-Security-Policy',
    `${policy}; frame-ancestors ${ORIGIN.test(origin) ? origin : "'none'"}`,
  );
}
