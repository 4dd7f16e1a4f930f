/** Clients that an attester vouches for (draft-ietf-oauth-attestation-based-client-auth). */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { newId } from '../../src/lib/ids.ts';
import { epoch } from '../../src/lib/time.ts';
import { type Stranger, serveJson } from '../support/https.ts';
import { makeKeys } from '../support/keys.ts';
import { CALLBACK, type Op, startOp, type TestClient } from '../support/op.ts';
import { attested, attester, type Flaws, fetchChallenge } from './attester.ts';
import { pass } from './clock.ts';
import { obtainCode, pkce } from './requests.ts';

const METHOD = 'attest_jwt_client_auth';
const OTHERS = { ...attester, issuer: 'https://other.example', clients: ['another-client'] };
const stranger = await generateKeyPair('ES256');

let op: Op;
let client: TestClient;
let other: TestClient;
beforeAll(async () => {
  op = await startOp({ attestation: { issuers: [attester, OTHERS] } });
  const create = () => op.createClient({ token_endpoint_auth_method: METHOD });
  [client, other] = await Promise.all([create(), create()]);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

const ask = (headers: Record<string, string>, fields = {}) =>
  op.post('/introspect', { token: 'x', ...fields }, { headers });
const verdict = async (flaws: Flaws) => {
  const { status, body } = await ask(await attested(op, client, flaws));
  return status === 200 ? 'accepted' : [status, body.error];
};

test('a whole flow: tokens for an instance, refreshed by that instance alone', async () => {
  expect(client).not.toHaveProperty('client_secret');
  const code = await obtainCode(op, client, await op.createAccount(), {
    scope: 'openid offline_access',
    prompt: 'consent',
  });
  const fields = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: pkce.verifier,
  };
  const { status, body } = await op.post('/token', fields, { headers: await attested(op, client) });
  expect(status).toBe(200);

  const refresh = (flaws: Flaws = {}) =>
    attested(op, client, flaws).then((headers) =>
      op.post(
        '/token',
        { grant_type: 'refresh_token', refresh_token: body.refresh_token },
        { headers },
      ),
    );
  const instance = { jwk: await exportJWK(stranger.publicKey) };
  const elsewhere = await refresh({
    attestation: { cnf: instance },
    proofBy: stranger.privateKey,
  });
  expect([elsewhere.status, elsewhere.body.error]).toEqual([400, 'invalid_grant']);
  expect((await refresh()).status).toBe(200);
});

test('discovery names the method and where challenges are', async () => {
  const { body } = await op.get('/.well-known/openid-configuration');
  expect(body.token_endpoint_auth_methods_supported).toContain(METHOD);
  expect(body.challenge_endpoint).toBe(`${op.issuer}/challenge`);
});

describe('a client is refused', () => {
  const refused = [401, 'invalid_client'];
  test.each<[string, () => Flaws | Promise<Flaws>]>([
    ['whose attestation somebody else signed', () => ({ by: stranger.privateKey })],
    ['whose attestation has expired', () => ({ attestation: { exp: epoch() - 60 } })],
    ['whose attestation does not end', () => ({ attestation: { exp: undefined } })],
    ['whose attester is unknown', () => ({ attestation: { iss: 'https://nobody.example' } })],
    ['whose attester is trusted for another', () => ({ attestation: { iss: OTHERS.issuer } })],
    ['without an attester', () => ({ attestation: { iss: undefined } })],
    ['without a key', () => ({ attestation: { cnf: undefined } })],
    ['whose proof another key made', () => ({ proofBy: stranger.privateKey })],
    ['whose proof is for another server', () => ({ proof: { aud: 'https://other.example' } })],
    ['whose proof has no name', () => ({ proof: { jti: undefined } })],
  ])('%s', async (_, flaws) => {
    expect(await verdict({})).toBe('accepted');
    expect(await verdict(await flaws())).toEqual(refused);
  });

  test('that uses a proof again', async () => {
    const headers = await attested(op, client);
    expect((await ask(headers)).status).toBe(200);
    const { status, body } = await ask(headers);
    expect([status, body.error]).toEqual(refused);
    const jti = newId();
    const both = await Promise.all([verdict({ proof: { jti } }), verdict({ proof: { jti } })]);
    expect(both).toContainEqual('accepted');
    expect(both).toContainEqual(refused);
  });

  test('that is another than the attested one', async () => {
    const { status, body } = await ask(await attested(op, client), { client_id: other.client_id });
    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });

  test('that is attested and is registered with another method', async () => {
    const basic = await op.createClient();
    const { status, body } = await ask(await attested(op, basic));
    expect([status, body.error]).toEqual(refused);
  });

  test('that has no attestation', async () => {
    const { status, body } = await ask({}, { client_id: client.client_id });
    expect([status, body.error]).toEqual(refused);
  });
});

test('a proof needs a challenge that is not old, and its answer tells the next one', async () => {
  const challenge = await fetchChallenge(op);
  pass(300);
  for (const proof of [{ challenge: undefined }, { challenge: 'x' }, { challenge }]) {
    const { status, body, headers } = await ask(await attested(op, client, { proof }));
    expect([status, body.error]).toEqual([400, 'use_attestation_challenge']);
    const next = headers.get('oauth-client-attestation-challenge');
    expect(await verdict({ proof: { challenge: next } })).toBe('accepted');
  }
});

describe('an attester that publishes its keys', () => {
  let publisher: Stranger;
  let published: { keys: object[] };
  let asked = 0;
  let its: Op;
  let app: TestClient;
  beforeAll(async () => {
    publisher = await serveJson(() => {
      asked += 1;
      return published;
    });
    published = attester.jwks;
    const { jwks: _, ...known } = attester;
    const issuers = [{ ...known, jwks_uri: `${publisher.origin}/jwks` }];
    its = await startOp({ attestation: { issuers } });
    app = await its.createClient({ token_endpoint_auth_method: METHOD });
  });
  afterAll(async () => {
    await its?.close();
    publisher?.close();
  });
  const verdict = async (flaws: Flaws = {}) => {
    const headers = await attested(its, app, flaws);
    return (await its.post('/introspect', { token: 'x' }, { headers })).status;
  };

  test('is believed by them, and they are not fetched for each request', async () => {
    expect(await verdict()).toBe(200);
    expect(await verdict()).toBe(200);
    expect(asked).toBe(1);
    expect(await verdict({ by: stranger.privateKey })).toBe(401);
  });

  test('may replace them', async () => {
    const next = await makeKeys('ES256', 'the next one');
    published = next.jwks;
    // A key of a name that is not known has them fetched again, after a moment.
    pass(60);
    expect(await verdict({ by: next.privateKey, kid: next.kid })).toBe(200);
    expect(await verdict()).toBe(401);
  });

  test('is not believed while its keys cannot be had', async () => {
    publisher.close();
    pass(3600);
    const other = await makeKeys('ES256', 'another one');
    expect(await verdict({ by: other.privateKey, kid: other.kid })).toBe(401);
  });
});

test('where no attester is named there is no such method', async () => {
  const without = await startOp();
  try {
    const answer = await without.admin('/clients', {
      method: 'POST',
      body: { redirect_uris: [CALLBACK], token_endpoint_auth_method: METHOD },
    });
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0]).toMatchObject({ rule: 'server-offers' });
    expect((await without.post('/challenge', {})).status).toBe(404);
    const { body } = await without.get('/.well-known/openid-configuration');
    expect(body.token_endpoint_auth_methods_supported).not.toContain(METHOD);
    expect(body).not.toHaveProperty('challenge_endpoint');
  } finally {
    await without.close();
  }
});
