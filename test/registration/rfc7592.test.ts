import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Op, startOp, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import {
  pointersOf,
  registered,
  send,
  tokenFor,
  updatable,
  update,
  webClient,
} from './registrations.ts';

let op: Op;
let initial: string;
beforeAll(async () => {
  op = await startOp();
  initial = await tokenFor(op);
});
afterAll(() => op.close());

const read = (information: Record<string, unknown>, token?: unknown) =>
  send(op, 'GET', String(information.registration_client_uri), {
    token: String(token ?? information.registration_access_token),
  });

describe('reading a registration', () => {
  test('answers what registering did, but the secret, and changes nothing', async () => {
    const { client_secret, ...information } = await registered(op, initial);
    expect(client_secret).toEqual(expect.any(String));
    for (let i = 0; i < 2; i += 1) {
      const answer = await read(information);
      expect([answer.status, answer.body]).toEqual([200, information]);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('updating a registration', () => {
  test('replaces the metadata and rotates the token: the old one is dead at once', async () => {
    const before = await registered(op, initial, {
      ...webClient,
      tos_uri: 'https://rp.example/tos',
    });
    const { tos_uri: _, ...kept } = updatable(before);
    const answer = await send(op, 'PUT', before.registration_client_uri, {
      token: before.registration_access_token,
      body: { ...kept, client_name: 'Renamed', policy_uri: '' },
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ client_id: before.client_id, client_name: 'Renamed' });
    for (const gone of ['tos_uri', 'policy_uri', 'client_secret'])
      expect(answer.body).not.toHaveProperty(gone);
    expect(answer.body.registration_access_token).not.toBe(before.registration_access_token);
    expect((await read(before)).status).toBe(401);
    expect((await read(answer.body)).body.client_name).toBe('Renamed');
  });

  test('leaves the secret as it is: a sign-in works before and after', async () => {
    const before = await registered(op, initial);
    const account = await op.createAccount();
    const after = await update(op, before, { client_name: 'Renamed' });
    const rp = await createRp(op.issuer, {
      ...after.body,
      client_secret: before.client_secret,
    } as TestClient);
    expect((await rp.signIn(account)).claims.sub).toBe(account.id);
  });

  test('makes a secret when the new method of authentication is the first to need one', async () => {
    const { privateJwk: _, jwks } = await keyOf();
    const before = await registered(op, initial, {
      ...webClient,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks,
    });
    expect(before).not.toHaveProperty('client_secret');
    const { jwks: __, ...changes } = { ...updatable(before) };
    const after = await send(op, 'PUT', before.registration_client_uri, {
      token: before.registration_access_token,
      body: { ...changes, token_endpoint_auth_method: 'client_secret_basic' },
    });
    expect(after.body.client_secret).toHaveLength(43);
    expect(after.body.client_secret_expires_at).toBe(0);
  });

  test.each([
    'registration_access_token',
    'registration_client_uri',
    'client_secret_expires_at',
    'client_id_issued_at',
  ])('does not take %s', async (name) => {
    const before = await registered(op, initial);
    const answer = await update(op, before, { [name]: before[name] });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    expect(answer.body.error_description).toContain(name);
    expect((await read(before)).status).toBe(200);
  });

  test.each([
    ['another client_id', { client_id: 'another' }],
    ['no client_id', { client_id: undefined }],
    ['a wrong client_secret', { client_secret: 'wrong' }],
  ])('with %s is refused, and the token lives on', async (_, changes) => {
    const before = await registered(op, initial);
    const answer = await update(op, before, changes);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    expect((await read(before)).status).toBe(200);
  });

  test('of many at once with one token, exactly one is made', async () => {
    const before = await registered(op, initial);
    const names = Array.from({ length: 8 }, (_, i) => `Name ${i}`);
    const answers = await Promise.all(
      names.map((client_name) => update(op, before, { client_name })),
    );
    const made = answers.filter(({ status }) => status === 200);
    expect(made).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(7);
    expect((await read(made[0]?.body)).body.client_name).toBe(made[0]?.body.client_name);
  });

  test('keeps what an administrator decided', async () => {
    const before = await registered(op, initial);
    const changes = { openid_conformance: true, tags: ['partner'], description: 'A note' };
    await op.admin(`/clients/${before.client_id}`, { method: 'PATCH', body: changes });
    expect((await update(op, before, { client_name: 'Renamed' })).status).toBe(200);
    const known = await op.admin(`/clients/${before.client_id}`);
    expect(known.body).toMatchObject({ ...changes, client_name: 'Renamed', first_party: false });
  });

  test('ends where an administrator has made the client a first-party one', async () => {
    const before = await registered(op, initial);
    await op.admin(`/clients/${before.client_id}`, {
      method: 'PATCH',
      body: { first_party: true },
    });
    const answer = await update(op, before, { redirect_uris: ['https://else.example/'] });
    expect([answer.status, answer.body.error]).toEqual([403, 'insufficient_scope']);
    const removed = await send(op, 'DELETE', before.registration_client_uri, {
      token: before.registration_access_token,
    });
    expect(removed.status).toBe(403);
    expect((await read(before)).body.redirect_uris).toEqual(webClient.redirect_uris);
  });

  test('names all mistakes at once and changes nothing', async () => {
    const before = await registered(op, initial);
    const answer = await update(op, before, {
      scope: 'nothing',
      logo_uri: 'x',
      client_name: '\u202e',
    });
    expect(answer.status).toBe(400);
    expect(pointersOf(answer)).toEqual(
      expect.arrayContaining(['/scope', '/logo_uri', '/client_name']),
    );
    const { client_secret: _, ...information } = before;
    expect((await read(before)).body).toEqual(information);
  });
});

async function keyOf() {
  const { generateKeyPair, exportJWK } = await import('jose');
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig' };
  return { jwks: { keys: [jwk] }, privateJwk: await exportJWK(privateKey) };
}

describe('deleting a registration', () => {
  test('ends the client, its secret, its token and everything that was granted to it', async () => {
    const grants = ['authorization_code', 'refresh_token'];
    const information = await registered(op, initial, { ...webClient, grant_types: grants });
    const rp = await createRp(op.issuer, information as TestClient);
    const account = await op.createAccount();
    const { tokens } = await rp.signIn(account, {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    const other = await registered(op, initial, { ...webClient, grant_types: grants });
    const others = await createRp(op.issuer, other as TestClient);
    const kept = await others.signIn(account);

    const bearer = { authorization: `Bearer ${tokens.access_token}` };
    expect((await op.get('/userinfo', bearer)).status).toBe(200);
    const answer = await send(op, 'DELETE', information.registration_client_uri, {
      token: information.registration_access_token,
    });
    expect([answer.status, answer.body]).toEqual([204, '']);
    expect((await op.get('/userinfo', bearer)).status).toBe(401);
    expect((await read(information)).status).toBe(401);
    expect((await op.admin(`/clients/${information.client_id}`)).status).toBe(404);
    const { client_id, client_secret } = information;
    const refused = await op.post(
      '/token',
      { grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
      { basic: [client_id, client_secret] },
    );
    expect([refused.status, refused.body.error]).toEqual([401, 'invalid_client']);
    const grantsLeft = await op.store
      .collection<unknown>({ name: 'grants', indexes: { account: 'plain', client: 'plain' } })
      .find('client', client_id);
    expect(grantsLeft).toEqual([]);
    // Nobody else's.
    expect((await others.userInfo(kept.tokens)).sub).toBe(account.id);
  });
});
