/**
 * Client certificates (RFC 8705): clients that authenticate with one, and tokens that only the
 * certificate's holder can use. How a certificate reaches the server is none of this folder's
 * business: it is asked for with a request.
 */
import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Configuration } from 'oidc-provider';
import type { Config } from '../config/schema.ts';
import { addressKey, type CertificateNames, namesOf } from '../lib/certificate.ts';
import { parseName } from '../lib/distinguished-name.ts';

/** The certificate whose key the sender of a request has. */
export interface PresentedCertificate {
  certificate: X509Certificate;
  /** Whether an authority that the operator trusts issued it, for clients, and both are in time. */
  isAuthorized(): boolean;
}

/** What a request was sent with; a certificate outside of its own time is none. */
export type FindCertificate = (request: IncomingMessage) => PresentedCertificate | undefined;

/** RFC 5280, section 7.5: the host without regard to letter case, the part before it as it is. */
const emailKey = (address: string): string => {
  const at = address.lastIndexOf('@');
  return address.slice(0, at) + address.slice(at).toLowerCase();
};

const sameName = (names: readonly string[], expected: string): boolean =>
  names.some((name) => name.toLowerCase() === expected.toLowerCase());

/** What a certificate must say for each property of a client (RFC 8705, section 2.1.2). */
const matches: Readonly<
  Record<string, (names: CertificateNames, expected: string) => boolean | undefined>
> = {
  tls_client_auth_subject_dn: ({ subject }, expected) => subject === parseName(expected),
  // A wildcard in a certificate is a name like any other: it stands for no host here.
  tls_client_auth_san_dns: ({ dns }, expected) => sameName(dns, expected),
  // RFC 3986, section 6.2.1: simple string comparison.
  tls_client_auth_san_uri: ({ uri }, expected) => uri.includes(expected),
  tls_client_auth_san_ip: ({ ip }, expected) => ip.includes(addressKey(expected) ?? ''),
  tls_client_auth_san_email: ({ email }, expected) =>
    email.map(emailKey).includes(emailKey(expected)),
};

type Features = NonNullable<Configuration['features']>;

const nobody: FindCertificate = () => undefined;

/** The engine's feature. */
export const mutualTls = (
  mode: Config['mtls']['mode'],
  find: FindCertificate = nobody,
): NonNullable<Features['mTLS']> => ({
  enabled: mode !== 'off',
  certificateBoundAccessTokens: true,
  selfSignedTlsClientAuth: true,
  tlsClientAuth: true,
  getCertificate: (ctx) => find(ctx.req)?.certificate,
  certificateAuthorized: (ctx) => find(ctx.req)?.isAuthorized() ?? false,
  certificateSubjectMatches(ctx, property, expected) {
    const presented = find(ctx.req);
    const names = presented && namesOf(presented.certificate);
    return (names && matches[property]?.(names, expected)) ?? false;
  },
});

/** The methods that go with it. */
export const certificateMethods = ['tls_client_auth', 'self_signed_tls_client_auth'] as const;

/** Endpoints that a client calls itself, by their name in the metadata and the engine's for their route. */
const aliased = {
  token_endpoint: 'token',
  revocation_endpoint: 'revocation',
  introspection_endpoint: 'introspection',
  userinfo_endpoint: 'userinfo',
  pushed_authorization_request_endpoint: 'pushed_authorization_request',
  device_authorization_endpoint: 'device_authorization',
  backchannel_authentication_endpoint: 'backchannel_authentication',
} as const;

/** What the aliases begin with; undefined when endpoints are where everybody finds them. */
export function aliasBase({ issuer, mtls }: Config): string | undefined {
  if (mtls.mode === 'off') return undefined;
  if (mtls.endpoint_base !== undefined || mtls.mode === 'proxy') return mtls.endpoint_base;
  const url = new URL(issuer);
  return `https://${url.hostname}:${mtls.port}${url.pathname.replace(/\/$/, '')}`;
}

/**
 * Where clients with certificates find the endpoints (RFC 8705, section 5), as metadata; none while
 * that is below the issuer.
 * @param routes of the endpoints that are enabled
 */
export function endpointAliases(
  config: Config,
  routes: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const base = aliasBase(config);
  if (base === undefined) return {};
  const entries = Object.entries(aliased).flatMap(([name, route]) =>
    routes[route] === undefined ? [] : [[name, base + routes[route]]],
  );
  return { mtls_endpoint_aliases: Object.fromEntries(entries) };
}
