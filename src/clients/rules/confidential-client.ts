import type { Rule } from './rule.ts';

export const confidentialClient: Rule = {
  id: 'confidential-client',
  title: 'The client can prove who it is',
  reads: ['token_endpoint_auth_method'],
  *check(client) {
    if (client.token_endpoint_auth_method !== 'none') return;
    yield {
      pointer: '/token_endpoint_auth_method',
      detail: 'a public client cannot prove who it is',
      fix: 'private_key_jwt',
      patch: { token_endpoint_auth_method: 'private_key_jwt' },
    };
  },
};
