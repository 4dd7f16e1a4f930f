/** How clients authenticate, and where: the two sides of the acceptance matrix. */
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ClientMetadataInput } from '../../src/clients/metadata.ts';
import { authMethods, CIBA, DEVICE_CODE } from '../../src/clients/values.ts';
import { CLIENT_AUTH, createAuthority, type Issued, issue } from '../support/certificates.ts';
import {
  type Answer,
  CALLBACK,
  type Fields,
  type Op,
  type PostOptions,
  type TestClient,
} from '../support/op.ts';
import { attested } from './attester.ts';
import { pkce } from './requests.ts';

export { authMethods };
export type Method = (typeof authMethods)[number];

export const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = { keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }] };

export const authority = createAuthority();
/** What `tls_client_auth` clients are registered with and hold. */
export const certified = issue(
  {
    subject: [
      ['C', 'DE'],
      ['O', 'Example'],
      ['CN', 'client'],
    ],
    uses: [CLIENT_AUTH],
  },
  authority,
);
/** What `self_signed_tls_client_auth` clients are registered with and hold. */
export const selfSigned = issue({ subject: [['CN', 'by itself']] });

/** What a registration needs for each method beside its name. */
const registered: Readonly<Partial<Record<Method, ClientMetadataInput | object>>> = {
  none: { type: 'native', grant_types: ['authorization_code', 'refresh_token', DEVICE_CODE] },
  private_key_jwt: { jwks },
  tls_client_auth: { tls_client_auth_subject_dn: 'CN=client,O=Example,C=DE' },
  self_signed_tls_client_auth: { jwks: { keys: [selfSigned.jwk] } },
};

/** A client that may use every endpoint of the matrix. */
export const createClientWith = (
  op: Op,
  method: Method,
  more: Partial<ClientMetadataInput> = {},
): Promise<TestClient> =>
  op.createClient({
    type: 'web',
    token_endpoint_auth_method: method,
    grant_types: ['authorization_code', 'refresh_token', DEVICE_CODE, CIBA],
    backchannel_token_delivery_mode: 'poll',
    ...registered[method],
    ...more,
  });

export const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface AssertionParts {
  key?: KeyObject | Uint8Array;
  alg?: string;
  header?: object;
  claims?: Record<string, unknown>;
}

/** An assertion that is right in everything but what the parts say (RFC 7523, section 3). */
export function assertion(
  op: Op,
  client: { client_id: string },
  parts: AssertionParts = {},
): Promise<string> {
  const { key = keys.privateKey, alg = 'ES256', header, claims } = parts;
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: client.client_id,
    sub: client.client_id,
    aud: op.issuer,
    jti: randomUUID(),
    iat: now,
    exp: now + 60,
    ...claims,
  })
    .setProtectedHeader({ alg, ...header })
    .sign(key);
}

export const withAssertion = async (
  op: Op,
  client: { client_id: string },
  parts?: AssertionParts,
) => ({
  client_id: client.client_id,
  client_assertion_type: ASSERTION,
  client_assertion: await assertion(op, client, parts),
});

export interface Presented {
  fields: Fields;
  options?: PostOptions;
}

export const secretOf = (client: TestClient) =>
  client.client_secret ?? 'a secret that it does not have, at all';

/** What a proxy says of a certificate. @param verdict nginx's `$ssl_client_verify` */
export const shownBy = (certificate: Issued, verdict = 'SUCCESS') => ({
  'x-client-cert': certificate.escaped,
  'x-client-verify': verdict,
});

const SELF_SIGNED = 'FAILED:self-signed certificate';

/** How a client presents itself by each method, with its true secret or key as far as it has one. */
export const present: Readonly<Record<Method, (op: Op, client: TestClient) => Promise<Presented>>> =
  {
    none: async (_, { client_id }) => ({ fields: { client_id } }),
    client_secret_basic: async (_, client) => ({
      fields: { client_id: client.client_id },
      options: { basic: [client.client_id, secretOf(client)] },
    }),
    client_secret_post: async (_, client) => ({
      fields: { client_id: client.client_id, client_secret: secretOf(client) },
    }),
    client_secret_jwt: async (op, client) => ({
      fields: await withAssertion(op, client, { key: Buffer.from(secretOf(client)), alg: 'HS256' }),
    }),
    private_key_jwt: async (op, client) => ({ fields: await withAssertion(op, client) }),
    tls_client_auth: async (_, { client_id }) => ({
      fields: { client_id },
      options: { headers: shownBy(certified) },
    }),
    attest_jwt_client_auth: async (op, client) => ({
      // The name beside the attestation is another method to a client that is registered with one.
      fields:
        client.token_endpoint_auth_method === 'attest_jwt_client_auth'
          ? { client_id: client.client_id }
          : {},
      options: { headers: await attested(op, client) },
    }),
    self_signed_tls_client_auth: async (_, { client_id }) => ({
      fields: { client_id },
      options: { headers: shownBy(selfSigned, SELF_SIGNED) },
    }),
  };

export interface Endpoint {
  path: string;
  fields: Fields;
  /** What it answers to a client that it knows. */
  accepts: (answer: Answer) => boolean;
}

export const token: Endpoint = {
  path: '/token',
  fields: { grant_type: 'authorization_code', code: 'x', redirect_uri: CALLBACK },
  accepts: ({ status, body }) => status === 400 && body.error === 'invalid_grant',
};

export const endpoints: readonly Endpoint[] = [
  token,
  {
    path: '/introspect',
    fields: { token: 'x' },
    accepts: ({ status, body }) => status === 200 && body.active === false,
  },
  { path: '/revoke', fields: { token: 'x' }, accepts: ({ status }) => status === 200 },
  {
    path: '/par',
    fields: {
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
    },
    accepts: ({ status, body }) => status === 201 && typeof body.request_uri === 'string',
  },
  {
    path: '/device/authorize',
    fields: { scope: 'openid' },
    accepts: ({ status, body }) => status === 200 && typeof body.device_code === 'string',
  },
  {
    path: '/backchannel',
    fields: { scope: 'openid', login_hint: 'nobody@example.com' },
    // A public client is known too, and may not ask.
    accepts: ({ status, body }) =>
      status === 400 && ['unknown_user_id', 'unauthorized_client'].includes(body.error),
  },
];

export function endpointAt(path: string): Endpoint {
  const found = endpoints.find((one) => one.path === path);
  if (!found) throw new Error(`client-methods.ts does not know ${path}`);
  return found;
}

export const send = (op: Op, { path, fields }: Endpoint, { fields: own, options }: Presented) =>
  op.post(path, { ...fields, ...own }, options);

/** In one word what an endpoint made of a client; anything unforeseen as it is. */
export const verdictOf = (endpoint: Endpoint, answer: Answer): unknown =>
  endpoint.accepts(answer)
    ? 'accepted'
    : answer.status === 401 && answer.body.error === 'invalid_client'
      ? 'refused'
      : { status: answer.status, body: answer.body };
