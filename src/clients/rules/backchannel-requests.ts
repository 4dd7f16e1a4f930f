import { wordings } from '../../lib/wording.ts';
import { withGrants } from '../flows.ts';
import { CIBA } from '../values.ts';
import { type Rule, without } from './rule.ts';

const says = wordings({
  notification_missing: {
    detail: 'a client that is pinged must say where',
    fix: 'add it, or have the client poll',
  },
  mode_missing: {
    detail: '{grant} needs a way to deliver the answer',
    fix: 'poll',
  },
  public: {
    detail: 'a public client cannot prove that it may ask people to approve',
    fix: 'another method, or remove {grant}',
  },
  pairwise: {
    detail: 'pairwise subjects and {grant} do not go together here',
    fix: 'public',
  },
});

export const backchannelRequests: Rule = {
  id: 'backchannel-requests',
  title: 'A client that asks people without a browser can prove who it is and is told the answer',
  says,
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
        ...says.notification_missing(),
        patch: { backchannel_token_delivery_mode: 'poll' },
      };
    }
    if (!client.grant_types.includes(CIBA)) return;
    if (mode === undefined) {
      yield {
        pointer: '/backchannel_token_delivery_mode',
        ...says.mode_missing({ grant: CIBA }),
        patch: { backchannel_token_delivery_mode: 'poll' },
      };
    }
    if (client.token_endpoint_auth_method === 'none') {
      yield {
        pointer: '/token_endpoint_auth_method',
        ...says.public({ grant: CIBA }),
        patch: withGrants(client, without(client.grant_types, CIBA)),
      };
    }
    if (client.subject_type === 'pairwise') {
      yield {
        pointer: '/subject_type',
        ...says.pairwise({ grant: CIBA }),
        patch: { subject_type: 'public' },
      };
    }
  },
};
