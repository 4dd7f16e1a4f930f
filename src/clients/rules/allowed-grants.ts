import { type Grant, withGrants } from '../flows.ts';
import type { Rule } from './rule.ts';

export const allowedGrants: Rule<{ allowed: readonly Grant[]; because: string }> = {
  id: 'allowed-grants',
  title: 'Only grants that suit this client',
  reads: ['grant_types', 'response_types'],
  *check({ grant_types, response_types }, { allowed, because }) {
    const kept = grant_types.filter((grant) => allowed.includes(grant));
    for (const [index, grant] of grant_types.entries()) {
      if (allowed.includes(grant)) continue;
      yield {
        pointer: `/grant_types/${index}`,
        detail: `${grant}: ${because}`,
        fix: `remove ${grant}`,
        patch: withGrants({ grant_types, response_types }, kept),
      };
    }
  },
};
