import type { Rule } from './rule.ts';

export const explicitConsent: Rule = {
  id: 'explicit-consent',
  title: 'People are asked for their consent',
  reads: ['first_party', 'response_types'],
  *check({ first_party, response_types }) {
    if (!first_party || response_types.length === 0) return;
    yield {
      pointer: '/first_party',
      detail: 'must be false: consent is not skipped',
      fix: 'false',
      patch: { first_party: false },
    };
  },
};
