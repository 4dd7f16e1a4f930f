import { wordings } from '../../lib/wording.ts';
import { type Grant, grantsOf } from '../flows.ts';
import { CIBA, DEVICE_CODE } from '../values.ts';
import { type Rule, without } from './rule.ts';

const leadingToRefresh: readonly Grant[] = ['authorization_code', DEVICE_CODE, CIBA];

const says = wordings({
  grant_missing: {
    detail: '"{type}" needs the grant type {grant}',
    fix: 'add {grant} to grant_types',
  },
  response_missing: {
    detail: '{grant} has no response type that leads to it',
    fix: 'add a response type or remove {grant}',
  },
  redirect_missing: {
    detail: 'people who log in must be sent back somewhere',
    fix: 'add a redirect URI or remove the response types',
  },
  refresh_alone: {
    detail: 'refresh_token needs a grant that issues refresh tokens',
    fix: 'add authorization_code or remove refresh_token',
  },
});

export const grantsMatchResponses: Rule = {
  id: 'grants-match-responses',
  title: 'Grant types, response types and redirect URIs agree',
  says,
  reads: ['grant_types', 'response_types', 'redirect_uris'],
  *check({ grant_types, response_types, redirect_uris }) {
    for (const [index, type] of response_types.entries()) {
      for (const grant of grantsOf(type)) {
        if (grant_types.includes(grant)) continue;
        yield {
          pointer: `/response_types/${index}`,
          ...says.grant_missing({ type, grant }),
          patch: { grant_types: [...grant_types, grant] },
        };
      }
    }
    const used = response_types.flatMap(grantsOf);
    for (const grant of ['authorization_code', 'implicit'] as const) {
      if (!grant_types.includes(grant) || used.includes(grant)) continue;
      yield {
        pointer: '/grant_types',
        ...says.response_missing({ grant }),
        patch: { grant_types: without(grant_types, grant) },
      };
    }
    if (response_types.length > 0 && redirect_uris.length === 0) {
      yield {
        pointer: '/redirect_uris',
        ...says.redirect_missing(),
      };
    }
    const leads = leadingToRefresh.some((grant) => grant_types.includes(grant));
    if (grant_types.includes('refresh_token') && !leads) {
      yield {
        pointer: '/grant_types',
        ...says.refresh_alone(),
        patch: { grant_types: without(grant_types, 'refresh_token') },
      };
    }
  },
};
