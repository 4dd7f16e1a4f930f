/** Tokens that only the holder of a certificate can use (RFC 8705, section 3 and 4). */
import { hash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { issue } from '../support/certificates.ts';
import { CALLBACK, type Fields, type Op, startOp, type TestClient } from '../support/op.ts';
import { shownBy } from './client-methods.ts';
import { pass } from './clock.ts';
import { obtainCode, pkce } from './requests.ts';

let op: Op;
let client: TestClient;
beforeAll(async () => {
  op = await startOp({ mtls: { mode: 'proxy' } });
  client = await op.createClient({
    type: 'native',
    tls_client_certificate_bound_access_tokens: true,
  });
});
afterAll(() => op?.close());
afterEach(() => {
  jest.restoreAllMocks();
});

const certificate = issue({ days: [-1, 10] });
const headers = shownBy(certificate, 'FAILED:self-signed');
const others: [whose: string, headers: Record<string, string>][] = [
  ['no certificate', {}],
  ['another certificate', shownBy(issue())],
  [
    'another certificate of the same name',
    shownBy(issue({ subject: [['CN', 'client']], days: [-1, 10] })),
  ],
];

const exchange = (fields: Fields, shown: Record<string, string>) =>
  op.post('/token', { client_id: client.client_id, ...fields }, { headers: shown });

const newCode = async () =>
  obtainCode(op, client, await op.createAccount(), {
    scope: 'openid offline_access',
    prompt: 'consent',
  });

const redeem = (code: string, shown: Record<string, string>) =>
  exchange(
    {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      code_verifier: pkce.verifier,
    },
    shown,
  );

const refresh = (value: string, shown: Record<string, string>) =>
  exchange({ grant_type: 'refresh_token', refresh_token: value }, shown);

const userInfo = (value: string, shown: Record<string, string>) =>
  op.get('/userinfo', { authorization: `Bearer ${value}`, ...shown });

test('are given to nobody who shows no certificate', async () => {
  const { status, body } = await redeem(await newCode(), {});
  expect([status, body.error]).toEqual([400, 'invalid_grant']);
});

describe('an access token', () => {
  test('names the certificate to who introspects it', async () => {
    const { body } = await redeem(await newCode(), headers);
    const { body: said } = await op.post(
      '/introspect',
      { token: body.access_token, client_id: client.client_id },
      { headers },
    );
    const thumbprint = hash('sha256', certificate.certificate.raw, 'base64url');
    expect(said).toMatchObject({ active: true, cnf: { 'x5t#S256': thumbprint } });
  });

  test.each(others)(
    'opens UserInfo with its certificate, and is refused with %s',
    async (_, shown) => {
      const { body } = await redeem(await newCode(), headers);
      expect((await userInfo(body.access_token, headers)).status).toBe(200);
      const refused = await userInfo(body.access_token, shown);
      expect([refused.status, refused.body.error]).toEqual([401, 'invalid_token']);
    },
  );

  test('is refused when the certificate’s time has ended, though its own has not', async () => {
    const quarterOfAnHour = 1 / 96;
    const short = shownBy(issue({ days: [-1, quarterOfAnHour] }));
    const [brief, lasting] = [
      (await redeem(await newCode(), short)).body,
      (await redeem(await newCode(), headers)).body,
    ];
    expect((await userInfo(brief.access_token, short)).status).toBe(200);
    pass(1200);
    expect((await userInfo(brief.access_token, short)).status).toBe(401);
    expect((await refresh(brief.refresh_token, short)).status).toBe(400);
    expect((await userInfo(lasting.access_token, headers)).status).toBe(200);
    expect((await refresh(lasting.refresh_token, headers)).status).toBe(200);
  });
});

describe('a public client’s refresh token', () => {
  test.each(others)('is refused with %s, and unharmed by it', async (_, shown) => {
    const { body } = await redeem(await newCode(), headers);
    const refused = await refresh(body.refresh_token, shown);
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_grant']);
    const renewed = await refresh(body.refresh_token, headers);
    expect(renewed.status).toBe(200);
    const again = await refresh(renewed.body.refresh_token, shown);
    expect([again.status, again.body.error]).toEqual([400, 'invalid_grant']);
    expect((await userInfo(renewed.body.access_token, shown)).status).toBe(401);
    expect((await userInfo(renewed.body.access_token, headers)).status).toBe(200);
  });
});
