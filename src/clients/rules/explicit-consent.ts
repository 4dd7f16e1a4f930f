import { wordings } from '../../lib/wording.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  skipped: {
    detail: 'must be false: consent is not skipped',
    fix: 'false',
  },
});

export const explicitConsent: Rule = {
  id: 'explicit-consent',
  title: 'People are asked for their consent',
  says,
  reads: ['first_party', 'response_types'],
  *check({ first_party, response_types }) {
    if (!first_party || response_types.length === 0) return;
    yield {
      pointer: '/first_party',
      ...says.skipped(),
      patch: { first_party: false },
    };
  },
};
