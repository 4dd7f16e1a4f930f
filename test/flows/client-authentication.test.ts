import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { authMethods } from '../../src/clients/metadata.ts';
import {
  type Answer,
  basicAuth,
  CALLBACK,
  type Fields,
  type Op,
  type PostOptions,
  startOp,
  type TestClient,
} from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { pkce } from './requests.ts';

type Method = (typeof authMethods)[number];

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const strangersKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = { keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }] };

let op: Op;
let clients: Record<Method, TestClient>;
beforeAll(async () => {
  op = await startOp();
  const made = authMethods.map(async (method) => [
    method,
    await op.createClient({
      type: method === 'none' ? 'single-page-application' : 'web',
      token_endpoint_auth_method: method,
      ...(method === 'private_key_jwt' && { jwks }),
    }),
  ]);
  clients = Object.fromEntries(await Promise.all(made));
});
afterAll(() => op?.close());

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

interface AssertionParts {
  key?: KeyObject | Uint8Array;
  alg?: string;
  header?: object;
  claims?: Record<string, unknown>;
}

/** An assertion that is right in everything but what the parts say (RFC 7523, section 3). */
function assertion(client: { client_id: string }, parts: AssertionParts = {}): Promise<string> {
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

const withAssertion = async (client: { client_id: string }, parts?: AssertionParts) => ({
  client_id: client.client_id,
  client_assertion_type: ASSERTION,
  client_assertion: await assertion(client, parts),
});

interface Presented {
  fields: Fields;
  options?: PostOptions;
}

const secretOf = (client: TestClient) =>
  client.client_secret ?? 'a secret that it does not have, at all';

/** How a client presents itself by each method, with its true secret or key as far as it has one. */
const present: Readonly<Record<Method, (client: TestClient) => Promise<Presented>>> = {
  none: async ({ client_id }) => ({ fields: { client_id } }),
  client_secret_basic: async (client) => ({
    fields: { client_id: client.client_id },
    options: { basic: [client.client_id, secretOf(client)] },
  }),
  client_secret_post: async (client) => ({
    fields: { client_id: client.client_id, client_secret: secretOf(client) },
  }),
  client_secret_jwt: async (client) => ({
    fields: await withAssertion(client, { key: Buffer.from(secretOf(client)), alg: 'HS256' }),
  }),
  private_key_jwt: async (client) => ({ fields: await withAssertion(client) }),
};

interface Endpoint {
  path: string;
  fields: Fields;
  /** What it answers to a client that it knows. */
  accepts: (answer: Answer) => boolean;
}

const endpoints: readonly Endpoint[] = [
  {
    path: '/token',
    fields: { grant_type: 'authorization_code', code: 'x', redirect_uri: CALLBACK },
    accepts: ({ status, body }) => status === 400 && body.error === 'invalid_grant',
  },
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
];

const send = ({ path, fields }: Endpoint, { fields: own, options }: Presented) =>
  op.post(path, { ...fields, ...own }, options);

describe.each(endpoints)('$path takes from a client', (endpoint) => {
  test.each(authMethods)('that is registered with %s that method and no other', async (method) => {
    const client = clients[method];
    for (const shown of authMethods) {
      const answer = await send(endpoint, await present[shown](client));
      const refused = answer.status === 401 && answer.body.error === 'invalid_client';
      const verdict = endpoint.accepts(answer) ? 'accepted' : refused ? 'refused' : answer.body;
      // A public client has nothing to prove, so nothing that it shows beside its name counts.
      if (method === 'none' && shown.startsWith('client_secret'))
        expect(verdict).not.toBe('accepted');
      expect([shown, verdict]).toEqual([shown, shown === method ? 'accepted' : 'refused']);
    }
  });

  test('and tells a wrong secret and an unknown client apart for nobody', async () => {
    for (const method of ['client_secret_basic', 'client_secret_post'] as const) {
      const client = clients[method];
      const wrong = await present[method]({ ...client, client_secret: 'x'.repeat(43) });
      const unknown = await present[method]({
        ...client,
        client_id: 'nobody',
        client_secret: 'x'.repeat(43),
      });
      const [one, other] = [await send(endpoint, wrong), await send(endpoint, unknown)];
      expect([one.status, one.body.error]).toEqual([401, 'invalid_client']);
      expect([other.status, other.body]).toEqual([one.status, one.body]);
      expect(other.headers.get('www-authenticate')).toBe(one.headers.get('www-authenticate'));
    }
  });

  test('only one method at a time', async () => {
    const client = clients.client_secret_basic;
    const [basic, post, jwt] = [
      await present.client_secret_basic(client),
      await present.client_secret_post(client),
      await present.client_secret_jwt(client),
    ];
    for (const both of [
      { fields: post.fields, ...(basic.options && { options: basic.options }) },
      { fields: jwt.fields, ...(basic.options && { options: basic.options }) },
      { fields: { ...post.fields, ...jwt.fields } },
      {
        fields: { client_id: [client.client_id, 'other'] },
        ...(basic.options && { options: basic.options }),
      },
      { fields: { client_id: client.client_id, client_secret: [secretOf(client), 'x'] } },
    ]) {
      const answer = await send(endpoint, both);
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    }
  });
});

test('credentials in the query do not count', async () => {
  const { client_id, client_secret } = clients.client_secret_post;
  const query = new URLSearchParams({ client_id, client_secret: client_secret ?? '' });
  const { status } = await op.post(`/introspect?${query}`, { token: 'x' });
  expect(status).toBeGreaterThanOrEqual(400);
});

test('a confidential client’s name alone is refused with a challenge that names Basic', async () => {
  const { client_id } = clients.client_secret_basic;
  const { status, headers, body } = await op.post(
    '/token',
    { grant_type: 'authorization_code', code: 'x', redirect_uri: CALLBACK },
    { headers: { authorization: basicAuth(client_id, 'wrong') } },
  );
  expect([status, body.error]).toEqual([401, 'invalid_client']);
  expect(headers.get('www-authenticate')).toMatch(/^Basic realm=/);
});

test.each([
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
] as const)('a relying party signs in with %s', async (method) => {
  const account = await op.createAccount();
  const auth =
    method === 'private_key_jwt'
      ? openid.PrivateKeyJwt({
          key: await crypto.subtle.importKey(
            'jwk',
            keys.privateKey.export({ format: 'jwk' }),
            { name: 'ECDSA', namedCurve: 'P-256' },
            false,
            ['sign'],
          ),
          kid: 'one',
        })
      : undefined;
  const rp = await createRp(op.issuer, clients[method], auth);
  const { tokens } = await rp.signIn(account);
  const refreshed = await rp.refresh(tokens.refresh_token ?? '');
  expect(await openid.tokenIntrospection(rp.config, refreshed.access_token)).toMatchObject({
    active: true,
    client_id: clients[method].client_id,
  });
  await openid.tokenRevocation(rp.config, refreshed.access_token);
});

describe('an assertion is refused', () => {
  const token = endpoints[0] as Endpoint;
  const now = () => Math.floor(Date.now() / 1000);

  test.each(['client_secret_jwt', 'private_key_jwt'] as const)(
    'when it is presented twice (%s)',
    async (method) => {
      const presented = await present[method](clients[method]);
      expect(token.accepts(await send(token, presented))).toBe(true);
      for (const endpoint of endpoints) {
        const again = await send(endpoint, presented);
        expect([again.status, again.body.error]).toEqual([401, 'invalid_client']);
      }
    },
  );

  test('by all but one of many that present it at once', async () => {
    const presented = await present.private_key_jwt(clients.private_key_jwt);
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(token, presented)));
    expect(answers.filter((answer) => token.accepts(answer))).toHaveLength(1);
    for (const { status } of answers.filter((answer) => !token.accepts(answer)))
      expect([400, 401]).toContain(status);
  });

  const wrong: [why: string, parts: () => AssertionParts][] = [
    ['signed with a stranger’s key', () => ({ key: strangersKeys.privateKey })],
    ['for another audience', () => ({ claims: { aud: 'https://other.example' } })],
    ['without an audience', () => ({ claims: { aud: undefined } })],
    ['of another issuer', () => ({ claims: { iss: 'someone' } })],
    ['of another subject', () => ({ claims: { sub: clients.client_secret_jwt.client_id } })],
    ['without an id', () => ({ claims: { jti: undefined } })],
    ['without an end', () => ({ claims: { exp: undefined } })],
    ['that has ended', () => ({ claims: { exp: now() - 120 } })],
    ['that has not begun', () => ({ claims: { nbf: now() + 300 } })],
    ['whose key is named by a path', () => ({ header: { kid: '../../etc/passwd' } })],
    [
      'whose header brings its own key',
      () => ({
        key: strangersKeys.privateKey,
        header: { jwk: strangersKeys.publicKey.export({ format: 'jwk' }) },
      }),
    ],
    [
      'whose key is fetched from elsewhere',
      () => ({
        key: strangersKeys.privateKey,
        header: { jku: 'http://127.0.0.1:9/jwks', x5u: 'http://127.0.0.1:9/' },
      }),
    ],
    [
      'whose HMAC is made with the public key',
      () => ({
        key: Buffer.from(keys.publicKey.export({ format: 'pem', type: 'spki' })),
        alg: 'HS256',
      }),
    ],
  ];
  test.each(wrong)('%s', async (_, parts) => {
    const client = clients.private_key_jwt;
    const fields = await withAssertion(client, parts());
    const { status } = await send(token, { fields });
    expect([400, 401]).toContain(status);
    expect(token.accepts(await send(token, { fields }))).toBe(false);
  });

  test('with the algorithm none', async () => {
    const client = clients.private_key_jwt;
    const [, payload] = (await assertion(client)).split('.');
    for (const alg of ['none', 'None', 'NONE']) {
      const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
      const { status, body } = await send(token, {
        fields: {
          client_id: client.client_id,
          client_assertion_type: ASSERTION,
          client_assertion: `${header}.${payload}.`,
        },
      });
      expect([status, body.error]).toEqual([401, 'invalid_client']);
    }
  });

  test('of another type', async () => {
    const fields = await withAssertion(clients.private_key_jwt);
    const { status } = await send(token, {
      fields: { ...fields, client_assertion_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer' },
    });
    expect(status).toBe(400);
  });

  test('when it names several audiences, one of them a stranger’s', async () => {
    const fields = await withAssertion(clients.private_key_jwt, {
      claims: { aud: [op.issuer, 'https://other.example/token'] },
    });
    expect(token.accepts(await send(token, { fields }))).toBe(false);
  });
});
