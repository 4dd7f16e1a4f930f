import { allowedGrants } from '../rules/allowed-grants.ts';
import { confidentialClient } from '../rules/confidential-client.ts';
import { noUserFlows } from '../rules/no-user-flows.ts';
import { apply } from '../rules/rule.ts';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../values.ts';
import { backchannelProperties, type ClientType, redirectProperties } from './type.ts';

const spec = 'RFC 6749, section 4.4';

export const serverToServer: ClientType = {
  title: 'Server to server',
  description:
    'A program that calls APIs on its own behalf, with nobody signed in: jobs, services, automation.',
  initial: {
    grant_types: ['client_credentials'],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_basic',
  },
  fixed: {},
  hidden: [
    ...redirectProperties,
    ...backchannelProperties,
    'openid_conformance',
    'first_party',
    'default_max_age',
    'default_acr_values',
    'require_auth_time',
    'subject_type',
    'sector_identifier_uri',
    'backchannel_logout_uri',
    'backchannel_logout_session_required',
  ],
  rules: [
    apply(noUserFlows, spec),
    apply(confidentialClient, spec),
    apply(allowedGrants, spec, {
      allowed: ['client_credentials', TOKEN_EXCHANGE, JWT_BEARER],
      because: 'server',
    }),
  ],
};
