/** What the authorization endpoint takes and answers beyond the engine's configuration. */
import { type Configuration, errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { responseTypes } from '../clients/values.ts';
import { afterwards } from './around.ts';
import { authMethodDiscovery } from './auth-methods.ts';
import { checkNonceOrState } from './profile-requests.ts';
import { acceptTokenRequests, becomeTokenRequest } from './token-responses.ts';
import { frameWebMessages, restrictWebMessages } from './web-messages.ts';

/**
 * Nobody is asked to sign in for a request that would lead to nothing: the engine notices only then,
 * and says that access was denied.
 * @source RFC 6749, section 3.3
 */
function refuseNothing({ oidc }: KoaContextWithOIDC): void {
  if (oidc.requestParamOIDCScopes.size > 0 || oidc.params?.authorization_details) return;
  const asked = [...oidc.requestParamScopes];
  const ofResources = Object.values(oidc.resourceServers ?? {});
  if (ofResources.some(({ scopes }) => asked.some((scope) => scopes.has(scope)))) return;
  throw new errors.InvalidScope(
    'name a scope of this server, or one that this client may have of a resource',
    asked.join(' '),
  );
}

/** `extraParams`: a parameter of ours, and a place where every authorization request comes by. */
export const extraParams: NonNullable<Configuration['extraParams']> = {
  audience: (ctx) => {
    checkNonceOrState(ctx);
    becomeTokenRequest(ctx);
    refuseNothing(ctx);
  },
};

/** `features.webMessageResponseMode` */
export const webMessageResponseMode = { enabled: true, ack: 'individual-draft-01' };

/** What discovery says of these (OpenID Connect Discovery 1.0, section 3). */
const discovery = {
  response_types_supported: responseTypes,
  request_uri_parameter_supported: true,
  require_request_uri_registration: true,
};

/** Lists without elements are left out (RFC 8414, section 3.2). */
const withoutEmptyLists = (document: object): object =>
  Object.fromEntries(
    Object.entries(document).filter(([, value]) => !Array.isArray(value) || value.length > 0),
  );

/** By the name of the engine's route. */
const amendments: Readonly<Record<string, (ctx: KoaContextWithOIDC) => void>> = {
  authorization: frameWebMessages,
  resume: frameWebMessages,
  discovery(ctx) {
    const document = ctx.body as Record<string, unknown>;
    ctx.body = withoutEmptyLists({ ...document, ...authMethodDiscovery(document), ...discovery });
  },
};

/** Adds them to the engine. @param path of the authorization endpoint */
export function completeAuthorization(provider: Provider, path: string): void {
  acceptTokenRequests(provider);
  restrictWebMessages(provider);
  afterwards(provider, ['/.well-known/', path], (ctx) => {
    if (ctx.oidc) amendments[ctx.oidc.route]?.(ctx);
  });
}
