import type { Rule } from './rule.ts';

export interface Offered {
  /** Whether client certificates reach this server (`mtls.mode`). */
  mtls: boolean;
  /** Whether somebody may vouch for clients (`attestation.issuers`). */
  attestation: boolean;
  scopes: ReadonlySet<string>;
  /** Authentication context classes (`authentication.acr_values`). */
  acrs: ReadonlySet<string>;
}

const mutualTls = new Set(['tls_client_auth', 'self_signed_tls_client_auth']);

export const serverOffers: Rule<Offered> = {
  id: 'server-offers',
  title: 'The client asks for nothing that this server is not set up for',
  reads: [
    'scope',
    'default_acr_values',
    'token_endpoint_auth_method',
    'tls_client_certificate_bound_access_tokens',
  ],
  *check(client, { mtls, attestation, scopes, acrs }) {
    if (!mtls && mutualTls.has(client.token_endpoint_auth_method)) {
      yield {
        pointer: '/token_endpoint_auth_method',
        detail: `${client.token_endpoint_auth_method} needs client certificates, which are off here`,
        fix: 'private_key_jwt, or have the operator set mtls.mode',
        patch: { token_endpoint_auth_method: 'private_key_jwt' },
      };
    }
    if (!attestation && client.token_endpoint_auth_method === 'attest_jwt_client_auth') {
      yield {
        pointer: '/token_endpoint_auth_method',
        detail: 'nobody is trusted to attest clients here',
        fix: 'private_key_jwt, or have the operator set attestation.issuers',
        patch: { token_endpoint_auth_method: 'private_key_jwt' },
      };
    }
    if (!mtls && client.tls_client_certificate_bound_access_tokens) {
      yield {
        pointer: '/tls_client_certificate_bound_access_tokens',
        detail: 'needs client certificates, which are off here',
        fix: 'dpop_bound_access_tokens, or have the operator set mtls.mode',
        patch: {
          tls_client_certificate_bound_access_tokens: false,
          dpop_bound_access_tokens: true,
        },
      };
    }
    const words = client.scope?.split(' ') ?? [];
    const unknown = words.filter((scope) => !scopes.has(scope));
    if (unknown.length > 0) {
      const kept = words.filter((scope) => scopes.has(scope)).join(' ');
      yield {
        pointer: '/scope',
        detail: `this server has no scope ${unknown.join(', ')}`,
        fix: kept || 'remove it',
        patch: { scope: kept || null },
      };
    }
    const classes = client.default_acr_values ?? [];
    const unmet = classes.filter((acr) => !acrs.has(acr));
    if (unmet.length > 0) {
      const kept = classes.filter((acr) => acrs.has(acr));
      yield {
        pointer: '/default_acr_values',
        detail: `no login here satisfies ${unmet.join(', ')}`,
        fix: kept.join(', ') || 'remove it, or have the operator set authentication.acr_values',
        patch: { default_acr_values: kept.length > 0 ? kept : null },
      };
    }
  },
};
