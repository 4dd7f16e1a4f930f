/** Back-channel requests of a client that is held to FAPI 1.0 Advanced: signed, and bound to its certificate. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { CIBA } from '../../src/clients/values.ts';
import { issue } from '../support/certificates.ts';
import { type ClientKeys, makeKeys } from '../support/keys.ts';
import { type Fields, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createAsker, decide, mailsTo } from './ciba-requests.ts';
import { ASSERTION, assertion, shownBy } from './client-methods.ts';

let op: Op;
let keys: ClientKeys;
let client: TestClient;
let account: TestAccount;
const certificate = issue();
beforeAll(async () => {
  [op, keys] = await Promise.all([startOp({ mtls: { mode: 'proxy' } }), makeKeys()]);
  account = await op.createAccount();
  client = await createAsker(op, {
    type: 'financial',
    fapi_profile: 'fapi1-advanced',
    jwks: keys.jwks as never,
    backchannel_authentication_request_signing_alg: 'PS256',
  });
});
afterAll(() => op?.close());

const post = async (path: string, fields: Fields) => {
  const parts = { key: keys.privateKey as never, alg: 'PS256', header: { kid: keys.kid } };
  const proof = {
    client_assertion_type: ASSERTION,
    client_assertion: await assertion(op, client, parts),
  };
  return op.post(path, { ...fields, ...proof }, { headers: shownBy(certificate) });
};

const signed = (lifetime: number) => {
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now, nbf: now, exp: now + lifetime };
  const asked = { scope: 'openid', login_hint: account.email, binding_message: 'Payment 4711' };
  return new SignJWT({
    iss: client.client_id,
    aud: op.issuer,
    jti: randomUUID(),
    ...times,
    ...asked,
  })
    .setProtectedHeader({ alg: 'PS256', kid: keys.kid })
    .sign(keys.privateKey);
};

test('tokens come for a signed request alone, and are bound to the certificate', async () => {
  const plain = await post('/backchannel', { scope: 'openid', login_hint: account.email });
  expect([plain.status, plain.body.error]).toEqual([400, 'invalid_request']);
  const old = await post('/backchannel', { request: await signed(3700) });
  expect([old.status, old.body.error]).toEqual([400, 'invalid_request']);

  const { status, body } = await post('/backchannel', { request: await signed(300) });
  expect([status, body]).toEqual([200, expect.objectContaining({ expires_in: 600, interval: 5 })]);
  const [mail] = await mailsTo(op, account.email);
  await decide(op, mail?.link ?? '', account);
  const tokens = await post('/token', { grant_type: CIBA, auth_req_id: body.auth_req_id });
  expect(tokens.status).toBe(200);
  const headers = { authorization: `Bearer ${tokens.body.access_token}` };
  expect((await op.get('/userinfo', headers)).status).toBe(401);
  const shown = await op.get('/userinfo', { ...headers, ...shownBy(certificate) });
  expect(shown.body).toEqual({ sub: account.id });
});

test('its requests are not to be signed with an algorithm that the profile does not know', async () => {
  const answer = await op.admin(`/clients/${client.client_id}`, {
    method: 'PATCH',
    body: { backchannel_authentication_request_signing_alg: 'RS256' },
  });
  expect(answer).toMatchObject({ status: 422, body: { code: 'invalid' } });
  expect(answer.body.errors).toEqual([
    expect.objectContaining({
      rule: 'signing-algorithms',
      pointer: '/backchannel_authentication_request_signing_alg',
    }),
  ]);
});
