import { wordings } from '../../lib/wording.ts';
import { type ResponseType, withResponseTypes } from '../flows.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  not_allowed: {
    detail: '"{type}" is not one of {allowed}',
    fix: 'replace it by code',
  },
});

export const allowedResponseTypes: Rule<{ allowed: readonly ResponseType[] }> = {
  id: 'allowed-response-types',
  title: 'Authorization responses carry no tokens that can be injected or leak',
  says,
  reads: ['response_types', 'grant_types'],
  *check({ response_types, grant_types }, { allowed }) {
    const kept = response_types.filter((type) => allowed.includes(type));
    for (const [index, type] of response_types.entries()) {
      if (allowed.includes(type)) continue;
      yield {
        pointer: `/response_types/${index}`,
        ...says.not_allowed({ type, allowed: allowed.map((name) => `"${name}"`).join(', ') }),
        patch: withResponseTypes(
          { response_types, grant_types },
          kept.length > 0 ? kept : ['code'],
        ),
      };
    }
  },
};
