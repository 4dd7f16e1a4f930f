import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { basicAuth, CALLBACK, formOf, type Op, startOp, type TestClient } from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { attester } from './attester.ts';
import {
  ASSERTION,
  type AssertionParts,
  assertion,
  authMethods,
  certified,
  createClientWith,
  endpoints,
  keys,
  type Method,
  present,
  secretOf,
  selfSigned,
  send,
  shownBy,
  token,
  verdictOf,
  withAssertion,
} from './client-methods.ts';

const strangersKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

let op: Op;
let clients: Record<Method, TestClient>;
beforeAll(async () => {
  op = await startOp({ mtls: { mode: 'proxy' }, attestation: { issuers: [attester] } });
  const made = authMethods.map(async (method) => [method, await createClientWith(op, method)]);
  clients = Object.fromEntries(await Promise.all(made));
});
afterAll(() => op?.close());

const byCertificate = (method: Method) => method.endsWith('tls_client_auth');

describe.each(endpoints)('$path takes from a client', (endpoint) => {
  test.each(authMethods)('that is registered with %s that method and no other', async (method) => {
    const client = clients[method];
    for (const shown of authMethods) {
      const answer = await send(op, endpoint, await present[shown](op, client));
      // A public client proves nothing; a certificate is what its tokens are bound to, no method
      // (RFC 8705, section 4), and a request with one is that of a public client.
      const fits = shown === method || (method === 'none' && byCertificate(shown));
      expect([shown, verdictOf(endpoint, answer)]).toEqual([shown, fits ? 'accepted' : 'refused']);
    }
  });

  test('and tells a wrong secret and an unknown client apart for nobody', async () => {
    for (const method of ['client_secret_basic', 'client_secret_post'] as const) {
      const client = clients[method];
      const stranger = { ...client, client_secret: 'x'.repeat(43) };
      const wrong = await present[method](op, stranger);
      const unknown = await present[method](op, { ...stranger, client_id: 'nobody' });
      const [one, other] = [await send(op, endpoint, wrong), await send(op, endpoint, unknown)];
      expect([one.status, one.body.error]).toEqual([401, 'invalid_client']);
      expect([other.status, other.body]).toEqual([one.status, one.body]);
      expect(other.headers.get('www-authenticate')).toBe(one.headers.get('www-authenticate'));
    }
  });

  test('only one method at a time', async () => {
    const client = clients.client_secret_basic;
    const [basic, post, jwt] = [
      await present.client_secret_basic(op, client),
      await present.client_secret_post(op, client),
      await present.client_secret_jwt(op, client),
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
      const answer = await send(op, endpoint, both);
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    }
  });

  test.each(['tls_client_auth', 'self_signed_tls_client_auth'] as const)(
    'a secret or an assertion beside %s as no help',
    async (method) => {
      const client = clients[method];
      const certificate = await present[method](op, client);
      const headers = certificate.options?.headers ?? {};
      for (const other of [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
      ] as const) {
        const { fields, options } = await present[other](op, client);
        const answer = await send(op, endpoint, { fields, options: { ...options, headers } });
        expect([other, verdictOf(endpoint, answer)]).toEqual([other, 'refused']);
      }
    },
  );

  test('a certificate beside a wrong secret as no help', async () => {
    const client = { ...clients.client_secret_basic, client_secret: 'x'.repeat(43) };
    const { fields, options } = await present.client_secret_basic(op, client);
    for (const certificate of [certified, selfSigned]) {
      const headers = shownBy(certificate);
      const answer = await send(op, endpoint, { fields, options: { ...options, headers } });
      expect(verdictOf(endpoint, answer)).toBe('refused');
    }
  });

  test.each(['client_secret_post', 'client_secret_jwt', 'private_key_jwt'] as const)(
    'nothing of %s from the query',
    async (method) => {
      const { fields } = await present[method](op, clients[method]);
      const { client_id, ...credentials } = fields;
      const inQuery = { ...endpoint, path: `${endpoint.path}?${formOf(fields)}` };
      const partly = { ...endpoint, path: `${endpoint.path}?${formOf(credentials)}` };
      const answers = [
        await send(op, inQuery, { fields: {} }),
        await send(op, partly, { fields: { client_id } }),
      ];
      for (const answer of answers) {
        expect([400, 401]).toContain(answer.status);
        expect(endpoint.accepts(answer)).toBe(false);
      }
    },
  );
});

test('metadata names the methods and no aliases, since the proxy has one address', async () => {
  const { body } = await op.get('/.well-known/openid-configuration');
  expect([...body.token_endpoint_auth_methods_supported].sort()).toEqual([...authMethods].sort());
  expect(body.tls_client_certificate_bound_access_tokens).toBe(true);
  expect(body).not.toHaveProperty('mtls_endpoint_aliases');
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
  'tls_client_auth',
  'self_signed_tls_client_auth',
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
      : byCertificate(method)
        ? openid.TlsClientAuth()
        : undefined;
  const rp = await createRp(op.issuer, clients[method], auth);
  // What the proxy in front of the server would add to each of its requests.
  const added = (await present[method](op, clients[method])).options?.headers;
  rp.config[openid.customFetch] = (url, options) =>
    fetch(url, { ...options, headers: { ...options.headers, ...added } } as RequestInit);
  const { tokens } = await rp.signIn(account);
  const refreshed = await rp.refresh(tokens.refresh_token ?? '');
  expect(await openid.tokenIntrospection(rp.config, refreshed.access_token)).toMatchObject({
    active: true,
    client_id: clients[method].client_id,
  });
  await openid.tokenRevocation(rp.config, refreshed.access_token);
});

describe('an assertion is refused', () => {
  const now = () => Math.floor(Date.now() / 1000);

  test.each(['client_secret_jwt', 'private_key_jwt'] as const)(
    'when it is presented twice (%s)',
    async (method) => {
      const presented = await present[method](op, clients[method]);
      expect(token.accepts(await send(op, token, presented))).toBe(true);
      for (const endpoint of endpoints) {
        const again = await send(op, endpoint, presented);
        expect([again.status, again.body.error]).toEqual([401, 'invalid_client']);
      }
    },
  );

  test('by all but one of many that present it at once', async () => {
    const presented = await present.private_key_jwt(op, clients.private_key_jwt);
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(op, token, presented)));
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
    ['that is a request object', () => ({ header: { typ: 'oauth-authz-req+jwt' } })],
    ['that is a proof of possession', () => ({ header: { typ: 'dpop+jwt' } })],
    ['that is a grant', () => ({ header: { typ: 'authorization-grant+jwt' } })],
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
    const fields = await withAssertion(op, client, parts());
    const { status } = await send(op, token, { fields });
    expect([400, 401]).toContain(status);
    expect(token.accepts(await send(op, token, { fields }))).toBe(false);
  });

  test.each(['JWT', 'client-authentication+jwt', 'application/client-authentication+jwt'])(
    'not for saying what it is: %s',
    async (typ) => {
      const fields = await withAssertion(op, clients.private_key_jwt, { header: { typ } });
      expect(token.accepts(await send(op, token, { fields }))).toBe(true);
    },
  );

  test('with the algorithm none', async () => {
    const client = clients.private_key_jwt;
    const [, payload] = (await assertion(op, client)).split('.');
    for (const alg of ['none', 'None', 'NONE']) {
      const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
      const { status, body } = await send(op, token, {
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
    const fields = await withAssertion(op, clients.private_key_jwt);
    const { status } = await send(op, token, {
      fields: { ...fields, client_assertion_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer' },
    });
    expect(status).toBe(400);
  });

  test('when it names several audiences, one of them a stranger’s', async () => {
    const fields = await withAssertion(op, clients.private_key_jwt, {
      claims: { aud: [op.issuer, 'https://other.example/token'] },
    });
    expect(token.accepts(await send(op, token, { fields }))).toBe(false);
  });
});
