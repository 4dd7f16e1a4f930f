import { wordings } from '../../lib/wording.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  unbound: {
    detail: 'tokens must be bound, by DPoP or by certificate',
    fix: 'true, or tls_client_certificate_bound_access_tokens',
  },
  unbound_certificate: {
    detail: 'tokens must be bound to a certificate',
    fix: 'true',
  },
});

export const senderConstrained: Rule<{ by: readonly ('mtls' | 'dpop')[] }> = {
  id: 'sender-constrained',
  title: 'Stolen access tokens are of no use',
  says,
  reads: ['dpop_bound_access_tokens', 'tls_client_certificate_bound_access_tokens'],
  *check(client, { by }) {
    const { dpop_bound_access_tokens: dpop, tls_client_certificate_bound_access_tokens: mtls } =
      client;
    if (mtls || (dpop && by.includes('dpop'))) return;
    yield by.includes('dpop')
      ? {
          pointer: '/dpop_bound_access_tokens',
          ...says.unbound(),
          patch: { dpop_bound_access_tokens: true },
        }
      : {
          pointer: '/tls_client_certificate_bound_access_tokens',
          ...says.unbound_certificate(),
          patch: {
            tls_client_certificate_bound_access_tokens: true,
            dpop_bound_access_tokens: false,
          },
        };
  },
};
