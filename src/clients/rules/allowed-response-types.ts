import { type ResponseType, withResponseTypes } from '../flows.ts';
import type { Rule } from './rule.ts';

export const allowedResponseTypes: Rule<{ allowed: readonly ResponseType[] }> = {
  id: 'allowed-response-types',
  title: 'Authorization responses carry no tokens that can be injected or leak',
  reads: ['response_types', 'grant_types'],
  *check({ response_types, grant_types }, { allowed }) {
    const kept = response_types.filter((type) => allowed.includes(type));
    for (const [index, type] of response_types.entries()) {
      if (allowed.includes(type)) continue;
      yield {
        pointer: `/response_types/${index}`,
        detail: `"${type}" is not one of ${allowed.map((name) => `"${name}"`).join(', ')}`,
        fix: 'replace it by code',
        patch: withResponseTypes(
          { response_types, grant_types },
          kept.length > 0 ? kept : ['code'],
        ),
      };
    }
  },
};
