/**
 * Claims that a request asks for one by one (`claims`; OpenID Connect Core 1.0, section 5.5), and
 * what scopes have to do with them: whoever decides about a scope decides about its claims.
 */

/** Scopes of the server and the claims that each releases (`claims` of the configuration). */
export type ClaimsOfScopes = Readonly<Record<string, readonly string[]>>;

export interface RequestedClaim {
  claim: string;
  /** Whether the client says that it cannot do without it (section 5.5.1). */
  essential: boolean;
}

/** Claims of the protocol itself, as the engine is told of them: no scope releases them. */
export const protocolClaims = { acr: null, amr: null, auth_time: null, iss: null, sid: null };

/** Nobody decides about these: they say nothing of a person that signing in does not. */
const ofProtocol = new Set(['sub', ...Object.keys(protocolClaims)]);

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The scopes that release a claim. */
export const scopesOfClaim = (table: ClaimsOfScopes, claim: string): string[] =>
  Object.keys(table).filter((scope) => table[scope]?.includes(claim));

/** @param parameter `claims` of a request that was accepted, as it was sent */
export function requestedClaims(parameter: unknown, table: ClaimsOfScopes): RequestedClaim[] {
  if (typeof parameter !== 'string') return [];
  const { userinfo, id_token } = JSON.parse(parameter) as Record<string, unknown>;
  const essential = new Map<string, boolean>();
  for (const part of [userinfo, id_token].filter(isObject)) {
    for (const [claim, member] of Object.entries(part)) {
      if (ofProtocol.has(claim) || scopesOfClaim(table, claim).length === 0) continue;
      const needed = isObject(member) && member.essential === true;
      essential.set(claim, needed || essential.get(claim) === true);
    }
  }
  return [...essential].map(([claim, needed]) => ({ claim, essential: needed }));
}

/** Those of them that no scope of the same request speaks for. */
export const standingAlone = (
  claims: readonly RequestedClaim[],
  scopes: readonly string[],
  table: ClaimsOfScopes,
): RequestedClaim[] =>
  claims.filter(
    ({ claim }) => !scopesOfClaim(table, claim).some((scope) => scopes.includes(scope)),
  );
