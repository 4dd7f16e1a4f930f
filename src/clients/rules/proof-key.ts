import type { Rule } from './rule.ts';

export const proofKey: Rule = {
  id: 'proof-key',
  title: 'Public clients use PKCE',
  reads: ['require_pkce', 'token_endpoint_auth_method'],
  *check({ require_pkce, token_endpoint_auth_method }) {
    if (require_pkce || token_endpoint_auth_method !== 'none') return;
    yield {
      pointer: '/require_pkce',
      detail: 'a client without authentication cannot do without PKCE',
      fix: 'true',
      patch: { require_pkce: true },
    };
  },
};

export const proofKeyOff: Rule = {
  id: 'proof-key-off',
  title: 'Codes cannot be injected',
  severity: 'warning',
  reads: ['require_pkce', 'response_types'],
  *check({ require_pkce, response_types }) {
    if (require_pkce || !response_types.some((type) => type.includes('code'))) return;
    yield {
      pointer: '/require_pkce',
      detail: 'without PKCE only the nonce stands between a stolen code and a session',
      fix: 'true',
      patch: { require_pkce: true },
    };
  },
};
