/** What request objects must say of themselves, by the profile of whoever signed them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { issue } from '../support/certificates.ts';
import { type ClientKeys, makeKeys } from '../support/keys.ts';
import { CALLBACK, type Op, startOp, type TestClient } from '../support/op.ts';
import { shownBy, withAssertion } from './client-methods.ts';
import { pkce } from './requests.ts';

let op: Op;
let keys: ClientKeys;
const certificate = issue();
beforeAll(async () => {
  [op, keys] = await Promise.all([startOp({ mtls: { mode: 'proxy' } }), makeKeys()]);
});
afterAll(() => op?.close());

/** Seconds from now. */
const at = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

/** Pushes a signed request whose claims are right but for these. */
async function push(client: TestClient, claims: object) {
  const request = await new SignJWT({
    iss: client.client_id,
    aud: op.issuer,
    client_id: client.client_id,
    response_type: 'code',
    response_mode: 'jwt',
    redirect_uri: CALLBACK,
    scope: 'openid',
    nonce: 'n-0S6_WzA2Mj',
    state: 'some-state',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
    nbf: at(0),
    exp: at(300),
    ...claims,
  })
    .setProtectedHeader({ alg: 'PS256', kid: keys.kid })
    .sign(keys.privateKey);
  const proof = await withAssertion(op, client, {
    key: keys.privateKey as never,
    alg: 'PS256',
    header: { kid: keys.kid },
  });
  const { status, body } = await op.post(
    '/par',
    { ...proof, request },
    { headers: shownBy(certificate) },
  );
  return status === 201 ? 'accepted' : body.error;
}

const create = (metadata: object) =>
  op.createClient({
    type: 'financial',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: keys.jwks as never,
    ...metadata,
  });

const flawed: [flaw: string, claims: () => object][] = [
  ['without an end', () => ({ exp: undefined })],
  ['without a beginning', () => ({ nbf: undefined })],
  ['without an audience', () => ({ aud: undefined })],
  ['with a life of more than an hour', () => ({ exp: at(3601) })],
  ['that began more than an hour before its end', () => ({ nbf: at(-3590), exp: at(30) })],
];

describe.each(['fapi1-advanced', 'fapi2-message-signing'])('of a client held to %s', (profile) => {
  let client: TestClient;
  beforeAll(async () => {
    client = await create({ fapi_profile: profile });
  });

  test('one that lives for an hour is taken', async () => {
    expect(await push(client, {})).toBe('accepted');
    expect(await push(client, { nbf: at(-1), exp: at(3599) })).toBe('accepted');
  });

  test.each(flawed)('one %s is refused', async (_, claims) => {
    expect(await push(client, claims())).toBe('invalid_request_object');
  });
});

test('a client without a profile may leave its beginning and end out', async () => {
  const client = await create({ type: 'web', require_signed_request_object: true });
  expect(await push(client, { nbf: undefined, exp: undefined })).toBe('accepted');
});
