/**
 * The JWT bearer grant (RFC 7523, section 2.1): a service shows a signed assertion instead of a
 * person's consent and has an access token for it, as with client credentials; or one for an account,
 * where the operator trusts the assertion's issuer with that.
 */
import { errors, type ResourceServerInstance, type TokenEndpointGrantContext } from 'oidc-provider';
import type { Config } from '../../config/schema.ts';
import type { Fetch } from '../../lib/fetch.ts';
import { assertionChecker, refuse } from './assertion.ts';
import { bind, type Prove } from './proof.ts';
import { type ResourceFinder, requestedResource, requestedScopes } from './target.ts';

export const bearerParameters = ['assertion', 'audience', 'resource', 'scope'] as const;

interface Parts {
  issuers: Config['jwt_bearer']['issuers'];
  fetch: Fetch;
  findResource: ResourceFinder;
  findAccount(id: string): Promise<{ disabled: boolean } | undefined>;
  prove: Prove;
}

export function jwtBearer({ issuers, fetch, findResource, findAccount, prove }: Parts) {
  const check = assertionChecker(issuers, fetch);

  /** A token for an account lives on a grant, with which it ends. */
  async function tokenForAccount(
    ctx: TokenEndpointGrantContext,
    accountId: string,
    resource: ResourceServerInstance | undefined,
    scope: string,
  ) {
    const { provider, client, params } = ctx.oidc;
    const account = await findAccount(accountId);
    if (!account || account.disabled) throw refuse('is about an account that is not there (sub)');
    if (!resource) throw new errors.InvalidTarget('name the resource that the token is for');
    // No longer than the token that it is for: each assertion makes another.
    const expiresIn = resource.accessTokenTTL;
    const grant = new provider.Grant({ accountId, clientId: client.clientId, expiresIn } as object);
    if (scope) grant.addResourceScope(resource.identifier(), scope);
    const grantId = await grant.save();
    const gty = String(params.grant_type);
    return new provider.AccessToken({ accountId, client, grantId, gty, scope });
  }

  return async function handle(ctx: TokenEndpointGrantContext): Promise<void> {
    const { provider, client, params } = ctx.oidc;
    if (client.clientAuthMethod === 'none') {
      throw new errors.UnauthorizedClient('the JWT bearer grant is for confidential clients');
    }
    const proven = await prove(ctx);
    const identifier = requestedResource(ctx);
    const resource = identifier === undefined ? undefined : await findResource(ctx, identifier);
    const scope = (requestedScopes(ctx) ?? []).filter((one) => resource?.scopes.has(one)).join(' ');
    const { sub, account } = await check(ctx, (params as { assertion?: unknown }).assertion);

    const token = account
      ? await tokenForAccount(ctx, sub, resource, scope)
      : new provider.ClientCredentials({ client, scope });
    if (resource) token.resourceServer = resource;
    bind(ctx, token, proven);
    ctx.oidc.entity(token.kind, token as never);
    const access_token = await token.save();
    ctx.body = {
      access_token,
      token_type: token.tokenType,
      expires_in: token.expiration,
      ...(scope && { scope }),
    };
  };
}
