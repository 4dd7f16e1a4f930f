/** What clients sign for the endpoints under `mtls_endpoint_aliases`: DPoP proofs (RFC 9449) and assertions (RFC 7523). */
import { hash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { CALLBACK, type Fields, type Op, startOp, type TestClient } from '../support/op.ts';
import {
  createClientWith,
  endpoints,
  send,
  token as tokenEndpoint,
  verdictOf,
  withAssertion,
} from './client-methods.ts';
import { obtainCode, pkce } from './requests.ts';

const ALIAS = 'https://mtls.example';

let op: Op;
let client: TestClient;
let holder: Awaited<ReturnType<typeof generateKeyPair>>;
beforeAll(async () => {
  op = await startOp({ mtls: { mode: 'proxy', endpoint_base: ALIAS } });
  client = await op.createClient({ dpop_bound_access_tokens: true });
  holder = await generateKeyPair('ES256', { extractable: true });
});
afterAll(() => op?.close());

async function proof(htu: unknown, more: object = {}): Promise<{ dpop: string }> {
  const iat = Math.floor(Date.now() / 1000);
  const jwk = await exportJWK(holder.publicKey);
  const dpop = await new SignJWT({ jti: randomUUID(), htm: 'POST', htu, iat, ...more })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
    .sign(holder.privateKey);
  return { dpop };
}

const toToken = (fields: Fields, headers: Record<string, string>) => {
  const { client_id, client_secret } = client;
  return op.post('/token', fields, { basic: [client_id, String(client_secret)], headers });
};

const redeem = async (htu: unknown) => {
  const fields = {
    grant_type: 'authorization_code',
    code: await obtainCode(op, client, await op.createAccount(), { scope: 'openid' }),
    redirect_uri: CALLBACK,
    code_verifier: pkce.verifier,
  };
  return toToken(fields, await proof(htu));
};

test('the address that the proof names is the one that the request went to, whichever of the two', async () => {
  for (const base of [op.issuer, ALIAS]) {
    const { status, body } = await redeem(`${base}/token`);
    expect([status, body.token_type]).toEqual([200, 'DPoP']);
    const ath = hash('sha256', body.access_token, 'base64url');
    const told = await op.get('/userinfo', {
      authorization: `DPoP ${body.access_token}`,
      ...(await proof(`${base}/userinfo?more=1`, { htm: 'GET', ath })),
    });
    expect(told.status).toBe(200);
  }
});

test.each([
  ['another server', 'https://mtls.example.com/token'],
  ['another port of it', `${ALIAS}:8443/token`],
  ['another endpoint of it', `${ALIAS}/userinfo`],
  ['no address', 'mtls.example/token'],
  ['no text', 7],
])('a proof for %s is none', async (_, htu) => {
  expect(await redeem(htu)).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
});

test('what is no proof at all is refused as such', async () => {
  for (const dpop of ['x', 'a.b.c', '..', `a.${btoa('null')}.c`]) {
    const fields = { grant_type: 'refresh_token', refresh_token: 'x' };
    const answer = await toToken(fields, { dpop });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
  }
});

describe('an assertion', () => {
  let signer: TestClient;
  beforeAll(async () => {
    signer = await createClientWith(op, 'private_key_jwt');
  });

  test.each(endpoints)('for $path may name it by its alias, or the token endpoint', async (one) => {
    const told = async (aud: string) => {
      const fields = await withAssertion(op, signer, { claims: { aud } });
      return verdictOf(one, await send(op, one, { fields }));
    };
    for (const aud of [`${ALIAS}${one.path}`, `${ALIAS}/token`, `${op.issuer}/token`]) {
      expect(await told(aud)).toBe('accepted');
    }
    for (const aud of [ALIAS, `${ALIAS}/userinfo`, `${ALIAS}:8443/token`]) {
      expect(await told(aud)).toBe('refused');
    }
  });

  test('may name several audiences, as long as each is this server', async () => {
    const told = async (...aud: string[]) => {
      const fields = await withAssertion(op, signer, { claims: { aud } });
      return verdictOf(tokenEndpoint, await send(op, tokenEndpoint, { fields }));
    };
    expect(await told(op.issuer, `${ALIAS}/token`, `${op.issuer}/token`)).toBe('accepted');
    for (const other of ['https://mtls.example.com/token', ALIAS, '']) {
      expect(await told(op.issuer, other)).toBe('refused');
    }
    expect(await told()).toBe('refused');
  });

  test('of a client held to FAPI 2.0 is for the issuer alone', async () => {
    const strict = await createClientWith(op, 'private_key_jwt', {
      type: 'financial',
      dpop_bound_access_tokens: true,
      grant_types: ['authorization_code', 'refresh_token'],
    });
    for (const [aud, verdict] of [
      [op.issuer, 'accepted'],
      [`${ALIAS}/token`, 'refused'],
    ] as const) {
      const fields = await withAssertion(op, strict, { claims: { aud } });
      const answer = await send(op, tokenEndpoint, { fields });
      expect(verdictOf(tokenEndpoint, answer)).toBe(verdict);
    }
  });
});

test('addresses in answers stay below the issuer', async () => {
  const device = await op.createClient({
    type: 'device',
    redirect_uris: [],
  });
  const answer = await op.post(
    '/device/authorize',
    { client_id: device.client_id, scope: 'openid' },
    { headers: await proof(`${ALIAS}/device/authorize`) },
  );
  expect(answer.status).toBe(200);
  expect(answer.body.verification_uri.startsWith(`${op.issuer}/`)).toBe(true);
});
