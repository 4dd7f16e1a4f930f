import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { CALLBACK, type Op, startOp, type TestClient } from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { pointersOf, register, registered, send, tokenFor, webClient } from './registrations.ts';

let op: Op;
let token: string;
beforeAll(async () => {
  op = await startOp();
  token = await tokenFor(op);
});
afterAll(() => op.close());

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const allTypes = ['web', 'single-page-application', 'native', 'server-to-server'];
const typeOf = async (clientId: string) => (await op.admin(`/clients/${clientId}`)).body;

describe('registering a client', () => {
  test('is found by discovery, done by a relying party’s library, and leads to a sign-in', async () => {
    const config = await openid.dynamicClientRegistration(
      new URL(op.issuer),
      { ...webClient, grant_types: ['authorization_code', 'refresh_token'] },
      undefined,
      { initialAccessToken: token, execute: [openid.allowInsecureRequests] },
    );
    const information = config.clientMetadata();
    expect(config.serverMetadata().registration_endpoint).toBe(`${op.issuer}/register`);
    const rp = await createRp(op.issuer, information as TestClient);
    const account = await op.createAccount();
    const { claims, tokens } = await rp.signIn(account);
    expect(claims.sub).toBe(account.id);
    expect((await rp.refresh(tokens.refresh_token ?? '')).access_token).toEqual(expect.any(String));
  });

  test('answers everything that is registered, defaults included, and nothing of administrators', async () => {
    const answer = await register(op, token);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { body } = answer;
    expect(body).toMatchObject({
      ...webClient,
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      application_type: 'web',
      id_token_signed_response_alg: 'RS256',
      client_secret_expires_at: 0,
      registration_client_uri: `${op.issuer}/register/${body.client_id}`,
    });
    expect(body.client_secret).toHaveLength(43);
    expect(body.registration_access_token).toHaveLength(43);
    expect(Math.abs(body.client_id_issued_at - Date.now() / 1000)).toBeLessThan(10);
    for (const name of ['type', 'first_party', 'openid_conformance', 'fapi_profile', 'disabled'])
      expect(body).not.toHaveProperty(name);
  });

  test('makes a third-party client that tells where it came from', async () => {
    const { client_id } = await registered(op, token);
    const known = await typeOf(client_id);
    expect(known).toMatchObject({
      type: 'web',
      first_party: false,
      origin: { via: 'registration' },
    });
    const listed = await op.admin('/clients?origin=registration&limit=500');
    const ids = listed.body.items.map((item: { client_id: string }) => item.client_id);
    expect(ids).toContain(client_id);
  });

  test('ignores what it does not know, and what is null or empty', async () => {
    const body = {
      ...webClient,
      favourite_colour: 'blue',
      logo_uri: '',
      tos_uri: null,
      client_id: 'mine',
      client_secret: 'mine too',
    };
    const information = await registered(op, token, body);
    for (const name of ['favourite_colour', 'logo_uri', 'tos_uri'])
      expect(information).not.toHaveProperty(name);
    expect(information.client_id).not.toBe('mine');
    expect(information.client_secret).toHaveLength(43);
  });

  const single: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ['web', webClient, { token_endpoint_auth_method: 'client_secret_basic' }],
    [
      'native',
      { redirect_uris: ['com.example.app:/back'], application_type: 'native' },
      { token_endpoint_auth_method: 'none', application_type: 'native' },
    ],
    [
      'single-page-application',
      { ...webClient, token_endpoint_auth_method: 'none' },
      { grant_types: ['authorization_code'] },
    ],
    ['server-to-server', { grant_types: ['client_credentials'] }, { response_types: [] }],
    [
      'web',
      { ...webClient, response_types: ['id_token code'] },
      { response_types: ['code id_token'], grant_types: ['authorization_code', 'implicit'] },
    ],
  ];
  test.each(single)('derives the type %s from %j', async (type, body, expected) => {
    const open = await tokenFor(op, { types: allTypes });
    const information = await registered(op, open, body);
    expect(information).toMatchObject(expected);
    expect((await typeOf(information.client_id)).type).toBe(type);
    expect('client_secret' in information).toBe(information.token_endpoint_auth_method !== 'none');
  });

  test('derives the type device from the device grant, which the policy does not have here', async () => {
    const body = { grant_types: ['refresh_token', DEVICE], token_endpoint_auth_method: 'none' };
    const answer = await register(op, token, body);
    const [found] = answer.body.errors;
    expect(found).toMatchObject({
      rule: 'registration-policy-types',
      detail: expect.stringContaining('device client'),
    });
  });

  test('names all mistakes at once, with what to change', async () => {
    const answer = await register(op, token, {
      redirect_uris: ['http://rp.example/callback', 'javascript:alert(1)'],
      grant_types: ['authorization_code', 'password'],
      scope: 'openid nothing',
      jwks_uri: 'not a URL',
    });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe('invalid_client_metadata');
    expect(pointersOf(answer)).toEqual(
      expect.arrayContaining([
        '/redirect_uris/0',
        '/redirect_uris/1',
        '/grant_types/1',
        '/scope',
        '/jwks_uri',
      ]),
    );
    const [redirect] = answer.body.errors.filter(
      ({ pointer }: { pointer: string }) => pointer === '/redirect_uris/0',
    );
    expect(redirect).toMatchObject({ rule: 'redirect-uris', fix: 'https://rp.example/callback' });
    for (const name of ['redirect_uris/1', 'grant_types/1', 'scope', 'jwks_uri'])
      expect(answer.body.error_description).toContain(`${name}: `);
    expect(answer.body.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  });

  test.each([
    ['a fragment', [`${CALLBACK}#x`]],
    ['a plain http host', ['http://rp.example/']],
    ['none at all', []],
  ])('says invalid_redirect_uri of %s', async (_, redirect_uris) => {
    const { status, body } = await register(op, token, { redirect_uris });
    expect([status, body.error]).toEqual([400, 'invalid_redirect_uri']);
  });

  test('refuses a private key, and repeats nothing of it', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(privateKey);
    const answer = await register(op, token, {
      ...webClient,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [jwk] },
    });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_client_metadata']);
    expect(JSON.stringify(answer.body)).not.toContain(jwk.d);
    expect(JSON.stringify(op.logs)).not.toContain(jwk.d);
  });

  test('takes the same client twice as two', async () => {
    const [one, two] = [await registered(op, token), await registered(op, token)];
    expect(one.client_id).not.toBe(two.client_id);
    expect(one.client_secret).not.toBe(two.client_secret);
  });
});

describe('a registration request', () => {
  const raw = (body: string, headers: Record<string, string> = {}) =>
    send(op, 'POST', '/register', { token, body, headers });

  test.each([
    ['not JSON', '{', {}, 400],
    ['an array', '[]', {}, 400],
    ['a form', 'redirect_uris=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['too deep', `{"jwks":{"keys":[{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}]}}`, {}, 400],
    ['too large', JSON.stringify({ client_name: 'x'.repeat(400_000) }), {}, 413],
  ])('that is %s is refused as invalid_request', async (_, body, headers, status) => {
    const answer = await raw(body, headers as Record<string, string>);
    expect([answer.status, answer.body.error]).toEqual([status, 'invalid_request']);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('without a token learns that one is needed, with a wrong one that it is invalid', async () => {
    const without = await register(op, undefined);
    expect([without.status, without.body.error]).toEqual([401, 'invalid_token']);
    expect(without.headers.get('www-authenticate')).toBe('Bearer');
    for (const wrong of ['x', `${token}x`, 'a'.repeat(43)]) {
      const answer = await register(op, wrong);
      expect([answer.status, answer.body.error]).toEqual([401, 'invalid_token']);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    }
  });

  test('of another method is not taken', async () => {
    expect((await send(op, 'GET', '/register', { token })).status).toBe(405);
    expect((await send(op, 'PATCH', '/register/x', { token, body: {} })).status).toBe(405);
  });

  test('is written to the log and the audit without the token or the secret', async () => {
    const { client_id, client_secret, registration_access_token } = await registered(op, token);
    const events = await op.admin(`/audit?target=client:${client_id}`);
    expect(events.body.items).toHaveLength(1);
    expect(events.body.items[0]).toMatchObject({
      action: 'client.create',
      actor: { via: 'registration' },
    });
    for (const secret of [client_secret, registration_access_token, token]) {
      expect(JSON.stringify(events.body)).not.toContain(secret);
      expect(JSON.stringify(op.logs)).not.toContain(secret);
    }
  });
});

describe('who may register', () => {
  test.each(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])(
    'nobody, when it is off: %s does not name the endpoint, which is not there',
    async (path) => {
      const off = await startOp({ registration: { mode: 'off' } });
      try {
        expect((await off.get(path)).body).not.toHaveProperty('registration_endpoint');
        expect((await op.get(path)).body.registration_endpoint).toBe(`${op.issuer}/register`);
        const answer = await register(off, await tokenFor(off));
        expect(answer.status).toBe(404);
      } finally {
        await off.close();
      }
    },
  );

  test('anybody, when it is open, by the policy that the configuration names', async () => {
    const open = await startOp({ registration: { mode: 'open', open_policy: 'strangers' } });
    try {
      const early = await register(open, undefined);
      expect([early.status, early.body.error]).toEqual([503, 'temporarily_unavailable']);
      const policy = { name: 'strangers', redirect_domains: ['rp.example'], scopes: ['openid'] };
      await open.admin('/registration-policies', { method: 'POST', body: policy });
      const { client_id, scope } = await registered(open, undefined);
      expect(scope).toBe('openid');
      const known = await open.admin(`/clients/${client_id}`);
      expect(known.body).toMatchObject({ first_party: false, origin: { policy: 'strangers' } });
      const other = await register(open, undefined, { redirect_uris: ['https://else.example/'] });
      expect([other.status, pointersOf(other)]).toEqual([400, ['/redirect_uris/0']]);
      // A wrong token is not better than none.
      expect((await register(open, 'wrong')).status).toBe(401);
    } finally {
      await open.close();
    }
  });

  test('anybody, by the built-in policy, which knows no machines', async () => {
    const open = await startOp({ registration: { mode: 'open' } }, { path: '/auth' });
    try {
      const post = (body: object) => send(open, 'POST', `${open.issuer}/register`, { body });
      const { body } = await post(webClient);
      expect(body.registration_client_uri).toBe(`${open.issuer}/register/${body.client_id}`);
      const token = body.registration_access_token;
      expect((await send(open, 'GET', body.registration_client_uri, { token })).status).toBe(200);
      const machine = await post({ grant_types: ['client_credentials'] });
      expect([machine.status, machine.body.errors[0].rule]).toEqual([
        400,
        'registration-policy-types',
      ]);
    } finally {
      await open.close();
    }
  });
});
