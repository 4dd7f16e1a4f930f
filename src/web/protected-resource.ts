import type { Config } from '../config/schema.ts';
import { at, type Part } from '../lib/by-path.ts';
import { proofAlgs } from '../oidc/dpop.ts';
import { resourceMetadataPath } from '../oidc/resource-metadata.ts';
import { apiScopes } from '../oidc/tokens.ts';

/** What the server's own API is as a protected resource (RFC 9728), for clients that know its address alone. */
export function protectedResource({ issuer, mtls }: Pick<Config, 'issuer' | 'mtls'>): Part {
  const resource = `${issuer}/api/v1`;
  const document = {
    resource,
    authorization_servers: [issuer],
    scopes_supported: apiScopes.map(({ name }) => name),
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: proofAlgs,
    tls_client_certificate_bound_access_tokens: mtls.mode !== 'off',
    resource_name: 'Clientele administration',
    resource_documentation: `${resource}/openapi.json`,
  };
  return at([`${resourceMetadataPath}/api/v1`], (ctx, next) => {
    if (ctx.method !== 'GET') return next();
    ctx.body = document;
    return undefined;
  });
}
