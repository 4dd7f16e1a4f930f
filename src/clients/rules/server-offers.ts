import { wordings } from '../../lib/wording.ts';
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

const says = wordings({
  no_certificates: {
    detail: '{method} needs client certificates, which are off here',
    fix: 'private_key_jwt, or have the operator set mtls.mode',
  },
  no_attestation: {
    detail: 'nobody is trusted to attest clients here',
    fix: 'private_key_jwt, or have the operator set attestation.issuers',
  },
  no_binding: {
    detail: 'needs client certificates, which are off here',
    fix: 'dpop_bound_access_tokens, or have the operator set mtls.mode',
  },
  scopes_unknown: { detail: 'this server has no scope {scopes}', fix: '{kept}' },
  scopes_all_unknown: { detail: 'this server has no scope {scopes}', fix: 'remove it' },
  classes_unmet: { detail: 'no login here satisfies {classes}', fix: '{kept}' },
  classes_all_unmet: {
    detail: 'no login here satisfies {classes}',
    fix: 'remove it, or have the operator set authentication.acr_values',
  },
});

const mutualTls = new Set(['tls_client_auth', 'self_signed_tls_client_auth']);

export const serverOffers: Rule<Offered> = {
  id: 'server-offers',
  title: 'The client asks for nothing that this server is not set up for',
  says,
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
        ...says.no_certificates({ method: client.token_endpoint_auth_method }),
        patch: { token_endpoint_auth_method: 'private_key_jwt' },
      };
    }
    if (!attestation && client.token_endpoint_auth_method === 'attest_jwt_client_auth') {
      yield {
        pointer: '/token_endpoint_auth_method',
        ...says.no_attestation(),
        patch: { token_endpoint_auth_method: 'private_key_jwt' },
      };
    }
    if (!mtls && client.tls_client_certificate_bound_access_tokens) {
      yield {
        pointer: '/tls_client_certificate_bound_access_tokens',
        ...says.no_binding(),
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
        ...(kept
          ? says.scopes_unknown({ scopes: unknown.join(', '), kept })
          : says.scopes_all_unknown({ scopes: unknown.join(', ') })),
        patch: { scope: kept || null },
      };
    }
    const classes = client.default_acr_values ?? [];
    const unmet = classes.filter((acr) => !acrs.has(acr));
    if (unmet.length > 0) {
      const kept = classes.filter((acr) => acrs.has(acr));
      yield {
        pointer: '/default_acr_values',
        ...(kept.length > 0
          ? says.classes_unmet({ classes: unmet.join(', '), kept: kept.join(', ') })
          : says.classes_all_unmet({ classes: unmet.join(', ') })),
        patch: { default_acr_values: kept.length > 0 ? kept : null },
      };
    }
  },
};
