/** A value that proves one thing proves nothing else, and nobody's value is another's. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { authorizeUrl, obtainCode, obtainTokens, pkce, postAs, redeem } from '../flows/requests.ts';
import { createAgent, leftFor } from '../support/agent.ts';
import { type ClientKeys, makeKeys } from '../support/keys.ts';
import { CALLBACK, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';

let op: Op;
let client: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [client, account] = await Promise.all([op.createClient(), op.createAccount()]);
});
afterAll(() => op?.close());

const push = (fields: Record<string, string> = {}) =>
  postAs(op, client, '/par', {
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
    ...fields,
  });

describe('abuse case 14: a challenge', () => {
  test('is not dropped, nor weakened, by a second request with the same session', async () => {
    const agent = createAgent(op.issuer);
    await obtainCode(op, client, account, {}, agent);
    for (const fields of [
      { code_challenge: undefined, code_challenge_method: undefined },
      { code_challenge: pkce.verifier, code_challenge_method: 'plain' },
      { code_challenge_method: 'PLAIN' },
      { code_challenge_method: 's256' },
      { code_challenge: `${pkce.challenge}=` },
    ]) {
      const left = leftFor(await agent.visit(authorizeUrl(op, client, fields)));
      expect([fields, left.searchParams.get('error')]).toEqual([fields, 'invalid_request']);
      expect(left.searchParams.get('code')).toBeNull();
    }
  });

  test('of another code opens nothing', async () => {
    const other = 'y'.repeat(64);
    const code = await obtainCode(op, client, account);
    const { status, body } = await redeem(op, client, code, { code_verifier: other });
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
  });
});

describe('abuse case 15: an assertion', () => {
  let mine: { client: TestClient; keys: ClientKeys };
  let theirs: { client: TestClient; keys: ClientKeys };
  const createWithKeys = async (kid: string) => {
    const keys = await makeKeys('ES256', kid);
    const metadata = { token_endpoint_auth_method: 'private_key_jwt', jwks: keys.jwks } as const;
    return { client: await op.createClient(metadata), keys };
  };
  beforeAll(async () => {
    // The same key id on purpose: it tells a client's keys apart, not clients.
    [mine, theirs] = [await createWithKeys('same'), await createWithKeys('same')];
  });

  const present = async (of: string, header: object, keys: ClientKeys, claims: object = {}) =>
    op.post('/token', {
      grant_type: 'refresh_token',
      refresh_token: 'unknown',
      client_id: of,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await new SignJWT({
        iss: of,
        sub: of,
        aud: op.issuer,
        jti: crypto.randomUUID(),
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', ...header })
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(keys.privateKey),
    });

  test('with its own key is believed', async () => {
    const answer = await present(mine.client.client_id, { kid: 'same' }, mine.keys);
    expect(answer.body.error).toBe('invalid_grant');
  });

  test('with another client’s key is not, with its key id or without', async () => {
    for (const header of [{ kid: 'same' }, {}]) {
      const answer = await present(mine.client.client_id, header, theirs.keys);
      expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
    }
  });

  test.each([
    '../../etc/passwd',
    '__proto__',
    "x' OR '1'='1",
    '{"$ne":null}',
    '',
    'x'.repeat(9000),
  ])('with the key id %.30j is refused, and nothing fails', async (kid) => {
    const answer = await present(mine.client.client_id, { kid }, mine.keys);
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
  });

  test.each([
    ['no end', { exp: undefined }],
    ['no id', { jti: undefined }],
    ['an audience that begins like the issuer', { aud: 'ISSUER.evil.example' }],
    ['the issuer in another letter case', { aud: 'UPPER' }],
    ['no audience', { aud: [] }],
    ['an issuer that is a list', { iss: ['ID'] }],
  ])('with %s is refused', async (_, claims) => {
    const id = mine.client.client_id;
    const replaced = JSON.parse(
      JSON.stringify(claims).replace('ISSUER', op.issuer).replace('UPPER', op.issuer.toUpperCase()),
    );
    const sent = 'exp' in claims ? { exp: null } : 'jti' in claims ? { jti: null } : replaced;
    const token = await new SignJWT({
      iss: id,
      sub: id,
      aud: op.issuer,
      jti: crypto.randomUUID(),
      exp: Math.floor(Date.now() / 1000) + 60,
      ...sent,
    } as Record<string, unknown>)
      .setProtectedHeader({ alg: 'ES256' })
      .sign(mine.keys.privateKey);
    const answer = await op.post('/token', {
      grant_type: 'refresh_token',
      refresh_token: 'unknown',
      client_id: id,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: token,
    });
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
  });
});

describe('abuse case 16: a client', () => {
  test('gets no scope by asking elsewhere for what it is not registered for', async () => {
    const narrow = await op.createClient({ scope: 'openid' });
    const { body } = await postAs(op, narrow, '/par', {
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid email phone',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
    });
    expect(body.error ?? 'none').toBe('invalid_scope');
    const asked = authorizeUrl(op, narrow, { scope: 'openid email phone' });
    const left = leftFor(await createAgent(op.issuer).visit(asked));
    expect(left.searchParams.get('error')).toBe('invalid_scope');
    const tokens = await obtainTokens(op, narrow, account, {
      claims: '{"id_token":{"email":{"essential":true}},"userinfo":{"email":null}}',
    });
    expect(tokens.scope).toBe('openid');
    const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString());
    expect(claims).not.toHaveProperty('email');
    const info = await op.get('/userinfo', { authorization: `Bearer ${tokens.access_token}` });
    expect(Object.keys(info.body)).toEqual(['sub']);
  });

  test.each(['device/authorize', 'par'])(
    'without the grant finds no other door: /%s',
    async (path) => {
      const machine = await op.createClient({ type: 'server-to-server' });
      const { status, body } = await postAs(op, machine, `/${path}`, {
        scope: 'openid',
        response_type: 'code',
        redirect_uri: CALLBACK,
      });
      expect(status).toBe(400);
      expect(body).not.toHaveProperty('device_code');
      expect(body).not.toHaveProperty('request_uri');
    },
  );
});

describe('abuse case 23: a single-use value of one kind', () => {
  const prefix = 'urn:ietf:params:oauth:request_uri:';

  test('is no pushed request, and a pushed request is none of them', async () => {
    const code = await obtainCode(op, client, account);
    const { request_uri } = (await push()).body;
    for (const value of [code, `${prefix}${code}`, `${prefix}__proto__`, `${prefix}`]) {
      const url = authorizeUrl(op, client, { request_uri: value });
      const page = await createAgent(op.issuer).visit(url);
      expect(page.left?.searchParams.get('code') ?? null).toBeNull();
      expect(page.left?.searchParams.get('error') ?? 'a page').not.toBe('login_required');
    }
    const id = request_uri.slice(prefix.length);
    for (const value of [request_uri, id]) {
      expect((await redeem(op, client, value)).body.error).toBe('invalid_grant');
    }
    expect((await redeem(op, client, code)).status).toBe(200);
  });

  test('of another client is no pushed request of this one', async () => {
    const { request_uri } = (await push()).body;
    const other = await op.createClient();
    const url = new URL(`${op.issuer}/authorize`);
    url.search = String(new URLSearchParams({ client_id: other.client_id, request_uri }));
    const page = await createAgent(op.issuer).authorize(url, account);
    expect(page.left?.searchParams.get('code') ?? null).toBeNull();
  });

  test('an interaction’s id is no session, no code and no grant', async () => {
    const agent = createAgent(op.issuer);
    const page = await agent.visit(authorizeUrl(op, client));
    const uid = page.url.split('/').at(-1) ?? '';
    expect(uid.length).toBeGreaterThan(20);
    expect((await redeem(op, client, uid)).body.error).toBe('invalid_grant');
    const thief = createAgent(op.issuer);
    thief.plant({ name: 'session', value: uid });
    const left = leftFor(await thief.visit(authorizeUrl(op, client, { prompt: 'none' })));
    expect(left.searchParams.get('error')).toBe('login_required');
  });
});
