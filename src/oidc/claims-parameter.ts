import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { nestsDeeper } from '../lib/json-depth.ts';
import { type AcrTable, assertAcrOffered } from './acr.ts';
import { type ClaimsOfScopes, isObject, scopesOfClaim } from './requested-claims.ts';

type ClaimsParameterFeature = NonNullable<
  NonNullable<Configuration['features']>['claimsParameter']
>;

/** The deepest value that a claim has is the postal address. */
const DEPTH = 8;

const isText = (value: unknown) => typeof value === 'string';

interface MemberRule {
  name: string;
  /** The claim that it is about; absent: every claim. */
  of?: string;
  fits(value: unknown): boolean;
  is: string;
}

/** What may be said of a claim (OpenID Connect Core 1.0, section 5.5.1). */
const memberRules: readonly MemberRule[] = [
  { name: 'essential', fits: (value) => typeof value === 'boolean', is: 'true or false' },
  { name: 'values', fits: Array.isArray, is: 'a list' },
  { name: 'value', of: 'sub', fits: isText, is: 'a text' },
  { name: 'value', of: 'acr', fits: isText, is: 'a text' },
  { name: 'values', of: 'acr', fits: (all) => [all].flat().every(isText), is: 'a list of texts' },
];

function checkMembers(part: string, claims: Record<string, unknown>): void {
  for (const [claim, member] of Object.entries(claims)) {
    if (member === null) continue;
    if (!isObject(member)) {
      throw new errors.InvalidRequest(`claims.${part}: each claim is null or an object`);
    }
    for (const { name, of = claim, fits, is } of memberRules) {
      if (of === claim && member[name] !== undefined && !fits(member[name])) {
        throw new errors.InvalidRequest(`claims.${part}: ${name} is ${is}`);
      }
    }
  }
}

/**
 * A client that is registered for some scopes may ask for what those release, one by one too, and for
 * nothing else: claims beyond are as if they were not known (section 5.5).
 */
function withinScopes(claims: object, registered: string | undefined, table: ClaimsOfScopes) {
  const scopes = registered?.split(' ');
  const allowed = ([claim]: [string, unknown]) => {
    const releasing = scopesOfClaim(table, claim);
    return releasing.length === 0 || !scopes || releasing.some((scope) => scopes.includes(scope));
  };
  return Object.fromEntries(
    Object.entries(claims).map(([part, members]) => [
      part,
      isObject(members) ? Object.fromEntries(Object.entries(members).filter(allowed)) : members,
    ]),
  );
}

/** `features.claimsParameter` of the engine's configuration; the engine has parsed what is checked here. */
export const claimsParameter = (acrs: AcrTable, table: ClaimsOfScopes): ClaimsParameterFeature => ({
  enabled: true,
  assertClaimsParameter(ctx: KoaContextWithOIDC, claims, client) {
    const params = ctx.oidc.params as Record<string, unknown>;
    // The engine walks it once for each level, and would end its stack.
    if (nestsDeeper(String(params.claims), DEPTH)) {
      throw new errors.InvalidRequest(`claims nests deeper than ${DEPTH} levels`);
    }
    for (const part of ['userinfo', 'id_token'] as const) {
      if (claims[part]) checkMembers(part, claims[part] as Record<string, unknown>);
    }
    assertAcrOffered(acrs, claims.id_token);
    params.claims = JSON.stringify(withinScopes(claims, client.scope, table));
    // An acr that is asked for individually counts; the engine would let the client's default for
    // requests without any take its place (OpenID Connect Dynamic Client Registration 1.0, section 2).
    if (claims.id_token && Object.hasOwn(claims.id_token, 'acr')) params.acr_values = undefined;
  },
});
