import type { Rule } from './rule.ts';

export const publicClient: Rule = {
  id: 'public-client',
  title: 'What runs on people’s devices holds no secret',
  reads: ['token_endpoint_auth_method', 'type'],
  *check({ token_endpoint_auth_method, type }) {
    if (token_endpoint_auth_method === 'none') return;
    yield {
      pointer: '/token_endpoint_auth_method',
      detail: `a ${type} client cannot keep a secret`,
      fix: 'none',
      patch: { token_endpoint_auth_method: 'none', token_endpoint_auth_signing_alg: null },
    };
  },
};
