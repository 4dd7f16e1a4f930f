import { wordings } from '../../lib/wording.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  token_in_address: {
    detail: 'access tokens in the address can leak and be injected; use code with PKCE',
    fix: 'replace it by code',
  },
});

export const implicitWarning: Rule = {
  id: 'implicit-flow',
  title: 'Tokens do not pass through the address bar',
  says,
  severity: 'warning',
  reads: ['response_types'],
  *check({ response_types }) {
    for (const [index, type] of response_types.entries()) {
      if (!type.split(' ').includes('token')) continue;
      yield {
        pointer: `/response_types/${index}`,
        ...says.token_in_address(),
      };
    }
  },
};
