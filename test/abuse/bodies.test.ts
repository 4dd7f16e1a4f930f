/** Bodies that say more than they may, or say it in a way that two readers would read differently. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postAs } from '../flows/requests.ts';
import { registered, send } from '../registration/registrations.ts';
import { makeKeys } from '../support/keys.ts';
import { CALLBACK, type Op, startOp } from '../support/op.ts';

let op: Op;
beforeAll(async () => {
  op = await startOp({ registration: { mode: 'open' } });
});
afterAll(() => op?.close());

describe('what a request adds to a client beyond its metadata', () => {
  const added = {
    client_secret: 'a secret that the caller chose, of many characters',
    client_secret_expires_at: 0,
    secrets: [{ id: 'x', hash: 'x', prefix: 'x', created: 1 }],
    origin: { via: 'server' },
    conforming: false,
    violations: [{ pointer: '/x', rule: 'x', detail: 'x' }],
    warnings: [],
    expires_at: 1,
    quarantined_at: 1,
    last_used_at: 1,
    created_at: 1,
    updated_at: 1,
  };

  test('changes nothing in POST, PUT and PATCH', async () => {
    const made = await op.admin('/clients', {
      method: 'POST',
      body: { type: 'server-to-server', ...added },
    });
    expect(made.status).toBe(201);
    expect(made.body.client_secret).not.toBe(added.client_secret);
    const own = `/clients/${made.body.client_id}`;
    const before = (await op.admin(own)).body;
    expect(before).toMatchObject({ origin: { via: 'api' }, conforming: true, violations: [] });
    expect(before.secrets).toHaveLength(1);
    for (const name of ['expires_at', 'quarantined_at', 'last_used_at'])
      expect(before).not.toHaveProperty(name);
    expect(before.created_at).toBeGreaterThan(1);
    for (const method of ['PATCH', 'PUT']) {
      const body = method === 'PUT' ? { ...before, ...added } : added;
      expect((await op.admin(own, { method, body })).status).toBe(200);
      const after = (await op.admin(own)).body;
      expect({ ...after, updated_at: 0 }).toEqual({ ...before, updated_at: 0 });
    }
    const chosen = await postAs(
      op,
      { ...made.body, client_secret: added.client_secret },
      '/token',
      {
        grant_type: 'client_credentials',
      },
    );
    expect(chosen.status).toBe(401);
    expect(
      (await postAs(op, made.body, '/token', { grant_type: 'client_credentials' })).status,
    ).toBe(200);
  });

  test('is not taken from who registers: no id, no secret, no token of their choice', async () => {
    const { client_id } = op.adminClient;
    const mine = await registered(op, undefined, {
      redirect_uris: [CALLBACK],
      client_id,
      client_secret: added.client_secret,
      registration_access_token: 'chosen',
      registration_client_uri: 'https://evil.example/',
      client_id_issued_at: 1,
      client_secret_expires_at: 1,
    });
    expect(mine.client_id).not.toBe(client_id);
    expect(mine.client_secret).not.toBe(added.client_secret);
    expect(mine.registration_access_token).not.toBe('chosen');
    expect(mine.registration_client_uri).toBe(`${op.issuer}/register/${mine.client_id}`);
    expect(mine.client_secret_expires_at).toBe(0);
  });

  test('nested ten thousand levels deep is refused before anything walks it', async () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);
    const uris = JSON.stringify([CALLBACK]);
    const [key] = (await makeKeys('ES256')).jwks.keys;
    for (const text of [
      `{"redirect_uris":${deep}}`,
      `{"redirect_uris":${uris},"unknown":${deep}}`,
      `{"redirect_uris":${uris},"jwks":{"keys":[{"kty":"RSA","x":${deep}}]}}`,
      `{"redirect_uris":${uris},"jwks":{"keys":[${JSON.stringify(key).slice(0, -1)},"more":${deep}}]}}`,
    ]) {
      const answer = await send(op, 'POST', '/register', { body: text });
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    }
    expect(op.logs.filter(({ level }) => level >= 50)).toEqual([]);
  });

  test.each([
    ['a byte order mark', '\ufeff{"redirect_uris":["https://rp.example/"]}'],
    ['a comment', '{"redirect_uris":["https://rp.example/"]/**/}'],
    ['two documents', '{"redirect_uris":["https://rp.example/"]}{}'],
    ['NaN', '{"redirect_uris":["https://rp.example/"],"default_max_age":NaN}'],
  ])('as JSON with %s is refused as no JSON', async (_, body) => {
    const answer = await send(op, 'POST', '/register', { body });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  });

  test.each([
    ['["https://rp.example/"]', '["javascript:alert(1)"]', 400],
    ['["javascript:alert(1)"]', '["https://rp.example/"]', 201],
  ])('with a name twice is judged by what is kept: %s, then %s', async (first, last, status) => {
    const body = `{"redirect_uris":${first},"redirect_uris":${last}}`;
    const answer = await send(op, 'POST', '/register', { body });
    expect(answer.status).toBe(status);
    if (status === 201) expect(answer.body.redirect_uris).toEqual(JSON.parse(last));
  });
});
