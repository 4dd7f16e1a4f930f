import { withGrants } from '../flows.ts';
import { CIBA } from '../values.ts';
import { type Rule, without } from './rule.ts';

export const backchannelRequests: Rule = {
  id: 'backchannel-requests',
  title: 'A client that asks people without a browser can prove who it is and is told the answer',
  reads: [
    'grant_types',
    'response_types',
    'backchannel_token_delivery_mode',
    'backchannel_client_notification_endpoint',
    'token_endpoint_auth_method',
    'subject_type',
  ],
  *check(client) {
    const mode = client.backchannel_token_delivery_mode;
    if (mode === 'ping' && !client.backchannel_client_notification_endpoint) {
      yield {
        pointer: '/backchannel_client_notification_endpoint',
        detail: 'a client that is pinged must say where',
        fix: 'add it, or have the client poll',
        patch: { backchannel_token_delivery_mode: 'poll' },
      };
    }
    if (!client.grant_types.includes(CIBA)) return;
    if (mode === undefined) {
      yield {
        pointer: '/backchannel_token_delivery_mode',
        detail: `${CIBA} needs a way to deliver the answer`,
        fix: 'poll',
        patch: { backchannel_token_delivery_mode: 'poll' },
      };
    }
    if (client.token_endpoint_auth_method === 'none') {
      yield {
        pointer: '/token_endpoint_auth_method',
        detail: 'a public client cannot prove that it may ask people to approve',
        fix: `another method, or remove ${CIBA}`,
        patch: withGrants(client, without(client.grant_types, CIBA)),
      };
    }
    if (client.subject_type === 'pairwise') {
      yield {
        pointer: '/subject_type',
        detail: `pairwise subjects and ${CIBA} do not go together here`,
        fix: 'public',
        patch: { subject_type: 'public' },
      };
    }
  },
};
