import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { signingAlgs } from '../../src/clients/values.ts';
import { createAgent, leftFor } from '../support/agent.ts';
import { type Fields, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import {
  authorizeUrl,
  introspect,
  obtainCode,
  obtainTokens,
  postAs,
  redeem,
  refresh,
  userInfo,
} from './requests.ts';

let op: Op;
let client: TestClient;
let machine: TestClient;
let account: TestAccount;
let photos: string;
beforeAll(async () => {
  op = await startOp();
  [client, machine, account] = await Promise.all([
    op.createClient(),
    op.createClient({ type: 'server-to-server' }),
    op.createAccount(),
  ]);
  photos = await resource();
});
afterAll(() => op?.close());

const scopes = [{ name: 'read' }, { name: 'write' }, { name: 'admin' }];

/** A resource that both clients may read and write. */
async function resource(more: Parameters<Op['createResource']>[0] = {}): Promise<string> {
  const access = [client, machine].map(({ client_id }) => ({
    client_id,
    scopes: ['read', 'write'],
  }));
  return (await op.createResource({ scopes, access, ...more })).identifier;
}

const verify = (token: string, audience: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${op.issuer}/jwks`)), {
    issuer: op.issuer,
    audience,
    typ: 'at+jwt',
  });

const machineToken = (fields: Fields) =>
  postAs(op, machine, '/token', { grant_type: 'client_credentials', ...fields });

describe('an access token for a resource', () => {
  test('is a JWT as RFC 9068 says, signed with ES256 unless said otherwise', async () => {
    const { access_token, expires_in } = await obtainTokens(op, client, account, {
      scope: 'openid read write',
      resource: photos,
    });
    const { payload, protectedHeader } = await verify(access_token, photos);
    expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    expect(payload).toMatchObject({
      iss: op.issuer,
      aud: photos,
      sub: account.id,
      client_id: client.client_id,
      scope: 'read write',
      jti: expect.any(String),
      iat: expect.any(Number),
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    expect(expires_in).toBe(3600);
    expect(payload).not.toHaveProperty('email');
  });

  test.each(signingAlgs)('is signed with %s where the resource wants that', async (alg) => {
    const identifier = await resource({ access_token_signing_alg: alg, access_token_ttl: 90 });
    const { body } = await machineToken({ resource: identifier, scope: 'read' });
    expect(decodeProtectedHeader(body.access_token).alg).toBe(alg);
    const { payload } = await verify(body.access_token, identifier);
    expect(payload).toMatchObject({ sub: machine.client_id, client_id: machine.client_id });
    expect(body.expires_in).toBe(90);
  });

  test('is opaque where the resource wants that, and introspection tells what it is', async () => {
    const identifier = await resource({ access_token_format: 'opaque' });
    const tokens = await obtainTokens(op, client, account, {
      scope: 'openid read',
      resource: identifier,
    });
    expect(tokens.access_token).toMatch(/^[\w-]{43}$/);
    expect(await introspect(op, machine, tokens.access_token)).toMatchObject({
      active: true,
      aud: identifier,
      scope: 'read',
      sub: account.id,
      client_id: client.client_id,
      iss: op.issuer,
    });
  });

  test('is none for UserInfo', async () => {
    for (const access_token_format of ['jwt', 'opaque'] as const) {
      const identifier = await resource({ access_token_format });
      const tokens = await obtainTokens(op, client, account, {
        scope: 'openid email read',
        resource: identifier,
      });
      expect([401, 403]).toContain((await userInfo(op, tokens.access_token)).status);
    }
  });

  test('is none for the administration API', async () => {
    const { body } = await machineToken({ resource: photos, scope: 'read' });
    const { status } = await op.get('/api/v1/clients', {
      authorization: `Bearer ${body.access_token}`,
    });
    expect(status).toBe(401);
  });

  test('of one server is none of another', async () => {
    const other = await startOp();
    try {
      const { body } = await machineToken({ resource: photos, scope: 'read' });
      const keys = createRemoteJWKSet(new URL(`${other.issuer}/jwks`));
      await expect(jwtVerify(body.access_token, keys)).rejects.toMatchObject({
        code: 'ERR_JWKS_NO_MATCHING_KEY',
      });
    } finally {
      await other.close();
    }
  });
});

describe('the parameter audience', () => {
  test('means the same as resource in a request for client credentials', async () => {
    const { body } = await machineToken({ audience: photos, scope: 'read' });
    expect((await verify(body.access_token, photos)).payload.scope).toBe('read');
  });

  test('means the same as resource in an authorization request', async () => {
    const code = await obtainCode(op, client, account, { scope: 'openid read', audience: photos });
    const { body } = await redeem(op, client, code, { audience: photos });
    expect((await verify(body.access_token, photos)).payload.scope).toBe('read');
  });

  test('names one of several resources, and none that was not asked for before', async () => {
    const other = await resource();
    const code = await obtainCode(op, client, account, {
      scope: 'openid read',
      resource: [photos, other],
    });
    const { body: first } = await redeem(op, client, code, { audience: other });
    expect((await verify(first.access_token, other)).payload.scope).toBe('read');
    const { body: second } = await refresh(op, client, first.refresh_token, { audience: photos });
    expect((await verify(second.access_token, photos)).payload.scope).toBe('read');
    const third = await resource();
    const refused = await refresh(op, client, second.refresh_token, { audience: third });
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_target']);
  });

  test('is refused where the client has no access', async () => {
    const { status, body } = await machineToken({ audience: 'https://api.example/none' });
    expect([status, body.error]).toEqual([400, 'invalid_target']);
  });
});

describe('a client without access to a resource', () => {
  let closed: string;
  beforeAll(async () => {
    closed = await resource({ access: [{ client_id: 'somebody-else', scopes: ['read'] }] });
  });

  test.each([
    ['that it may not use', () => closed],
    ['that does not exist', () => 'https://api.example/none'],
    ['that is no URL', () => 'photos'],
    ['with a fragment', () => `${photos}#x`],
    ['of another letter case', () => photos.toUpperCase()],
    ['that is the administration API', () => `${op.issuer}/api/v1`],
  ])('is refused one %s', async (_, which) => {
    const identifier = which();
    const direct = await machineToken({ resource: identifier, scope: 'read' });
    expect([direct.status, direct.body.error]).toEqual([400, 'invalid_target']);
    const url = authorizeUrl(op, client, { scope: 'openid read', resource: identifier });
    const left = leftFor(await createAgent(op.issuer).visit(url));
    expect(left.searchParams.get('error')).toBe('invalid_target');
    const code = await obtainCode(op, client, account, { scope: 'openid read', resource: photos });
    const swapped = await redeem(op, client, code, { resource: identifier });
    expect([swapped.status, swapped.body.error]).toEqual([400, 'invalid_target']);
  });

  test('gets in when everybody may', async () => {
    const open = await resource({ access: [{ client_id: '*', scopes: ['read'] }] });
    const { body } = await machineToken({ resource: open, scope: 'read write admin' });
    expect(body.scope).toBe('read');
  });

  test('is cut off when its access is taken away', async () => {
    const made = await op.createResource({
      scopes,
      access: [{ client_id: machine.client_id, scopes: ['read'] }],
    });
    const fields = { resource: made.identifier, scope: 'read' };
    expect((await machineToken(fields)).status).toBe(200);
    await op.admin(`/resources/${made.id}`, { method: 'PATCH', body: { access: [] } });
    expect((await machineToken(fields)).body.error).toBe('invalid_target');
  });
});

describe('the scope of an access token', () => {
  test('is cut to what the client may have', async () => {
    const { body } = await machineToken({ resource: photos, scope: 'read admin' });
    expect(body.scope).toBe('read');
    const tokens = await obtainTokens(op, client, account, {
      scope: 'openid read admin',
      resource: photos,
    });
    expect(tokens.scope).toBe('read');
  });

  test('is nothing, not everything, when none was asked for', async () => {
    const { status, body } = await machineToken({ resource: photos });
    expect(status).toBe(200);
    expect(body.scope ?? '').toBe('');
    expect((await verify(body.access_token, photos)).payload.scope ?? '').toBe('');
  });

  test('is nothing when only others were asked for', async () => {
    const { body } = await machineToken({ resource: photos, scope: 'admin openid clients:write' });
    expect(body.scope ?? '').toBe('');
  });

  test('of a refresh stays with the resource', async () => {
    const tokens = await obtainTokens(op, client, account, {
      scope: 'openid read write',
      resource: photos,
    });
    const { body } = await refresh(op, client, tokens.refresh_token, {
      resource: photos,
      scope: 'openid read',
    });
    expect((await verify(body.access_token, photos)).payload.scope).toBe('read');
    const other = await resource();
    const swapped = await refresh(op, client, body.refresh_token, { resource: other });
    expect([swapped.status, swapped.body.error]).toEqual([400, 'invalid_target']);
  });
});

test('a client of two resources gets a token for each from one sign-in', async () => {
  const other = await resource();
  const code = await obtainCode(op, client, account, {
    scope: 'openid email read write',
    resource: [photos, other],
  });
  const { body: first } = await redeem(op, client, code, { resource: photos });
  expect((await verify(first.access_token, photos)).payload.aud).toBe(photos);
  const { body: second } = await refresh(op, client, first.refresh_token, { resource: other });
  expect((await verify(second.access_token, other)).payload.aud).toBe(other);
  const both = await refresh(op, client, second.refresh_token, { resource: [photos, other] });
  expect([both.status, both.body.error]).toEqual([400, 'invalid_target']);
});

test('without a resource the token is for UserInfo', async () => {
  const tokens = await obtainTokens(op, client, account, { scope: 'openid email read' });
  expect(tokens.scope).toBe('openid email');
  expect((await userInfo(op, tokens.access_token)).body).toMatchObject({ email: account.email });
});

describe('client credentials', () => {
  test('lead to an access token and nothing else', async () => {
    const rp = await createRp(op.issuer, { ...machine, redirect_uris: [] });
    const tokens = await openid.clientCredentialsGrant(rp.config, {
      resource: photos,
      scope: 'read',
    });
    expect(Object.keys(tokens).sort()).toEqual([
      'access_token',
      'expires_in',
      'scope',
      'token_type',
    ]);
  });

  test('without a resource lead to an opaque token that is good for ten minutes', async () => {
    const { body } = await machineToken({});
    expect(body).toMatchObject({
      expires_in: 600,
      access_token: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect((await userInfo(op, body.access_token)).status).toBe(401);
  });

  test('give the scopes of the person to nobody', async () => {
    const { body } = await machineToken({ scope: 'openid profile email offline_access' });
    expect(body).not.toHaveProperty('refresh_token');
    expect(body).not.toHaveProperty('id_token');
  });
});
