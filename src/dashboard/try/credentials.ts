/** Client authentication (OpenID Connect Core 1.0, section 9) with what an administrator typed. */
import { createPrivateKey, randomUUID } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';
import { epoch } from '../../lib/time.ts';
import type { Registered } from './registered.ts';
import type { Credentials } from './try.ts';

/** What a request carries to prove whose it is. */
export interface Authentication {
  headers: Record<string, string>;
  parameters: Record<string, string>;
}

interface About {
  issuer: string;
  client: Registered;
  credentials: Credentials;
}

interface Method {
  /** What must be typed for it. */
  needs?: 'secret' | 'key';
  make(about: About): Authentication | Promise<Authentication>;
}

/** Seconds that an assertion or a request object is good for. */
const GOOD = 120;
const BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What a key signs with when nothing is registered. */
const algs: Readonly<Record<string, string>> = { EC: 'ES256', OKP: 'Ed25519', RSA: 'PS256' };

/** Signs with the pasted key or, by an algorithm of the HS family, the secret. */
export async function sign(
  claims: Readonly<Record<string, unknown>>,
  { secret = '', key }: Credentials,
  registered: string | undefined,
  typ?: string,
): Promise<string> {
  const symmetric = registered?.startsWith('HS') || !key;
  const alg = registered ?? (symmetric ? 'HS256' : (key?.alg ?? algs[String(key?.kty)] ?? 'PS256'));
  const now = epoch();
  const jwt = new SignJWT({ ...claims, jti: randomUUID() })
    .setProtectedHeader({
      alg,
      ...(typ && { typ }),
      ...(!symmetric && key?.kid && { kid: key.kid }),
    })
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + GOOD);
  return jwt.sign(symmetric ? new TextEncoder().encode(secret) : await importJWK(key as JWK, alg));
}

const assertion = async ({ issuer, client, credentials }: About): Promise<Authentication> => ({
  headers: {},
  parameters: {
    client_id: client.client_id,
    client_assertion_type: BEARER,
    client_assertion: await sign(
      { iss: client.client_id, sub: client.client_id, aud: issuer },
      credentials,
      client.token_endpoint_auth_signing_alg,
    ),
  },
});

const encode = (value: string) => new URLSearchParams([['', value]]).toString().slice(1);

const methods: Readonly<Record<string, Method>> = {
  none: {
    make: ({ client }) => ({ headers: {}, parameters: { client_id: client.client_id } }),
  },
  client_secret_basic: {
    needs: 'secret',
    make({ client, credentials: { secret = '' } }) {
      // RFC 6749, section 2.3.1: both parts are encoded first.
      const pair = `${encode(client.client_id)}:${encode(secret)}`;
      const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
      return { headers: { authorization }, parameters: {} };
    },
  },
  client_secret_post: {
    needs: 'secret',
    make: ({ client, credentials: { secret = '' } }) => ({
      headers: {},
      parameters: { client_id: client.client_id, client_secret: secret },
    }),
  },
  client_secret_jwt: { needs: 'secret', make: assertion },
  private_key_jwt: { needs: 'key', make: assertion },
};

/** Absent: a browser cannot do it (certificates, attestations). */
const methodOf = ({ token_endpoint_auth_method = 'client_secret_basic' }: Registered) =>
  Object.hasOwn(methods, token_endpoint_auth_method)
    ? methods[token_endpoint_auth_method]
    : undefined;

/** Whether a program that runs here can be this client, given what an administrator has. */
export const canAct = (client: Registered): boolean =>
  methodOf(client) !== undefined && !client.tls_client_certificate_bound_access_tokens;

const requestAlgs = (client: Registered): string[] =>
  [client.request_object_signing_alg, client.backchannel_authentication_request_signing_alg].filter(
    (alg): alg is string => alg !== undefined,
  );

/** What must be typed before the client's requests can be made. */
export function needsOf(client: Registered): { secret: boolean; key: boolean } {
  const needs = methodOf(client)?.needs;
  const signed = [
    ...requestAlgs(client),
    ...(client.require_signed_request_object ? ['PS256'] : []),
  ];
  const bySecret = client.request_object_signing_alg?.startsWith('HS') ?? false;
  return {
    secret: needs === 'secret' || bySecret,
    key: needs === 'key' || (signed.some((alg) => !alg.startsWith('HS')) && !bySecret),
  };
}

export async function authenticate(about: About): Promise<Authentication> {
  const method = methodOf(about.client);
  if (!method) throw new TypeError('a client that cannot be tried');
  return method.make(about);
}

/** A private key as a JWK or in PEM (PKCS #8); undefined when it is neither. */
export function readKey(text: string): JWK | undefined {
  try {
    const trimmed = text.trim();
    const jwk: JWK = trimmed.startsWith('{')
      ? JSON.parse(trimmed)
      : (createPrivateKey(trimmed).export({ format: 'jwk' }) as JWK);
    // Read once more, so that what no key can be made of is found here.
    createPrivateKey({ key: jwk as never, format: 'jwk' });
    return jwk;
  } catch {
    return undefined;
  }
}
