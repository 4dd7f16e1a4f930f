import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Op, startOp } from '../support/op.ts';

let op: Op;
beforeAll(async () => {
  op = await startOp();
});
afterAll(() => op.close());

const shop = { client_name: 'Shop', redirect_uris: ['https://shop.example/callback'] };
const create = (body: unknown) => op.admin('/clients', { method: 'POST', body });
const at = (client_id: string) => `/clients/${client_id}`;

/** The rules that an answer says were broken, by pointer. */
const broken = (answer: { body: { errors?: { pointer: string; rule: string }[] } }) =>
  Object.fromEntries((answer.body.errors ?? []).map(({ pointer, rule }) => [pointer, rule]));

describe('creating a client', () => {
  test('answers with its metadata, its address and a secret of 256 bits that is never told again', async () => {
    const created = await create(shop);
    expect(created.status).toBe(201);
    const { client_id, client_secret } = created.body;
    expect(created.headers.get('location')).toBe(`/api/v1/clients/${client_id}`);
    expect(Buffer.from(client_secret, 'base64url')).toHaveLength(32);
    expect(created.body).toMatchObject({
      ...shop,
      type: 'web',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      first_party: true,
      openid_conformance: false,
    });

    const read = await op.admin(at(client_id));
    expect(read.status).toBe(200);
    expect(read.body.client_secret).toBeUndefined();
    expect(JSON.stringify((await op.admin('/clients?limit=500')).body)).not.toContain(
      client_secret,
    );
    expect(read.body.secrets).toEqual([
      { id: expect.any(String), prefix: client_secret.slice(0, 4), created: expect.any(Number) },
    ]);
  });

  test('takes an id that the caller chose, once', async () => {
    expect((await create({ ...shop, client_id: 'chosen' })).body.client_id).toBe('chosen');
    const again = await create({ ...shop, client_id: 'chosen' });
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  test.each(['a b', 'a/b', '../x', '', 'x'.repeat(257), '$ne', 'https://a.example'])(
    'refuses the id %j',
    async (client_id) => {
      expect(broken(await create({ ...shop, client_id }))).toEqual({ '/client_id': 'client-id' });
    },
  );

  test('says everything that is wrong at once, with the place, the rule and the clause', async () => {
    const answer = await create({
      client_name: 'x'.repeat(65),
      logo_uri: 'http://shop.example/logo.png',
      unheard_of: true,
      redirect_uris: ['https://shop.example/cb#fragment', 'https://shop.example/cb'],
      grant_types: ['refresh_token'],
    });
    expect(answer).toMatchObject({
      status: 422,
      headers: expect.anything(),
      body: { code: 'invalid', status: 422 },
    });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(broken(answer)).toEqual({
      '/client_name': 'property-value',
      '/logo_uri': 'property-value',
      '/unheard_of': 'known-property',
      '/redirect_uris/0': 'redirect-uris',
      '/response_types/0': 'grants-match-responses',
      '/grant_types': 'grants-match-responses',
    });
    const withSpec = answer.body.errors.filter((error: { spec?: string }) => error.spec);
    expect(withSpec.length).toBeGreaterThanOrEqual(5);
  });

  test.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'intent://x',
    'http://shop.example/cb',
    'http://localhost:80@evil.example/',
    'https://user:pass@shop.example/cb',
    'https://shop.example\\@evil.example/',
    'https://shop.example/\tcb',
    'https://shop.example/cb\r\nX: y',
    ' https://shop.example/cb',
    'https://shop.example/a/%2e%2e/b',
    'https://shop.example/a/..;/b',
    'https://shop.example/a/../b',
    'https://*.shop.example/cb',
    'https://shop.example/*',
    'HTTPS://shop.example/cb',
    'https://SHOP.example/cb',
    'https://shop.example',
    'https://shop.example:443/cb',
    '//shop.example/cb',
    '/cb',
    'com.example.app:/cb',
  ])('refuses the redirect URI %j, for login and for logout', async (uri) => {
    const login = await create({ redirect_uris: [uri] });
    expect(broken(login)).toEqual({ '/redirect_uris/0': 'redirect-uris' });
    const logout = await create({ ...shop, post_logout_redirect_uris: [uri] });
    expect(broken(logout)).toEqual({ '/post_logout_redirect_uris/0': 'redirect-uris' });
  });

  test.each([
    ['web', 'http://localhost:8080/cb'],
    ['web', 'http://127.0.0.1/cb'],
    ['web', 'https://shop.example/cb?fixed=1'],
    ['native', 'com.example.app:/cb'],
    ['native', 'http://127.0.0.1/cb'],
    ['native', 'https://app.example/cb'],
  ])('takes for a %s client the redirect URI %s', async (type, uri) => {
    expect((await create({ type, redirect_uris: [uri] })).status).toBe(201);
  });

  test.each(['logo_uri', 'policy_uri', 'tos_uri', 'client_uri', 'jwks_uri'])(
    'refuses as %s what is no https address',
    async (property) => {
      for (const value of [
        'javascript:x',
        'data:x',
        '//evil',
        'http://a.example/',
        'https://u:p@a.example/',
      ]) {
        expect(broken(await create({ ...shop, [property]: value }))).toMatchObject({
          [`/${property}`]: 'property-value',
        });
      }
    },
  );

  test.each([
    ['a NUL', { key: 'a\0b' }],
    ['a long value', { key: 'x'.repeat(257) }],
    ['a long key', { ['x'.repeat(65)]: 'v' }],
    ['eleven keys', Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, 'v']))],
    ['an object', { key: { nested: 'v' } }],
    ['a constructor', { constructor: 'v' }],
    ['a prototype', { prototype: 'v' }],
  ])('refuses extra metadata with %s', async (_, extra_metadata) => {
    expect((await create({ ...shop, extra_metadata })).status).toBe(422);
  });

  test('keeps __proto__ out of extra metadata', async () => {
    const body = '{"redirect_uris":["https://a.example/"],"extra_metadata":{"__proto__":"x"}}';
    const { status } = await op.admin('/clients', { method: 'POST', body: JSON.parse(body) });
    expect([201, 422]).toContain(status);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test('refuses a name with characters that hide or reorder text', async () => {
    for (const client_name of ['a\u202eb', 'a\0b', 'a\r\nb', 'a\u200bb', '']) {
      expect(broken(await create({ ...shop, client_name }))).toEqual({
        '/client_name': 'property-value',
      });
    }
  });

  test('gives no secret to clients that cannot keep one', async () => {
    for (const type of ['single-page-application', 'native']) {
      const { body } = await create({ ...shop, type });
      expect(body).toMatchObject({ token_endpoint_auth_method: 'none', secrets: [] });
      expect(body.client_secret).toBeUndefined();
      const refused = await create({
        ...shop,
        type,
        token_endpoint_auth_method: 'client_secret_post',
      });
      expect(broken(refused)).toEqual({ '/token_endpoint_auth_method': 'public-client' });
    }
  });

  test('keeps people’s flows away from server-to-server clients', async () => {
    const { status, body } = await create({ type: 'server-to-server' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ grant_types: ['client_credentials'], response_types: [] });
    expect(broken(await create({ ...shop, type: 'server-to-server' }))).toEqual({
      '/redirect_uris': 'no-user-flows',
    });
  });

  test('refuses private keys and keys that are missing', async () => {
    const method = { ...shop, token_endpoint_auth_method: 'private_key_jwt' };
    expect(broken(await create(method))).toEqual({ '/jwks': 'authentication-method' });
    const key = { kty: 'EC', crv: 'P-256', x: 'a', y: 'b', d: 'c' };
    expect(broken(await create({ ...method, jwks: { keys: [key] } }))).toEqual({
      '/jwks/keys/0': 'client-keys',
      '/jwks/keys/0/d': 'client-keys',
    });
  });
});

describe('changing a client', () => {
  test('merges a patch, removes what is null, and keeps the secret', async () => {
    const { body } = await create({ ...shop, description: 'x', tos_uri: 'https://a.example/tos' });
    const patched = await op.admin(at(body.client_id), {
      method: 'PATCH',
      body: { client_name: 'Shop 2', tos_uri: null },
    });
    expect(patched.status).toBe(200);
    expect(patched.body).toMatchObject({ client_name: 'Shop 2', description: 'x' });
    expect(patched.body.tos_uri).toBeUndefined();
    expect(patched.body.secrets).toEqual(body.secrets);
  });

  test('replaces with a whole document, which may be a copy of what was read', async () => {
    const { body } = await create({ ...shop, description: 'x' });
    const { body: read } = await op.admin(at(body.client_id));
    const { description: _, ...rest } = read;
    const replaced = await op.admin(at(body.client_id), { method: 'PUT', body: rest });
    expect(replaced.status).toBe(200);
    expect(replaced.body.description).toBeUndefined();
  });

  test('judges the client that results, not the patch', async () => {
    const { body } = await create(shop);
    const answer = await op.admin(at(body.client_id), {
      method: 'PATCH',
      body: { redirect_uris: null },
    });
    expect(broken(answer)).toEqual({ '/redirect_uris': 'grants-match-responses' });
  });

  test('keeps the type', async () => {
    const { body } = await create(shop);
    const answer = await op.admin(at(body.client_id), {
      method: 'PATCH',
      body: { type: 'native' },
    });
    expect(answer.status).toBe(422);
  });

  test('loses no update: a stale ETag is refused', async () => {
    const { body } = await create(shop);
    const first = await op.admin(at(body.client_id));
    const headers = { 'If-Match': first.headers.get('etag') as string };
    const change = (client_name: string) =>
      op.admin(at(body.client_id), { method: 'PATCH', body: { client_name }, headers });
    expect((await change('one')).status).toBe(200);
    expect(await change('two')).toMatchObject({
      status: 412,
      body: { code: 'precondition_failed' },
    });
    expect((await op.admin(at(body.client_id))).body.client_name).toBe('one');
  });

  test('gives a new secret when the method needs another kind, and drops what it may not keep', async () => {
    const { body } = await create(shop);
    const change = (token_endpoint_auth_method: string) =>
      op.admin(at(body.client_id), { method: 'PATCH', body: { token_endpoint_auth_method } });
    const jwt = await change('client_secret_jwt');
    expect(jwt.body.client_secret).toEqual(expect.any(String));
    expect(jwt.body.client_secret).not.toBe(body.client_secret);
    expect((await change('none')).body).toMatchObject({ secrets: [] });
  });

  test('takes the client away at once', async () => {
    const { body } = await create(shop);
    expect((await op.admin(at(body.client_id), { method: 'DELETE' })).status).toBe(204);
    expect((await op.admin(at(body.client_id))).status).toBe(404);
    expect((await op.admin(at(body.client_id), { method: 'DELETE' })).status).toBe(404);
  });
});

test('a list comes in pages that a cursor walks without gaps or repeats', async () => {
  for (let n = 0; n < 5; n += 1) await create(shop);
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const { body } = await op.admin(`/clients?limit=2${after ? `&after=${after}` : ''}`);
    seen.push(...body.items.map((item: { client_id: string }) => item.client_id));
    after = body.next;
  } while (after);
  expect(seen.length).toBeGreaterThanOrEqual(5);
  expect(new Set(seen).size).toBe(seen.length);
});
