import { allowedGrants } from '../rules/allowed-grants.ts';
import { publicClient } from '../rules/public-client.ts';
import { apply } from '../rules/rule.ts';
import { DEVICE_CODE } from '../values.ts';
import { backchannelProperties, type ClientType, secretProperties } from './type.ts';

export const native: ClientType = {
  title: 'Native application',
  description:
    'Installed on a phone or a computer: iOS, Android, desktop programs, command-line tools.',
  initial: {
    application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  fixed: { application_type: 'native' },
  because: 'native',
  hidden: [
    'application_type',
    'token_endpoint_auth_method',
    ...secretProperties,
    ...backchannelProperties,
  ],
  rules: [
    apply(publicClient, 'RFC 8252, section 8.4'),
    apply(allowedGrants, 'RFC 8252, section 8.2', {
      allowed: ['authorization_code', 'refresh_token', DEVICE_CODE],
      because: 'native',
    }),
  ],
};
