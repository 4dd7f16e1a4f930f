import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { keyAlgs, signingAlgs } from '../../src/clients/values.ts';
import { createAgent, leftFor } from '../support/agent.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import { introspect, obtainTokens, refresh, userInfo } from './requests.ts';

let op: Op;
let client: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [client, account] = await Promise.all([
    op.createClient(),
    op.createAccount({ name: 'Grace Hopper', phone_number: '+15550100' }),
  ]);
});
afterAll(() => op?.close());

test('a relying party that knows only the issuer signs a person in', async () => {
  const rp = await createRp(op.issuer, client);
  const { tokens, claims, callback } = await rp.signIn(account, { scope: 'openid profile email' });
  expect(claims).toMatchObject({ iss: op.issuer, aud: client.client_id, sub: account.id });
  expect(claims.exp - claims.iat).toBe(3600);
  expect(callback.searchParams.get('iss')).toBe(op.issuer);
  expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 3600 });
  expect(tokens.scope).toBe('openid profile email');
  expect(await rp.userInfo(tokens)).toEqual({
    sub: account.id,
    name: 'Grace Hopper',
    email: account.email,
    email_verified: false,
    updated_at: expect.any(Number),
  });
});

test.each(signingAlgs)(
  'an ID token signed with %s verifies with the published keys',
  async (alg) => {
    const signed = await op.createClient({ id_token_signed_response_alg: alg });
    const rp = await createRp(op.issuer, signed);
    const { tokens } = await rp.signIn(account);
    const keys = createRemoteJWKSet(new URL(String(rp.config.serverMetadata().jwks_uri)));
    const idToken = tokens.id_token ?? '';
    expect(decodeProtectedHeader(idToken)).toMatchObject({ alg, kid: expect.any(String) });
    const { payload } = await jwtVerify(idToken, keys, {
      issuer: op.issuer,
      audience: signed.client_id,
      algorithms: [alg],
    });
    expect(payload.sub).toBe(account.id);
  },
);

test('published keys hold no private part', async () => {
  const { body } = await op.get('/jwks');
  expect(body.keys.map((key: { alg: string }) => key.alg).sort()).toEqual([...keyAlgs].sort());
  for (const key of body.keys) {
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])
      expect(key).not.toHaveProperty(member);
  }
});

test('the ID token carries the nonce of the request and no other', async () => {
  const rp = await createRp(op.issuer, client);
  const { tokens, claims } = await rp.signIn(account);
  expect(claims.nonce).toMatch(/^[\w-]{43}$/);
  const refreshed = await rp.refresh(tokens.refresh_token ?? '');
  expect([undefined, claims.nonce]).toContain(refreshed.claims()?.nonce);
  await expect(rp.signIn(account, { nonce: 'another-one' })).rejects.toMatchObject({
    code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  });
});

describe('the ID token tells when the person logged in', () => {
  test('if the request names a maximum age', async () => {
    const rp = await createRp(op.issuer, client);
    const { claims } = await rp.signIn(account, { max_age: '100' });
    expect(claims.auth_time).toBeGreaterThan(Date.now() / 1000 - 20);
    expect(claims.auth_time).toBeLessThanOrEqual(Date.now() / 1000);
  });

  test('if the client always requires it', async () => {
    const strict = await op.createClient({ require_auth_time: true });
    const { claims } = await (await createRp(op.issuer, strict)).signIn(account);
    expect(claims.auth_time).toEqual(expect.any(Number));
  });

  test('and not otherwise', async () => {
    const { claims } = await (await createRp(op.issuer, client)).signIn(account);
    expect(claims).not.toHaveProperty('auth_time');
  });
});

describe('the ID token carries', () => {
  const scopes = { scope: 'openid profile email phone' };

  test('the claims of the granted scopes', async () => {
    const { claims } = await (await createRp(op.issuer, client)).signIn(account, scopes);
    expect(claims).toMatchObject({
      name: 'Grace Hopper',
      email: account.email,
      phone_number: '+15550100',
    });
  });

  test('no claims of scopes that were not asked for', async () => {
    const rp = await createRp(op.issuer, client);
    const { claims, tokens } = await rp.signIn(account, { scope: 'openid email' });
    expect(claims).not.toHaveProperty('name');
    expect(await rp.userInfo(tokens)).not.toHaveProperty('name');
  });

  test('only what identifies the person when the client wants OpenID conformance', async () => {
    const conformant = await op.createClient({ openid_conformance: true });
    const rp = await createRp(op.issuer, conformant);
    const { claims, tokens } = await rp.signIn(account, scopes);
    expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'nonce', 'sub']);
    expect(await rp.userInfo(tokens)).toMatchObject({
      name: 'Grace Hopper',
      email: account.email,
      phone_number: '+15550100',
    });
  });

  test('and its refresh tokens have the scope openid alone, then', async () => {
    const conformant = await op.createClient({ openid_conformance: true });
    const tokens = await obtainTokens(op, conformant, account, {
      scope: 'openid profile offline_access',
      prompt: 'consent',
    });
    expect(tokens.scope).toBe('openid profile offline_access');
    expect((await introspect(op, conformant, tokens.refresh_token)).scope).toBe('openid');
    const email = await refresh(op, conformant, tokens.refresh_token, { scope: 'openid email' });
    expect([email.status, email.body.error]).toEqual([400, 'invalid_scope']);
    // What was granted may be named, and is left out all the same (RFC 6749, section 6).
    const wide = await refresh(op, conformant, tokens.refresh_token, { scope: 'openid profile' });
    expect([wide.status, wide.body.scope]).toEqual([200, 'openid']);
    let last = wide.body;
    for (let round = 0; round < 2; round += 1) {
      ({ body: last } = await refresh(op, conformant, last.refresh_token));
      expect(last.scope).toBe('openid');
      expect((await userInfo(op, last.access_token)).body).toEqual({ sub: account.id });
    }
  });

  test('the claims even with OpenID conformance when it is all that was asked for', async () => {
    const implicit = await op.createClient({
      openid_conformance: true,
      grant_types: ['implicit'],
      response_types: ['id_token'],
    });
    const rp = await createRp(op.issuer, implicit);
    const { url } = await rp.start({ ...scopes, response_type: 'id_token', nonce: 'n-1' });
    url.searchParams.delete('code_challenge');
    url.searchParams.delete('code_challenge_method');
    const left = leftFor(await createAgent(op.issuer).authorize(url, account));
    const answer = new URLSearchParams(left.hash.slice(1));
    const { payload } = await jwtVerify(
      answer.get('id_token') ?? '',
      createRemoteJWKSet(new URL(`${op.issuer}/jwks`)),
    );
    expect(payload).toMatchObject({ nonce: 'n-1', name: 'Grace Hopper', email: account.email });
  });
});

describe('UserInfo refuses', () => {
  test('a request without an access token', async () => {
    const { status, headers } = await op.get('/userinfo');
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  test('an access token that it never made', async () => {
    const { status, body } = await userInfo(op, 'x'.repeat(43));
    expect([status, body.error]).toEqual([401, 'invalid_token']);
  });

  test('an access token without the scope openid', async () => {
    const tokens = await obtainTokens(op, client, account, { scope: 'email' });
    expect(tokens).not.toHaveProperty('id_token');
    const { status, body } = await userInfo(op, tokens.access_token);
    expect([status, body.error]).toEqual([403, 'insufficient_scope']);
  });

  test('an access token of an account that was disabled since', async () => {
    const person = await op.createAccount();
    const { tokens } = await (await createRp(op.issuer, client)).signIn(person);
    expect((await userInfo(op, tokens.access_token)).status).toBe(200);
    await op.admin(`/accounts/${person.id}`, { method: 'PATCH', body: { disabled: true } });
    expect((await userInfo(op, tokens.access_token)).status).toBe(401);
  });
});
