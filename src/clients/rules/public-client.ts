import { wordings } from '../../lib/wording.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  confidential: {
    detail: 'a {type} client cannot keep a secret',
    fix: 'none',
  },
});

export const publicClient: Rule = {
  id: 'public-client',
  title: 'What runs on people’s devices holds no secret',
  says,
  reads: ['token_endpoint_auth_method', 'type'],
  *check({ token_endpoint_auth_method, type }) {
    if (token_endpoint_auth_method === 'none') return;
    yield {
      pointer: '/token_endpoint_auth_method',
      ...says.confidential({ type }),
      patch: { token_endpoint_auth_method: 'none', token_endpoint_auth_signing_alg: null },
    };
  },
};
