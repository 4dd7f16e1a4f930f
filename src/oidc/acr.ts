/**
 * Authentication context classes: names that say how sure a login is. The configuration declares
 * which methods each one needs; a session knows the methods that were used (`amr`, RFC 8176).
 */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { isObject } from './requested-claims.ts';

/** Each class and the methods that a login needs for it (`authentication.acr_values`). */
export type AcrTable = Readonly<Record<string, readonly string[]>>;

interface AcrRequest {
  essential: boolean;
  /** In order of preference; empty: any. */
  values: string[];
}

/** @param id_token what `claims` asks of the ID token; `acr_values` is such a wish, never essential */
export function acrRequest(id_token: unknown): AcrRequest | undefined {
  if (!isObject(id_token) || !Object.hasOwn(id_token, 'acr')) return undefined;
  const wish: Record<string, unknown> = isObject(id_token.acr) ? id_token.acr : {};
  const { essential, value, values } = wish;
  const all = [value ?? [], values ?? []].flat();
  return {
    essential: essential === true,
    values: all.filter((one): one is string => typeof one === 'string'),
  };
}

const unmet = () =>
  new errors.UnmetAuthenticationRequirements('no login here satisfies a requested acr');

/** @throws when no login could ever be what is asked for (OpenID Connect Core 1.0, section 5.5.1.1) */
export function assertAcrOffered(table: AcrTable, id_token: unknown): void {
  const { essential, values } = acrRequest(id_token) ?? { essential: false, values: [] };
  if (essential && values.length > 0 && !values.some((acr) => Object.hasOwn(table, acr))) {
    throw unmet();
  }
}

/**
 * The class that an ID token tells: the first requested one that the login satisfies, else the first
 * of all that it does (section 5.5.1.1). `met` is whether that is all that was asked for.
 * @param used how the person signed in (`amr`)
 */
export function chooseAcr(table: AcrTable, used: readonly string[], id_token: unknown) {
  const satisfied = Object.keys(table).filter((acr) =>
    table[acr]?.every((method) => used.includes(method)),
  );
  const { essential = false, values = [] } = acrRequest(id_token) ?? {};
  const wanted = values.find((acr) => satisfied.includes(acr));
  return {
    acr: wanted ?? satisfied[0],
    met: !essential || values.length === 0 || wanted !== undefined,
  };
}

/**
 * Tells the engine the class for this request, and whether an essential one needs another login.
 * @throws when that other login was just made, and is not enough either
 */
export const acrChecker =
  (table: AcrTable) =>
  ({ oidc }: KoaContextWithOIDC): boolean => {
    const { session, result } = oidc;
    if (!session?.accountId) return false;
    const { acr, met } = chooseAcr(table, session.amr ?? [], oidc.claims.id_token);
    // What the engine tells in ID tokens that are asked for an acr.
    if (acr === undefined) delete session.acr;
    else session.acr = acr;
    if (!met && result?.login) throw unmet();
    return !met;
  };
