import { X509Certificate } from 'node:crypto';
import type { Client } from './client.ts';
import { secretExpiry } from './secrets.ts';

/** When a certificate ends, seconds since the epoch; what cannot be read has ended. */
function certificateExpiry(encoded: unknown): number {
  try {
    const { validTo } = new X509Certificate(Buffer.from(String(encoded), 'base64'));
    return Math.floor(Date.parse(validTo) / 1000);
  } catch {
    return 0;
  }
}

/**
 * When the last of what a client proves itself with ends, seconds since the epoch: its secrets, or
 * the certificates that are registered with its keys (RFC 8705, section 2.2.2). Undefined when it
 * does not end, or the server cannot know: keys alone have no end, and those at an address are
 * fetched when they are needed.
 */
export function credentialsExpiry({ metadata, secrets }: Client): number | undefined {
  if (secrets.length > 0) return secretExpiry(secrets) || undefined;
  if (metadata.token_endpoint_auth_method !== 'self_signed_tls_client_auth') return undefined;
  const keys: unknown = metadata.jwks?.keys;
  const certificates = (Array.isArray(keys) ? keys : []).flatMap(({ x5c }) =>
    Array.isArray(x5c) ? [x5c[0]] : [],
  );
  return certificates.length === 0 ? undefined : Math.max(...certificates.map(certificateExpiry));
}
