import type { KoaContextWithOIDC } from 'oidc-provider';
import { detailKey } from '../clients/detail-values.ts';
import { detailTypeOf } from '../clients/resource.ts';
import type { Resources } from '../clients/resources.ts';
import type { ExtraProperties } from './client.ts';
import { type RequestedDetail, requestedDetails } from './requested-details.ts';

/**
 * Whether a person must be asked about the authorization details of a request. They are asked each
 * time, since to pay twice is not to pay once, unless they have allowed the very same detail before
 * and its type says that this is remembered. First-party clients get what they ask for.
 */
export function detailsChecker(resources: Resources) {
  async function isRemembered(requested: RequestedDetail): Promise<boolean> {
    const { detail } = requested;
    const found = await Promise.all(requested.resources.map(resources.find));
    return found.every((resource) => detailTypeOf(resource, detail.type)?.remember === true);
  }

  return async ({ oidc }: KoaContextWithOIDC): Promise<boolean> => {
    if (!oidc.params?.authorization_details || oidc.result?.consent) return false;
    if ((oidc.client as (ExtraProperties & object) | undefined)?.first_party) return false;
    const allowed = new Set((oidc.grant?.rar ?? []).map(detailKey));
    const requested = requestedDetails(oidc.params, resources.types.current());
    if (!requested.every(({ detail }) => allowed.has(detailKey(detail)))) return true;
    return (await Promise.all(requested.map(isRemembered))).includes(false);
  };
}
