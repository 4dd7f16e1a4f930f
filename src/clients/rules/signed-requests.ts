import type { Rule } from './rule.ts';

export const signedRequests: Rule = {
  id: 'signed-requests',
  title: 'Authorization requests are signed (JAR)',
  reads: ['require_signed_request_object', 'response_types'],
  *check({ require_signed_request_object, response_types }) {
    if (require_signed_request_object || response_types.length === 0) return;
    yield {
      pointer: '/require_signed_request_object',
      detail: 'must be true',
      fix: 'true',
      patch: { require_signed_request_object: true },
    };
  },
};
