import { allowedGrants } from '../rules/allowed-grants.ts';
import { publicClient } from '../rules/public-client.ts';
import { apply } from '../rules/rule.ts';
import { backchannelProperties, type ClientType, secretProperties } from './type.ts';

export const singlePageApplication: ClientType = {
  title: 'Single-page application',
  description:
    'JavaScript that runs in the browser and calls APIs itself: React, Vue, Angular and the like.',
  initial: {
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  fixed: { application_type: 'web' },
  because: 'browser',
  hidden: [
    'application_type',
    'token_endpoint_auth_method',
    ...secretProperties,
    ...backchannelProperties,
  ],
  rules: [
    apply(publicClient, 'RFC 6749, section 2.1'),
    apply(allowedGrants, 'RFC 6749, section 4.4', {
      allowed: ['authorization_code', 'refresh_token', 'implicit'],
      because: 'browser',
    }),
  ],
};
