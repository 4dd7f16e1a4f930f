import { wordings } from '../../lib/wording.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  not_required: {
    detail: 'must be true',
    fix: 'true',
  },
});

export const signedRequests: Rule = {
  id: 'signed-requests',
  title: 'Authorization requests are signed (JAR)',
  says,
  reads: ['require_signed_request_object', 'response_types'],
  *check({ require_signed_request_object, response_types }) {
    if (require_signed_request_object || response_types.length === 0) return;
    yield {
      pointer: '/require_signed_request_object',
      ...says.not_required(),
      patch: { require_signed_request_object: true },
    };
  },
};
