/**
 * For every property of a client the values that it is asked about: generated where the declaration
 * says enough (`generated-values.ts`), by hand where it does not.
 */
import type { ClientProperty } from '../../src/clients/metadata.ts';
import { acrCases } from './acr-values.ts';
import { authenticationValues } from './authentication-values.ts';
import { backchannelValues } from './backchannel-values.ts';
import { type Context, publicClient, within } from './contexts.ts';
import { detailTypeCases } from './detail-type-values.ts';
import { flowValues } from './flow-values.ts';
import { generate } from './generated-values.ts';
import { identityValues } from './identity-values.ts';
import type { TableKeys } from './key-values.ts';
import { exchangeCases, extraCases, profileCases } from './policy-values.ts';
import { tokenValues } from './token-values.ts';
import { type Case, refuseBy } from './value.ts';

/** The table. @param served an address of this machine that lists the redirect URIs of every client here */
export function propertyCases(keys: TableKeys, served: string): Record<ClientProperty, Case[]> {
  const signer: Context = { token_endpoint_auth_method: 'private_key_jwt', jwks: keys.jwks };
  return {
    ...identityValues(signer),
    ...flowValues(served),
    ...authenticationValues(keys, signer),
    ...tokenValues(signer, keys.jwks),
    ...backchannelValues(keys.jwks),
    use_mtls_endpoint_aliases: generate('use_mtls_endpoint_aliases'),
    require_pushed_authorization_requests: generate('require_pushed_authorization_requests'),
    require_pkce: [
      ...generate('require_pkce'),
      ...within(publicClient, [{ value: true }, ...refuseBy('proof-key', [false])]),
    ],
    default_max_age: generate('default_max_age'),
    default_acr_values: acrCases,
    require_auth_time: generate('require_auth_time'),
    backchannel_logout_session_required: generate('backchannel_logout_session_required'),
    frontchannel_logout_session_required: generate('frontchannel_logout_session_required'),
    first_party: generate('first_party'),
    openid_conformance: generate('openid_conformance'),
    disabled: generate('disabled'),
    fapi_profile: profileCases(signer),
    extra_metadata: extraCases,
    token_exchange: exchangeCases,
    authorization_details_types: detailTypeCases,
  };
}
