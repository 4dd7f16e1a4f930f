import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Op, startOp } from '../support/op.ts';

let op: Op;
beforeAll(async () => {
  op = await startOp();
});
afterAll(() => op.close());

const tokenFor = async (scope: string, more: Record<string, string> = {}) => {
  const { client_id, client_secret } = op.adminClient;
  const fields = {
    grant_type: 'client_credentials',
    scope,
    resource: `${op.issuer}/api/v1`,
    ...more,
  };
  return (await op.post('/token', fields, { basic: [client_id, client_secret] })).body.access_token;
};

const call = async (
  authorization: string | undefined,
  path = '/clients',
  init: RequestInit = {},
) => {
  const headers = { ...(authorization && { authorization }), ...(init.headers as object) };
  const response = await fetch(`${op.issuer}/api/v1${path}`, { ...init, headers });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text ? JSON.parse(text) : undefined,
  };
};

describe('the administration API', () => {
  test('wants an access token for itself, and says so as RFC 6750 does', async () => {
    const { status, headers, body } = await call(undefined);
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthenticated' });
    const challenge = headers.get('www-authenticate');
    expect(challenge).toMatch(/^Bearer /);
    for (const scheme of ['Bearer', 'DPoP']) {
      expect(challenge).toContain(`${scheme} realm="${op.issuer}/api/v1"`);
    }
    expect(challenge).toContain('algs="ES256 PS256 Ed25519 EdDSA"');
    expect(challenge).not.toContain('error=');
    for (const authorization of ['Bearer nonsense', 'Basic YTpi', 'Bearer', 'Bearer a b']) {
      expect((await call(authorization)).status).toBe(401);
    }
  });

  test('does not take a token for another resource, or for none', async () => {
    const { client_id, client_secret } = op.adminClient;
    const none = await op.post(
      '/token',
      { grant_type: 'client_credentials' },
      { basic: [client_id, client_secret] },
    );
    expect(none.status).toBe(200);
    expect((await call(`Bearer ${none.body.access_token}`)).status).toBe(401);
  });

  test('gives each scope its routes and no others', async () => {
    const reading = `Bearer ${await tokenFor('clients:read')}`;
    expect((await call(reading)).status).toBe(200);
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    const refused = await call(reading, '/clients', init);
    expect({ status: refused.status, code: refused.body.code }).toEqual({
      status: 403,
      code: 'forbidden',
    });
    expect(refused.headers.get('www-authenticate')).toContain('scope="clients:write"');
    expect((await call(reading, '/accounts')).status).toBe(403);
  });

  test('takes a token with no scope for nothing', async () => {
    expect((await call(`Bearer ${await tokenFor('')}`)).status).toBe(403);
  });

  test('knows `audience` for `resource`', async () => {
    const { client_id, client_secret } = op.adminClient;
    const fields = {
      grant_type: 'client_credentials',
      scope: 'clients:read',
      audience: `${op.issuer}/api/v1`,
    };
    const { body } = await op.post('/token', fields, { basic: [client_id, client_secret] });
    expect((await call(`Bearer ${body.access_token}`)).status).toBe(200);
  });

  test('stops at once when the token is revoked', async () => {
    const token = await tokenFor('clients:read');
    const { client_id, client_secret } = op.adminClient;
    await op.post('/revoke', { token }, { basic: [client_id, client_secret] });
    expect((await call(`Bearer ${token}`)).status).toBe(401);
  });

  test('is closed to clients that nobody let in', async () => {
    const client = await op.createClient({ type: 'server-to-server', redirect_uris: [] });
    const fields = {
      grant_type: 'client_credentials',
      scope: 'clients:read',
      resource: `${op.issuer}/api/v1`,
    };
    const answer = await op.post('/token', fields, {
      basic: [client.client_id, client.client_secret ?? ''],
    });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
  });

  test('cannot be taken away or made unreadable through itself', async () => {
    const { body } = await op.admin('/resources');
    const own = body.items.find(
      (item: { identifier: string }) => item.identifier === `${op.issuer}/api/v1`,
    );
    expect((await op.admin(`/resources/${own.id}`, { method: 'DELETE' })).status).toBe(409);
    const patch = { method: 'PATCH', body: { access_token_format: 'jwt' } };
    expect((await op.admin(`/resources/${own.id}`, patch)).status).toBe(422);
  });
});

describe('a bad request', () => {
  const send = async (body: string, headers: Record<string, string> = {}, method = 'POST') =>
    call(`Bearer ${await tokenFor('clients:read clients:write')}`, '/clients', {
      method,
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });

  test('that is no JSON, too large, of another type or to nowhere gets its own answer', async () => {
    expect((await send('{')).body.code).toBe('malformed');
    expect((await send('{}', { 'content-type': 'text/plain' })).body.code).toBe(
      'unsupported_media_type',
    );
    expect((await send(`"${'x'.repeat(400_000)}"`)).body.code).toBe('too_large');
    expect((await send('{}', {}, 'PUT')).body.code).toBe('method_not_allowed');
    expect((await call(undefined, '/nowhere')).body.code).toBe('not_found');
    for (const body of ['[]', '1', 'null', '"x"', '{"type":"toString"}', '{"type":{"$gt":""}}']) {
      expect((await send(body)).status).toBe(422);
    }
  });

  test('cannot smuggle operators through ids, cursors or parameters', async () => {
    const read = async (path: string) => (await op.admin(path)).status;
    expect(await read('/clients/[$ne]')).toBe(404);
    expect(await read('/clients/__proto__')).toBe(404);
    expect(await read('/clients/%00')).toBe(404);
    expect(await read('/clients/%ff')).toBe(404);
    expect(await read('/clients?after[$gt]=')).toBe(400);
    expect(await read('/clients?limit=0')).toBe(400);
    expect(await read('/clients?limit=1&limit=2')).toBe(400);
    expect(await read('/clients?sort=$where')).toBe(400);
  });
});
