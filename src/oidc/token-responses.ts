/**
 * `response_type=token` (RFC 6749, section 4.2): an access token from the authorization endpoint and
 * nothing beside it. The engine answers such requests and cannot be configured to accept them, so
 * they pass its checks as the nearest type that it can be configured with, and are what they were
 * again before anybody decides on them or anything is issued. Requests by value, by reference and
 * pushed ones come by the same checks.
 */
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { responseTypes } from '../clients/values.ts';

const TOKEN = 'token';

/** Checked alike: answers by fragment and never by query, no nonce, no openid, one sender constraint. */
const STAND_IN = 'code token';

/** What the engine is configured with. */
export const engineResponseTypes = responseTypes.filter((type) => type !== TOKEN);

/** What the engine's client has of a client's own response types; `none` leads to nothing. */
export const toEngineTypes = (types: readonly string[]) =>
  types.includes(TOKEN)
    ? {
        response_types: types.map((type) => (type === TOKEN ? 'none' : type)),
        registered_response_types: types,
      }
    : {};

type Registered = {
  registered_response_types?: readonly string[];
  responseTypes?: readonly string[] | undefined;
};

/** Whether this request asks for an access token alone. */
export const isTokenRequest = (ctx: KoaContextWithOIDC | undefined): boolean =>
  ctx?.state?.tokenRequest === true;

/** Lets clients that are registered for it ask for a token alone. */
export function acceptTokenRequests({ Client: { prototype } }: Provider): void {
  const { responseModeAllowed } = prototype;
  // Asked when the parameters are known and the response type has not been looked at.
  prototype.responseModeAllowed = function accept(mode, type, profile) {
    const ctx = Provider.ctx;
    if (String(type) === TOKEN && ctx?.oidc.params) {
      ctx.state.tokenRequest = true;
      ctx.oidc.params.response_type = STAND_IN;
    }
    return responseModeAllowed.call(this, mode, type, profile);
  };
  prototype.responseTypeAllowed = function allowed(type) {
    const { registered_response_types: all, responseTypes: known = [] } = this as Registered;
    return (all ?? known).includes(isTokenRequest(Provider.ctx) ? TOKEN : type);
  };
}

/**
 * The end of the checks: the request is for a token again. Without a code there is nobody to give a
 * refresh token to, so `offline_access` is as if it were not asked for (OpenID Connect Core 1.0, 11).
 */
export function becomeTokenRequest(ctx: KoaContextWithOIDC): void {
  const { params } = ctx.oidc;
  if (!params || !isTokenRequest(ctx)) return;
  params.response_type = TOKEN;
  const scopes = [...ctx.oidc.requestParamScopes].filter((scope) => scope !== 'offline_access');
  params.scope = scopes.join(' ') || undefined;
}
