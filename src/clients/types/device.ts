import { allowedGrants } from '../rules/allowed-grants.ts';
import { noUserFlows } from '../rules/no-user-flows.ts';
import { apply } from '../rules/rule.ts';
import { DEVICE_CODE } from '../values.ts';
import { backchannelProperties, type ClientType, redirectProperties } from './type.ts';

const spec = 'RFC 8628, section 3.1';

export const device: ClientType = {
  title: 'Device',
  description:
    'Something without a browser or a keyboard: a television, a printer, a sensor, a console.',
  initial: {
    application_type: 'native',
    grant_types: [DEVICE_CODE, 'refresh_token'],
    response_types: [],
    token_endpoint_auth_method: 'none',
  },
  fixed: {},
  hidden: [...redirectProperties, ...backchannelProperties],
  rules: [
    apply(noUserFlows, spec),
    apply(allowedGrants, spec, {
      allowed: [DEVICE_CODE, 'refresh_token'],
      because: 'device',
    }),
  ],
};
