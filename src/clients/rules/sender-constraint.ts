import { wordings } from '../../lib/wording.ts';
import { withResponseTypes } from '../flows.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  both: {
    detail: 'tokens are bound by DPoP or by certificate, not by both',
    fix: 'switch one off',
  },
  front_channel: {
    detail: 'a token from the authorization endpoint cannot be bound',
    fix: 'remove it, or do not bind tokens',
  },
});

export const senderConstraint: Rule = {
  id: 'sender-constraint',
  title: 'Tokens are bound in one way, and to something that the flow can show',
  says,
  reads: [
    'dpop_bound_access_tokens',
    'tls_client_certificate_bound_access_tokens',
    'response_types',
    'grant_types',
  ],
  *check(client) {
    const { dpop_bound_access_tokens: dpop, tls_client_certificate_bound_access_tokens: tls } =
      client;
    if (dpop && tls) {
      yield {
        pointer: '/tls_client_certificate_bound_access_tokens',
        ...says.both(),
        patch: { tls_client_certificate_bound_access_tokens: false },
      };
    }
    if (!dpop && !tls) return;
    const unbound = client.response_types.filter((type) => !type.split(' ').includes('token'));
    for (const [index, type] of client.response_types.entries()) {
      if (!type.split(' ').includes('token')) continue;
      yield {
        pointer: `/response_types/${index}`,
        ...says.front_channel(),
        patch: withResponseTypes(client, unbound.length > 0 ? unbound : ['code']),
      };
    }
  },
};
