/**
 * Consent: what of a request a person has granted. A grant only grows by what was shown and chosen,
 * except for first-party clients, whose requests are granted as they are.
 */
import {
  type Grant,
  interactionPolicy,
  type KoaContextWithOIDC,
  type Provider,
} from 'oidc-provider';
import type { Consents, Decision } from '../accounts/consents.ts';
import type { ExtraProperties } from './client.ts';

const words = (scope: unknown): string[] =>
  typeof scope === 'string' && scope ? scope.split(' ') : [];

const without = (scope: string | undefined, name: string): string =>
  words(scope)
    .filter((word) => word !== name)
    .join(' ');

/** One scope that a request asks for: of this server, or of a resource. */
export interface Requested {
  resource?: string;
  scope: string;
}

/** Records the decision about one scope, replacing an earlier one. */
export function decide(grant: Grant, { resource, scope }: Requested, granted: boolean): void {
  const rejected = grant.rejected;
  if (resource === undefined) {
    if (granted && rejected?.openid?.scope) {
      rejected.openid.scope = without(rejected.openid.scope, scope);
    }
    if (granted) grant.addOIDCScope(scope);
    else grant.rejectOIDCScope(scope);
  } else {
    if (granted && rejected?.resources?.[resource]) {
      rejected.resources[resource] = without(rejected.resources[resource], scope);
    }
    if (granted) grant.addResourceScope(resource, scope);
    else grant.rejectResourceScope(resource, scope);
  }
}

/** The scopes that an authorization request asks for and that this client could be given. */
export function requestedScopes(ctx: KoaContextWithOIDC): Requested[] {
  const requested = [...ctx.oidc.requestParamScopes];
  return [
    ...[...ctx.oidc.requestParamOIDCScopes].map((scope) => ({ scope })),
    ...Object.entries(ctx.oidc.resourceServers ?? {}).flatMap(([resource, server]) =>
      requested.filter((scope) => server.scopes.has(scope)).map((scope) => ({ resource, scope })),
    ),
  ];
}

/** Whether a grant decides about a scope already, one way or the other. */
const decided = (grant: Grant, { resource, scope }: Requested): boolean =>
  words(
    resource === undefined
      ? grant.getOIDCScopeEncountered()
      : grant.getResourceScopeEncountered(resource),
  ).includes(scope);

/** A grant of this session with what the person decided in an earlier one. */
async function resume(
  provider: Provider,
  consents: Consents,
  { accountId, clientId }: { accountId: string; clientId: string },
): Promise<Grant | undefined> {
  const remembered = await consents.find(accountId, clientId);
  if (!remembered) return undefined;
  const grant = new provider.Grant({ accountId, clientId });
  for (const { granted, ...about } of remembered.decisions) decide(grant, about, granted);
  await grant.save();
  return grant;
}

/** What a grant decides, as it is remembered. */
export const decisionsOf = (scopes: readonly Requested[], isGranted: (one: Requested) => boolean) =>
  scopes.map((one): Decision => ({ ...one, granted: isGranted(one) }));

/** `loadExistingGrant` of the engine's configuration. */
export const grantLoader =
  (consents: Consents) =>
  async (ctx: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { oidc } = ctx;
    const provider = oidc.provider as Provider;
    const client = oidc.client as NonNullable<typeof oidc.client> & ExtraProperties;
    const { accountId } = oidc.session as { accountId?: string };
    const grantId = oidc.result?.consent?.grantId ?? oidc.session?.grantIdFor(client.clientId);
    const existing = grantId ? await provider.Grant.find(grantId) : undefined;
    const usable = existing?.accountId === accountId ? existing : undefined;
    if (!accountId) return usable;
    if (!client.first_party) {
      return usable ?? (await resume(provider, consents, { accountId, clientId: client.clientId }));
    }

    const missing = requestedScopes(ctx).filter((scope) => !usable || !decided(usable, scope));
    if (usable && missing.length === 0) return usable;
    const grant = usable ?? new provider.Grant({ accountId, clientId: client.clientId });
    for (const scope of missing) decide(grant, scope, true);
    await grant.save();
    return grant;
  };

/**
 * The engine's own prompts and checks, with one difference: it asks people before every sign-in to
 * a native application (RFC 8252, section 8.6); first-party ones are spared that as all consent is.
 */
export function createPolicy() {
  const policy = interactionPolicy.base();
  const consent = policy.get('consent');
  const native = consent?.checks.get('native_client_prompt');
  if (!consent || !native) throw new Error('the engine’s consent prompt has changed');
  const asks = native.check;
  native.check = (ctx) => {
    const client = ctx.oidc.client as (ExtraProperties & object) | undefined;
    return client?.first_party ? false : asks(ctx);
  };
  return policy;
}
