/**
 * A client that asks for a grant which it is not registered for. The engine calls that an invalid
 * request; the specifications say that the client is not authorized (RFC 6749, section 5.2, for
 * tokens and by RFC 8628, section 3.2, for devices; OpenID Connect CIBA Core 1.0, section 13).
 */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { CIBA, DEVICE_CODE } from '../clients/values.ts';
import { afterwards } from './around.ts';

type Endpoint = 'token' | 'device_authorization' | 'backchannel_authentication';

/** The grant that a request is about, by the name of its route. */
const grantOf: Readonly<Record<Endpoint, (ctx: KoaContextWithOIDC) => unknown>> = {
  token: ({ oidc }) => oidc.params?.grant_type,
  device_authorization: () => DEVICE_CODE,
  backchannel_authentication: () => CIBA,
};

/** The code to answer with for that of the engine. */
export function answeredError(ctx: KoaContextWithOIDC, error: unknown): unknown {
  if (error !== 'invalid_request') return error;
  const { client, route } = ctx.oidc ?? {};
  const grant = grantOf[route as Endpoint]?.(ctx);
  const lacks = typeof grant === 'string' && client?.grantTypeAllowed(grant) === false;
  return lacks ? 'unauthorized_client' : error;
}

/** @param routes of these endpoints, as the engine is told of them */
export function nameMissingGrants(
  provider: Provider,
  routes: Readonly<Record<Endpoint, string>>,
): void {
  const paths = (Object.keys(grantOf) as Endpoint[]).map((name) => routes[name]);
  afterwards(provider, paths, (ctx) => {
    const body = ctx.body as { error?: unknown } | undefined;
    const error = answeredError(ctx, body?.error);
    if (error !== body?.error) Object.assign(body as object, { error });
  });
}
