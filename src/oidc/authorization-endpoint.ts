/** What the authorization endpoint takes and answers beyond the engine's configuration. */
import type { Middleware } from 'koa';
import type { Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider';
import { responseTypes } from '../clients/values.ts';
import { under } from '../lib/under.ts';
import { checkNonceOrState } from './profile-requests.ts';
import { acceptTokenRequests, becomeTokenRequest } from './token-responses.ts';
import { frameWebMessages, restrictWebMessages } from './web-messages.ts';

/** `extraParams`: a parameter of ours, and a place where every authorization request comes by. */
export const extraParams: NonNullable<Configuration['extraParams']> = {
  audience: (ctx) => {
    checkNonceOrState(ctx);
    becomeTokenRequest(ctx);
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
const afterwards: Readonly<Record<string, (ctx: KoaContextWithOIDC) => void>> = {
  authorization: frameWebMessages,
  resume: frameWebMessages,
  discovery(ctx) {
    ctx.body = withoutEmptyLists({ ...(ctx.body as object), ...discovery });
  },
};

/** Adds them to the engine. @param path of the authorization endpoint */
export function completeAuthorization(provider: Provider, path: string): void {
  acceptTokenRequests(provider);
  restrictWebMessages(provider);
  const complete: Middleware = async (context, next) => {
    await next();
    const ctx = context as unknown as KoaContextWithOIDC;
    if (ctx.oidc) afterwards[ctx.oidc.route]?.(ctx);
  };
  provider.use(under(['/.well-known/', path], complete) as Parameters<Provider['use']>[0]);
}
