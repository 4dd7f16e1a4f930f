/** What a token of the grants of this folder is for: one resource, and scopes of it. */
import { errors, type ResourceServerInstance, type TokenEndpointGrantContext } from 'oidc-provider';
import type { Resources } from '../../clients/resources.ts';
import { resourceIndicators } from '../resource-indicators.ts';

export type ResourceFinder = (
  ctx: TokenEndpointGrantContext,
  identifier: string,
) => Promise<ResourceServerInstance>;

/** Refuses resources that this client may not have tokens for (`access` of the resource). */
export function resourceFinder(resources: Resources): ResourceFinder {
  const { getResourceServerInfo } = resourceIndicators(resources);
  return async (ctx, identifier) => {
    const info = await getResourceServerInfo?.(ctx, identifier, ctx.oidc.client);
    if (!info) throw new errors.InvalidTarget('there is no such resource');
    return new ctx.oidc.provider.ResourceServer(identifier, info);
  };
}

/**
 * The resource that is asked for; undefined when none is. `audience` means the same, as it does
 * everywhere else here.
 */
export function requestedResource({ oidc }: TokenEndpointGrantContext): string | undefined {
  const { resource, audience } = oidc.params as Record<string, string | string[] | undefined>;
  const asked = new Set([resource, audience].flat().filter((one) => one !== undefined && one));
  if (asked.size > 1) {
    throw new errors.InvalidTarget('name one resource or audience: a token is for one alone');
  }
  return [...asked][0];
}

/** The words of `scope`; undefined when it was not sent. */
export const requestedScopes = ({ oidc }: TokenEndpointGrantContext): string[] | undefined => {
  const { scope } = oidc.params as { scope?: string };
  return scope === undefined ? undefined : [...new Set(scope.split(' ').filter(Boolean))];
};
