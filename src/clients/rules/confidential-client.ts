import { wordings } from '../../lib/wording.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  public: {
    detail: 'a public client cannot prove who it is',
    fix: 'private_key_jwt',
  },
});

export const confidentialClient: Rule = {
  id: 'confidential-client',
  title: 'The client can prove who it is',
  says,
  reads: ['token_endpoint_auth_method'],
  *check(client) {
    if (client.token_endpoint_auth_method !== 'none') return;
    yield {
      pointer: '/token_endpoint_auth_method',
      ...says.public(),
      patch: { token_endpoint_auth_method: 'private_key_jwt' },
    };
  },
};
