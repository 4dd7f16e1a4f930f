import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { basicAuth, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { obtainCode, obtainTokens, pkce } from './requests.ts';

const ORIGIN = 'https://app.example';
const STRANGER = 'https://evil.example';

let op: Op;
let spa: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [spa, account] = await Promise.all([
    op.createClient({
      type: 'single-page-application',
      redirect_uris: [`${ORIGIN}/callback`, 'https://rp.example/callback'],
    }),
    op.createAccount(),
  ]);
});
afterAll(() => op?.close());

const redeemFrom = async (origin: string) => {
  const code = await obtainCode(op, spa, account);
  return op.post(
    '/token',
    {
      client_id: spa.client_id,
      grant_type: 'authorization_code',
      code,
      redirect_uri: 'https://rp.example/callback',
      code_verifier: pkce.verifier,
    },
    { headers: { origin } },
  );
};

describe('a browser lets a script read', () => {
  test('the tokens of a client whose redirect URI is of its origin', async () => {
    const { status, headers } = await redeemFrom(ORIGIN);
    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  test.each([
    STRANGER,
    `${ORIGIN}.evil.example`,
    'https://app.example:8443',
    'http://app.example',
    'null',
  ])('no answer when it is of %s', async (origin) => {
    const { status, headers } = await redeemFrom(origin);
    expect(status).toBeGreaterThanOrEqual(200);
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test('what UserInfo says to a client of its origin', async () => {
    const { access_token } = await obtainTokens(op, spa, account);
    const from = (origin: string) =>
      op.get('/userinfo', { authorization: `Bearer ${access_token}`, origin });
    expect((await from(ORIGIN)).headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect((await from(STRANGER)).headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each([
    '/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server',
    '/jwks',
  ])('%s, from anywhere', async (path) => {
    const { headers } = await op.get(path, { origin: STRANGER });
    expect(headers.get('access-control-allow-origin')).toBe('*');
  });

  test('no page and no answer of the administration API', async () => {
    const authorization = basicAuth(op.adminClient.client_id, op.adminClient.client_secret);
    for (const path of ['/authorize', '/logout', '/api/v1/clients', '/interaction/x']) {
      const { headers } = await op.get(path, { origin: ORIGIN, authorization });
      expect([path, headers.get('access-control-allow-origin')]).toEqual([path, null]);
    }
  });
});

test('a script may ask beforehand whether it may post to the token endpoint', async () => {
  const response = await fetch(`${op.issuer}/token`, {
    method: 'OPTIONS',
    headers: { origin: ORIGIN, 'access-control-request-method': 'POST' },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-methods')).toContain('POST');
});
