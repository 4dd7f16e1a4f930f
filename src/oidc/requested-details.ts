/** What a request asks for in authorization details (RFC 9396), and of which resources. */
import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { TypeTable } from '../clients/declared-types.ts';
import { type Detail, detailKey } from '../clients/detail-values.ts';
import type { Resources } from '../clients/resources.ts';

/** A detail, and the resources that it is for. */
export interface RequestedDetail {
  detail: Detail;
  resources: string[];
}

const texts = (value: unknown): string[] =>
  [value].flat().filter((item): item is string => typeof item === 'string' && item !== '');

/** The details of a request that the engine has looked at; none where it has none. */
export const readDetails = (value: unknown): Detail[] =>
  typeof value === 'string' ? (JSON.parse(value) as Detail[]) : [];

/** The resources that a request names, as `resource` or `audience`. */
export function askedResources(ctx: KoaContextWithOIDC): string[] {
  const { audience } = (ctx.oidc.body ?? ctx.query) as { audience?: unknown };
  return texts(ctx.oidc.params?.resource ?? audience);
}

/**
 * The resources that a detail is for: its locations; else those of the request that declare its type;
 * in a request that names none, the only one that does.
 */
export function targetsOf(detail: Detail, table: TypeTable, asked: readonly string[]): string[] {
  if (detail.locations) return detail.locations;
  const declaring = table.get(detail.type) ?? [];
  if (asked.length > 0) return declaring.filter((one) => asked.includes(one));
  return declaring.length === 1 ? [...declaring] : [];
}

/** A stored request's details. */
export const requestedDetails = (
  params: Record<string, unknown>,
  table: TypeTable,
): RequestedDetail[] =>
  readDetails(params.authorization_details).map((detail) => ({
    detail,
    resources: targetsOf(detail, table, texts(params.resource)),
  }));

/**
 * A stored request's details, to be shown and decided about. What no resource declares any more is
 * not among them: nobody could say what it means.
 */
export async function findDetails(
  { types }: Pick<Resources, 'types'>,
  params: Record<string, unknown>,
): Promise<RequestedDetail[]> {
  if (params.authorization_details === undefined) return [];
  await types.refresh();
  const all = requestedDetails(params, types.current());
  return all.filter(({ resources }) => resources.length > 0);
}

/** The resources that a request means that names none but asks for details of theirs. */
export function resourcesOfDetails(ctx: KoaContextWithOIDC, table: TypeTable): string[] {
  const details = readDetails(ctx.oidc.params?.authorization_details);
  if (details.length === 0) return [];
  return [...new Set(details.flatMap((one) => targetsOf(one, table, [])))];
}

/** As many as a grant is remembered to have had; what counts is in its codes and tokens. */
const MOST = 50;

/** Adds details to a grant. @returns whether it did not have them all */
export function grantDetails(grant: Grant, details: readonly Detail[]): boolean {
  const all = new Map((grant.rar ?? []).map((one) => [detailKey(one), one]));
  const fresh = details.filter((one) => !all.has(detailKey(one)));
  for (const one of fresh) all.set(detailKey(one), one);
  if (fresh.length > 0) grant.rar = [...all.values()].slice(-MOST);
  return fresh.length > 0;
}
