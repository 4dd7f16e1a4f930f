/** Keys that a client publishes are fetched with care, and held to the sizes of registered ones. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, type JWK, SignJWT } from 'jose';
import { makeKeys } from '../support/keys.ts';
import { CALLBACK, type Op, startOp, type TestClient } from '../support/op.ts';

let op: Op;
let publisher: Server;
let published: string;
let asked = 0;
let address: string;

beforeAll(async () => {
  publisher = createServer((_request, response) => {
    asked += 1;
    response.setHeader('content-type', 'application/json');
    response.end(published);
  });
  await new Promise<void>((resolve) => publisher.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(publisher.address() as AddressInfo).port}/jwks`;
  op = await startOp();
});
afterAll(async () => {
  await op?.close();
  publisher.closeAllConnections();
  publisher.close();
});

const authenticate = async (client: TestClient, privateKey: Parameters<SignJWT['sign']>[0]) =>
  op.post('/token', {
    grant_type: 'refresh_token',
    refresh_token: 'whatever',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await new SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: 'PS256' })
      .setIssuer(client.client_id)
      .setSubject(client.client_id)
      .setAudience(op.issuer)
      .setExpirationTime('1m')
      .sign(privateKey),
  });

const createPublishing = (jwks_uri: string) =>
  op.createClient({
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks_uri,
  });

/** RSA-PSS of 1024 bits; `jose` itself would refuse to make or use one. */
async function weakPair() {
  const pair = await crypto.subtle.generateKey(
    {
      name: 'RSA-PSS',
      modulusLength: 1024,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  );
  const jwk = { ...(await exportJWK(pair.publicKey)), use: 'sig', alg: 'PS256' };
  return { jwk, privateKey: pair.privateKey };
}

async function signWeakly(client: TestClient, key: Parameters<typeof crypto.subtle.sign>[1]) {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: 'PS256' })}.${part({
    iss: client.client_id,
    sub: client.client_id,
    aud: op.issuer,
    jti: crypto.randomUUID(),
    exp: now + 60,
  })}`;
  const signature = await crypto.subtle.sign(
    { name: 'RSA-PSS', saltLength: 32 },
    key,
    Buffer.from(signed),
  );
  return `${signed}.${Buffer.from(signature).toString('base64url')}`;
}

test('a strong key that is published authenticates its client', async () => {
  const keys = await makeKeys();
  published = JSON.stringify(keys.jwks);
  const client = await createPublishing(address);
  const answer = await authenticate(client, keys.privateKey);
  // The client is known by its assertion; only the refresh token is wrong.
  expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

test('a key of 1024 bits that is published is not believed, and the log says why', async () => {
  const weak = await weakPair();
  const strong = await makeKeys();
  published = JSON.stringify({ keys: [weak.jwk, ...strong.jwks.keys] satisfies JWK[] });
  const client = await createPublishing(address);
  const answer = await op.post('/token', {
    grant_type: 'refresh_token',
    refresh_token: 'whatever',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await signWeakly(client, weak.privateKey),
  });
  expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  expect(op.logs).toContainEqual(
    expect.objectContaining({
      msg: 'a fetched key is not used',
      flaw: 'is an RSA key of 1024 bits',
    }),
  );
  const other = await authenticate(client, strong.privateKey);
  expect(other).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

describe('abuse case 5: nothing is fetched from', () => {
  test.each([
    'https://10.0.0.1/jwks',
    'https://169.254.169.254/latest/meta-data',
    'https://[::ffff:10.0.0.1]/jwks',
    'https://localhost.localdomain.invalid/jwks',
  ])('%s', async (jwks_uri) => {
    const keys = await makeKeys();
    const before = asked;
    const made = await op.admin('/clients', {
      method: 'POST',
      body: {
        redirect_uris: [CALLBACK],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri,
      },
    });
    if (made.status === 422) return;
    const answer = await authenticate(made.body, keys.privateKey);
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(asked).toBe(before);
  });

  test('this machine, unless the operator allows it', async () => {
    const keys = await makeKeys();
    published = JSON.stringify(keys.jwks);
    const strict = await startOp({ fetch: { allow_loopback: false } });
    try {
      const client = await strict.createClient({
        redirect_uris: [CALLBACK],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: address,
      });
      const before = asked;
      const assertion = await new SignJWT({ jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'PS256' })
        .setIssuer(client.client_id)
        .setSubject(client.client_id)
        .setAudience(strict.issuer)
        .setExpirationTime('1m')
        .sign(keys.privateKey);
      const answer = await strict.post('/token', {
        grant_type: 'refresh_token',
        refresh_token: 'whatever',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      });
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      expect(asked).toBe(before);
    } finally {
      await strict.close();
    }
  });
});
