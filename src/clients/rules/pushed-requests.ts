import type { Rule } from './rule.ts';

export const pushedRequests: Rule = {
  id: 'pushed-requests',
  title: 'Authorization requests do not pass through the browser (PAR)',
  reads: ['require_pushed_authorization_requests', 'response_types'],
  *check({ require_pushed_authorization_requests, response_types }) {
    if (require_pushed_authorization_requests || response_types.length === 0) return;
    yield {
      pointer: '/require_pushed_authorization_requests',
      detail: 'must be true',
      fix: 'true',
      patch: { require_pushed_authorization_requests: true },
    };
  },
};
