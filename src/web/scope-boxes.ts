import { detailTypeOf } from '../clients/resource.ts';
import type { Resources } from '../clients/resources.ts';
import { isRequired, type OpenInteraction } from '../oidc/interactions.ts';
import type { ConsentModel, ScopeModel } from './consent-models.ts';
import { sayDetail } from './detail-words.ts';

type Asked = Pick<OpenInteraction, 'scopes' | 'claims' | 'details'>;
type Scope = Asked['scopes'][number];

/** A scope as its checkbox posts it; neither part of it can hold a space. */
export const boxValue = ({ resource, scope }: Pick<Scope, 'resource' | 'scope'>): string =>
  resource === undefined ? scope : `${resource} ${scope}`;

/**
 * What is asked for, as pages list it: the scopes of this server, those of each resource with its
 * authorization details, and claims.
 * @param chooses whether the person does; otherwise all is listed without a checkbox
 * @param locale the language of the page
 */
export async function scopeBoxes(
  resources: Resources,
  { scopes, claims, details }: Asked,
  chooses: boolean,
  locale: string,
): Promise<Required<Pick<ConsentModel, 'scopes' | 'claims' | 'resources'>>> {
  const box = (scope: Scope, description?: string): ScopeModel => ({
    name: scope.scope,
    value: boxValue(scope),
    description,
    required: !chooses || isRequired(scope),
    checked: scope.granted ?? true,
  });
  const identifiers = [
    ...new Set([
      ...scopes.flatMap(({ resource }) => resource ?? []),
      ...details.flatMap((one) => one.resources),
    ]),
  ];
  const groups = identifiers.map(async (identifier) => {
    const resource = await resources.find(identifier);
    const described = new Map(resource?.scopes.map(({ name, description }) => [name, description]));
    return {
      name: resource?.name ?? identifier,
      scopes: scopes
        .filter((scope) => scope.resource === identifier)
        .map((scope) => box(scope, described.get(scope.scope))),
      details: details
        .filter((one) => one.resources.includes(identifier))
        .map(({ detail }) => sayDetail(detailTypeOf(resource, detail.type), detail, locale)),
    };
  });
  return {
    scopes: scopes.filter(({ resource }) => resource === undefined).map((scope) => box(scope)),
    claims: claims.map(({ claim, essential, granted }) => ({
      name: claim,
      essential,
      required: !chooses,
      checked: granted ?? true,
    })),
    resources: await Promise.all(groups),
  };
}
