import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { allowedScopes } from '../clients/resource.ts';
import type { Resources } from '../clients/resources.ts';
import { resourcesOfDetails } from './requested-details.ts';

/** Which resources a client may have tokens for, and what those are like (RFC 8707). */
export function resourceIndicators(resources: Resources) {
  return {
    enabled: true,
    // `audience` is what other servers call it; so do their users' libraries.
    defaultResource: async (ctx: KoaContextWithOIDC, _client: unknown, oneOf?: string[]) => {
      const { audience } = (ctx.oidc.body ?? ctx.query) as { audience?: unknown };
      if (typeof audience === 'string' && audience) return audience;
      // Details say by themselves whose they are (RFC 9396, section 3.1): `locations`, or the type.
      const [first, ...others] = oneOf ?? resourcesOfDetails(ctx, resources.types.current());
      return (others.length > 0 ? [first, ...others] : first) as string;
    },
    // A code or refresh token redeemed with `audience` instead of `resource`.
    useGrantedResource: async (
      ctx: KoaContextWithOIDC,
      { resource }: { resource?: string | string[] },
    ) => {
      const { audience } = (ctx.oidc.body ?? {}) as { audience?: unknown };
      if (typeof audience !== 'string' || !audience) return false;
      if ([resource].flat().includes(audience)) return true;
      throw new errors.InvalidTarget('the person did not sign in for this audience');
    },
    getResourceServerInfo: async (
      _ctx: KoaContextWithOIDC,
      identifier: string,
      client: { clientId: string },
    ) => {
      const resource = await resources.find(identifier);
      const scopes = resource && allowedScopes(resource, client.clientId);
      if (!resource || !scopes) {
        throw new errors.InvalidTarget('this client may not ask for tokens for this resource');
      }
      return {
        scope: scopes.join(' '),
        audience: identifier,
        accessTokenFormat: resource.access_token_format,
        accessTokenTTL: resource.access_token_ttl,
        ...(resource.access_token_format === 'jwt' && {
          jwt: { sign: { alg: resource.access_token_signing_alg } },
        }),
      };
    },
  } as NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>;
}
