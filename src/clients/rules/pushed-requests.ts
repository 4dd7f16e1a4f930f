import { wordings } from '../../lib/wording.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  not_required: {
    detail: 'must be true',
    fix: 'true',
  },
});

export const pushedRequests: Rule = {
  id: 'pushed-requests',
  title: 'Authorization requests do not pass through the browser (PAR)',
  says,
  reads: ['require_pushed_authorization_requests', 'response_types'],
  *check({ require_pushed_authorization_requests, response_types }) {
    if (require_pushed_authorization_requests || response_types.length === 0) return;
    yield {
      pointer: '/require_pushed_authorization_requests',
      ...says.not_required(),
      patch: { require_pushed_authorization_requests: true },
    };
  },
};
