/**
 * Consent: what of a request a person has granted. A grant only grows by what was shown and chosen,
 * except for first-party clients, whose requests are granted as they are.
 */
import type { Grant, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Consents } from '../accounts/consents.ts';
import type { ExtraProperties } from './client.ts';
import { type ClaimsOfScopes, requestedClaims, scopesOfClaim } from './requested-claims.ts';
import { grantDetails, readDetails } from './requested-details.ts';

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

/** Takes back what was decided about claims. */
function forgetClaims(grant: Grant, claims: readonly string[]): void {
  for (const part of [grant.openid, grant.rejected?.openid]) {
    if (part?.claims) part.claims = part.claims.filter((claim) => !claims.includes(claim));
  }
}

/** What the person chose of scopes, as it is remembered. */
export const decisionsOf = (scopes: readonly Requested[], isGranted: (one: Requested) => boolean) =>
  scopes.map((one) => ({ ...one, granted: isGranted(one) }));

/** Records the decision about one claim, replacing an earlier one. */
export function decideClaim(grant: Grant, claim: string, granted: boolean): void {
  forgetClaims(grant, [claim]);
  if (granted) grant.addOIDCClaims([claim]);
  else grant.rejectOIDCClaims([claim]);
}

/**
 * Records the decision about one scope, replacing an earlier one.
 * @param table ends what was decided about its claims before; not needed by a new grant
 */
export function decide(
  grant: Grant,
  { resource, scope }: Requested,
  granted: boolean,
  table: ClaimsOfScopes = {},
): void {
  const rejected = grant.rejected;
  if (resource === undefined) {
    forgetClaims(grant, table[scope] ?? []);
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

const undecided = (grant: Grant, claims: readonly string[]): string[] => {
  const encountered = grant.getOIDCClaimsEncountered();
  return claims.filter((claim) => !encountered.includes(claim));
};

/**
 * Decides about claims where it follows from scopes: they are granted with a scope that releases
 * them, and refused where every such scope of the request was. The others are to be asked about.
 * @returns how many were decided
 */
export function decideImplied(
  grant: Grant,
  claims: readonly string[],
  requested: readonly string[],
  table: ClaimsOfScopes,
): number {
  const open = undecided(grant, claims);
  if (open.length === 0) return 0;
  const granted = words(grant.getOIDCScope());
  for (const claim of open) {
    const scopes = scopesOfClaim(table, claim);
    const asked = scopes.filter((scope) => requested.includes(scope));
    if (scopes.some((scope) => granted.includes(scope))) decideClaim(grant, claim, true);
    else if (asked.length > 0 && asked.every((scope) => decided(grant, { scope })))
      decideClaim(grant, claim, false);
  }
  return open.length - undecided(grant, open).length;
}

/** A grant of this session with what the person decided in an earlier one. */
async function resume(
  provider: Provider,
  { consents, claims }: ConsentParts,
  { accountId, clientId }: { accountId: string; clientId: string },
): Promise<Grant | undefined> {
  const remembered = await consents.find(accountId, clientId);
  if (!remembered) return undefined;
  const grant = new provider.Grant({ accountId, clientId });
  for (const one of remembered.decisions) {
    if (one.claim === undefined) decide(grant, one, one.granted, claims);
    else decideClaim(grant, one.claim, one.granted);
  }
  grantDetails(
    grant,
    (remembered.details ?? []).map(({ detail }) => detail),
  );
  await grant.save();
  return grant;
}

export interface ConsentParts {
  consents: Consents;
  claims: ClaimsOfScopes;
}

/** `loadExistingGrant` of the engine's configuration. */
export const grantLoader =
  (parts: ConsentParts) =>
  async (ctx: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { oidc } = ctx;
    const provider = oidc.provider as Provider;
    const client = oidc.client as NonNullable<typeof oidc.client> & ExtraProperties;
    const { clientId } = client;
    const { accountId } = oidc.session as { accountId?: string };
    const grantId = oidc.result?.consent?.grantId ?? oidc.session?.grantIdFor(clientId);
    const existing = grantId ? await provider.Grant.find(grantId) : undefined;
    const usable = existing?.accountId === accountId ? existing : undefined;
    if (!accountId) return usable;

    const ours = client.first_party;
    const known =
      usable ?? (ours ? undefined : await resume(provider, parts, { accountId, clientId }));
    if (!known && !ours) return undefined;
    const grant = known ?? new provider.Grant({ accountId, clientId });
    const table = parts.claims;
    const missing = ours ? requestedScopes(ctx).filter((scope) => !decided(grant, scope)) : [];
    for (const scope of missing) decide(grant, scope, true, table);

    const claims = requestedClaims(oidc.params?.claims, table).map(({ claim }) => claim);
    const implied = decideImplied(grant, claims, [...oidc.requestParamOIDCScopes], table);
    const rest = ours ? undecided(grant, claims) : [];
    for (const claim of rest) decideClaim(grant, claim, true);

    const details = ours ? readDetails(oidc.params?.authorization_details) : [];
    const more = grantDetails(grant, details);

    if (!known || more || missing.length + implied + rest.length > 0) await grant.save();
    return grant;
  };
