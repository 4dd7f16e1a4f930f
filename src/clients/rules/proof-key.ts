import { wordings } from '../../lib/wording.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  public: {
    detail: 'a client without authentication cannot do without PKCE',
    fix: 'true',
  },
});

const saysOff = wordings({
  off: {
    detail: 'without PKCE only the nonce stands between a stolen code and a session',
    fix: 'true',
  },
});

export const proofKey: Rule = {
  id: 'proof-key',
  title: 'Public clients use PKCE',
  says,
  reads: ['require_pkce', 'token_endpoint_auth_method'],
  *check({ require_pkce, token_endpoint_auth_method }) {
    if (require_pkce || token_endpoint_auth_method !== 'none') return;
    yield {
      pointer: '/require_pkce',
      ...says.public(),
      patch: { require_pkce: true },
    };
  },
};

export const proofKeyOff: Rule = {
  id: 'proof-key-off',
  title: 'Codes cannot be injected',
  says: saysOff,
  severity: 'warning',
  reads: ['require_pkce', 'response_types'],
  *check({ require_pkce, response_types }) {
    if (require_pkce || !response_types.some((type) => type.includes('code'))) return;
    yield {
      pointer: '/require_pkce',
      ...saysOff.off(),
      patch: { require_pkce: true },
    };
  },
};
