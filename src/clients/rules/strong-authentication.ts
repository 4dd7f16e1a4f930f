import { wordings } from '../../lib/wording.ts';
import type { ClientMetadata } from '../metadata.ts';
import type { Rule } from './rule.ts';

type Method = ClientMetadata['token_endpoint_auth_method'];

const says = wordings({
  weak: {
    detail: '{method} sends or shares the secret',
    fix: 'one of {allowed}',
  },
});

export const strongAuthentication: Rule<{ allowed: readonly Method[] }> = {
  id: 'strong-authentication',
  title: 'Clients authenticate with keys or certificates',
  says,
  reads: ['token_endpoint_auth_method'],
  *check({ token_endpoint_auth_method: method }, { allowed }) {
    if (method === 'none' || allowed.includes(method)) return;
    yield {
      pointer: '/token_endpoint_auth_method',
      ...says.weak({ method, allowed: allowed.join(', ') }),
      patch: {
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'PS256',
      },
    };
  },
};
