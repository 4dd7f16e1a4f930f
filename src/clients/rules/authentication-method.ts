import { createPublicKey, type JsonWebKey, X509Certificate } from 'node:crypto';
import { addressKey } from '../../lib/certificate.ts';
import { parseName } from '../../lib/distinguished-name.ts';
import { wordings } from '../../lib/wording.ts';
import type { ClientMetadata } from '../metadata.ts';
import { clientSigningAlgs } from '../values.ts';
import type { ClientPatch, Rule } from './rule.ts';

type Method = ClientMetadata['token_endpoint_auth_method'];

/** The algorithms that assertions of a method are signed with (OpenID Connect Core 1.0, section 9). */
const assertionAlgs: Readonly<Partial<Record<Method, readonly string[]>>> = {
  client_secret_jwt: clientSigningAlgs.filter((alg) => alg.startsWith('HS')),
  private_key_jwt: clientSigningAlgs.filter((alg) => !alg.startsWith('HS')),
};

const certificateProperties = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const;

const says = wordings({
  keys_missing: { detail: '{method} needs public keys', fix: 'add jwks or jwks_uri' },
  certificate_missing: {
    detail: '{method} compares certificates, and no key comes with its own',
    fix: 'add x5c to a key: the certificate as base64 DER, not base64url (RFC 7517, section 4.7)',
  },
  certificate_of_another: {
    detail: 'does not begin with a certificate of this key',
    fix: 'the certificate as base64 DER, not base64url (RFC 7517, section 4.7)',
  },
  public: {
    detail: 'client_credentials is for clients that can prove who they are',
    fix: 'client_secret_basic, private_key_jwt or a certificate',
  },
  alg_of_another: { detail: '{alg} does not sign what {method} presents', fix: 'one of {allowed}' },
  alg_of_none: { detail: '{alg} does not sign what {method} presents', fix: 'remove it' },
  name_missing: {
    detail: 'tls_client_auth needs exactly one property of the certificate',
    fix: 'add tls_client_auth_san_dns, for example',
  },
  several_names: {
    detail: 'tls_client_auth needs exactly one property of the certificate',
    fix: 'keep one of them',
  },
  subject: {
    detail: 'is not a name that can be compared, so no certificate would ever fit',
    fix: 'write it as RFC 4514 says, the most specific part first: CN=client,O=Example,C=DE',
  },
  ip: { detail: 'is no IP address', fix: 'an address such as 192.0.2.7 or 2001:db8::7' },
  names_unused: {
    detail: '{method} looks at no property of a certificate',
    fix: 'remove it, or choose tls_client_auth',
  },
});

export const authenticationMethod: Rule = {
  id: 'authentication-method',
  title: 'The client has what its authentication method needs, and nothing of another',
  says,
  reads: [
    'token_endpoint_auth_method',
    'token_endpoint_auth_signing_alg',
    ...certificateProperties,
    'jwks',
    'jwks_uri',
    'grant_types',
  ],
  *check(client) {
    const { token_endpoint_auth_method: method, token_endpoint_auth_signing_alg: alg } = client;
    const usesKeys = method === 'private_key_jwt' || method === 'self_signed_tls_client_auth';
    if (usesKeys && !client.jwks && !client.jwks_uri) {
      yield {
        pointer: '/jwks',
        ...says.keys_missing({ method }),
      };
    }
    if (method === 'self_signed_tls_client_auth' && client.jwks) {
      const { keys } = client.jwks;
      if (!keys.some((key) => key.x5c !== undefined)) {
        yield {
          pointer: '/jwks/keys',
          ...says.certificate_missing({ method }),
        };
      }
      for (const [index, key] of keys.entries()) {
        if (key.x5c === undefined || certifies(key)) continue;
        yield {
          pointer: `/jwks/keys/${index}/x5c`,
          ...says.certificate_of_another(),
        };
      }
    }
    if (method === 'none' && client.grant_types.includes('client_credentials')) {
      yield {
        pointer: '/token_endpoint_auth_method',
        ...says.public(),
        patch: { token_endpoint_auth_method: 'client_secret_basic' },
      };
    }
    if (alg && !assertionAlgs[method]?.includes(alg)) {
      const allowed = assertionAlgs[method] ?? [];
      const [instead] = allowed;
      yield {
        pointer: '/token_endpoint_auth_signing_alg',
        ...(instead
          ? says.alg_of_another({ alg, method, allowed: allowed.join(', ') })
          : says.alg_of_none({ alg, method })),
        patch: { token_endpoint_auth_signing_alg: (instead ?? null) as typeof alg | null },
      };
    }
    const given = certificateProperties.filter((name) => client[name] !== undefined);
    if (method === 'tls_client_auth' && given.length !== 1) {
      yield {
        pointer: `/${given[1] ?? 'tls_client_auth_subject_dn'}`,
        ...(given.length === 0 ? says.name_missing() : says.several_names()),
        ...(given.length > 1 && { patch: removing(given.slice(1)) }),
      };
    }
    const { tls_client_auth_subject_dn: subject, tls_client_auth_san_ip: ip } = client;
    if (subject !== undefined && parseName(subject) === undefined) {
      yield {
        pointer: '/tls_client_auth_subject_dn',
        ...says.subject(),
      };
    }
    if (ip !== undefined && addressKey(ip) === undefined) {
      yield {
        pointer: '/tls_client_auth_san_ip',
        ...says.ip(),
      };
    }
    if (method !== 'tls_client_auth' && given.length > 0) {
      yield {
        pointer: `/${given[0]}`,
        ...says.names_unused({ method }),
        patch: removing(given),
      };
    }
  },
};

/** Whether the certificate that comes with a key is of that key. */
function certifies({ x5c, ...key }: Readonly<Record<string, unknown>>): boolean {
  const [first]: unknown[] = Array.isArray(x5c) ? x5c : [];
  try {
    const certificate = new X509Certificate(Buffer.from(String(first), 'base64'));
    return createPublicKey({ key: key as JsonWebKey, format: 'jwk' }).equals(certificate.publicKey);
  } catch {
    return false;
  }
}

const removing = (names: readonly (typeof certificateProperties)[number][]): ClientPatch =>
  Object.fromEntries(names.map((name) => [name, null]));
