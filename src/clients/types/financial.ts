import { allowedGrants } from '../rules/allowed-grants.ts';
import { confidentialClient } from '../rules/confidential-client.ts';
import { profileStays } from '../rules/profile-stays.ts';
import { apply } from '../rules/rule.ts';
import { grantTypes, JWT_BEARER, TOKEN_EXCHANGE } from '../values.ts';
import type { ClientType } from './type.ts';

/** Its other initial values are those of its profile. */
export const financial: ClientType = {
  title: 'Financial',
  description:
    'Reads or moves money, or other things worth attacking: held to the FAPI profiles of open banking.',
  initial: { fapi_profile: 'fapi2-security-profile' },
  fixed: {},
  hidden: ['application_type'],
  rules: [
    apply(profileStays, 'FAPI 2.0 Security Profile (Final), section 5.3.2'),
    apply(confidentialClient, 'FAPI 2.0 Security Profile (Final), section 5.3.2.1'),
    apply(allowedGrants, 'FAPI 2.0 Security Profile (Final), section 5.3.2.1', {
      allowed: grantTypes.filter((grant) => grant !== TOKEN_EXCHANGE && grant !== JWT_BEARER),
      because: 'financial',
    }),
  ],
};
