/** Encrypted request objects (RFC 9101, section 6.1): to a key of the server, or with a secret. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { CompactEncrypt, importJWK, type JWK, SignJWT } from 'jose';
import { requestEncryptionAlgs, serverEncryptionAlgs } from '../../src/clients/values.ts';
import { epoch } from '../../src/lib/time.ts';
import { createAgent, leftFor } from '../support/agent.ts';
import { type ClientKeys, makeKeys } from '../support/keys.ts';
import {
  CALLBACK,
  type Fields,
  type Op,
  startOp,
  type TestAccount,
  type TestClient,
} from '../support/op.ts';
import { pass } from './clock.ts';
import { pkce, postAs, redeem } from './requests.ts';

const DAY = 86_400;
const ENC = 'A256GCM';
type Alg = (typeof requestEncryptionAlgs)[number];

let op: Op;
let keys: ClientKeys;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp({ keys: { rotate_days: 0 }, ttl: { session: 2 * DAY } });
  [keys, account] = await Promise.all([makeKeys('ES256'), op.createAccount()]);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

const createClient = (alg?: Alg, more: object = {}) =>
  op.createClient({
    jwks: keys.jwks as never,
    request_object_signing_alg: 'ES256',
    ...(alg && { request_object_encryption_alg: alg, request_object_encryption_enc: ENC }),
    ...more,
  });

const sign = ({ client_id }: TestClient, claims: object = {}): Promise<string> =>
  new SignJWT({
    iss: client_id,
    aud: op.issuer,
    iat: epoch(),
    exp: epoch() + 600,
    client_id,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid',
    state: 'from the request object',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
    ...claims,
  })
    .setProtectedHeader({ alg: keys.alg, kid: keys.kid })
    .sign(keys.privateKey);

/** The key that the server publishes for an algorithm. */
async function published(alg: string): Promise<JWK> {
  const { body } = await op.get('/jwks');
  const found = body.keys.filter((key: JWK) => key.use === 'enc' && key.alg === alg);
  expect(found).toHaveLength(1);
  return found[0];
}

const SECRET_BITS: Readonly<Record<string, number>> = { A128KW: 128, A256KW: 256, dir: 256 };

/** What OpenID Connect Core 1.0, section 10.2 makes of a secret. */
async function secretKey(alg: string, secret: string): Promise<Uint8Array> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret));
  return new Uint8Array(digest).slice(0, (SECRET_BITS[alg] ?? 0) / 8);
}

async function encrypt(jws: string, alg: Alg, to: JWK | Uint8Array, header: object = {}) {
  const key = to instanceof Uint8Array ? to : await importJWK(to, alg);
  return new CompactEncrypt(new TextEncoder().encode(jws))
    .setProtectedHeader({ alg, enc: ENC, cty: 'oauth-authz-req+jwt', ...header })
    .encrypt(key);
}

/** A good one. @param header laid upon it */
async function requestOf(client: TestClient, alg: Alg, header: object = {}): Promise<string> {
  if (!serverEncryptionAlgs.some((one) => one === alg)) {
    const secret = await secretKey(alg, String(client.client_secret));
    return encrypt(await sign(client), alg, secret, header);
  }
  const key = await published(alg);
  return encrypt(await sign(client), alg, key, { kid: key.kid, ...header });
}

const byValue = (client: TestClient, request: string) => {
  const query = new URLSearchParams({ client_id: client.client_id, request });
  return createAgent(op.issuer).authorize(`${op.issuer}/authorize?${query}`, account);
};
const push = (client: TestClient, fields: Fields) => postAs(op, client, '/par', fields);

/** The refusal by value, where there is no redirect URI to tell it to, and when it is pushed. */
async function refusals(client: TestClient, request: string) {
  const query = new URLSearchParams({ client_id: client.client_id, request });
  const page = await createAgent(op.issuer).visit(`${op.issuer}/authorize?${query}`);
  const told = op.logs.filter(({ msg }) => msg === 'authorization.error').at(-1)?.error;
  const pushed = await push(client, { request });
  return [
    page.status,
    page.left?.searchParams.get('error') ?? told,
    pushed.status,
    pushed.body.error,
  ];
}
const refused = (answer: unknown[]) => {
  expect(answer.slice(1)).toEqual(['invalid_request_object', 400, 'invalid_request_object']);
};

test.each(requestEncryptionAlgs)('%s opens, sent by value and pushed', async (alg) => {
  const client = await createClient(alg);
  const callback = leftFor(await byValue(client, await requestOf(client, alg)));
  expect(callback.searchParams.get('state')).toBe('from the request object');
  const { status } = await redeem(op, client, callback.searchParams.get('code') ?? '');
  expect(status).toBe(200);

  const pushed = await push(client, { request: await requestOf(client, alg) });
  expect(pushed.status).toBe(201);
  const { request_uri } = pushed.body;
  const query = new URLSearchParams({ client_id: client.client_id, request_uri });
  const left = leftFor(
    await createAgent(op.issuer).authorize(`${op.issuer}/authorize?${query}`, account),
  );
  expect(left.searchParams.get('state')).toBe('from the request object');
  expect(left.searchParams.get('code')).toBeTruthy();
});

test('discovery and the JWKS say what works, and the JWKS nothing private', async () => {
  const { body } = await op.get('/.well-known/openid-configuration');
  const { request_object_encryption_alg_values_supported: algs } = body;
  expect([...algs].sort()).toEqual([...requestEncryptionAlgs].sort());
  const { body: jwks } = await op.get('/jwks');
  const used = jwks.keys.filter(({ use }: JWK) => use === 'enc');
  expect(used.map(({ alg }: JWK) => alg).sort()).toEqual([...serverEncryptionAlgs].sort());
  for (const key of jwks.keys)
    for (const part of ['d', 'p', 'k']) expect(key).not.toHaveProperty(part);
});

describe('a request object is refused', () => {
  test.each(serverEncryptionAlgs)('that is encrypted to another key with %s', async (alg) => {
    const client = await createClient(alg);
    const { publicKey } =
      alg === 'ECDH-ES'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
    const other = publicKey.export({ format: 'jwk' }) as JWK;
    const { kid } = await published(alg);
    for (const header of [{}, { kid }, { kid: 'other' }, { kid: `placeholder ${alg}` }]) {
      refused(await refusals(client, await encrypt(await sign(client), alg, other, header)));
    }
  });

  test('that is not encrypted, or otherwise, from a client that has named how', async () => {
    const client = await createClient('ECDH-ES');
    refused(await refusals(client, await sign(client)));
    refused(await refusals(client, await requestOf(client, 'RSA-OAEP-256')));
    refused(await refusals(client, await requestOf(client, 'ECDH-ES', { enc: 'A128GCM' })));
  });

  test('whose content is none, is not signed by the client, or is encrypted twice', async () => {
    const client = await createClient('ECDH-ES');
    const key = await published('ECDH-ES');
    const { kid } = key;
    const thief = await createClient('ECDH-ES');
    const twice = await requestOf(client, 'ECDH-ES');
    for (const content of ['', 'nothing', 'e30.e30.', await sign(thief), twice]) {
      refused(await refusals(client, await encrypt(content, 'ECDH-ES', key, { kid })));
    }
  });

  test('only once it is known who sent it', async () => {
    const client = await createClient('ECDH-ES');
    const fields = { client_id: client.client_id, request: 'a.b.c.d.e' };
    const answer = await op.post('/par', fields, { basic: [client.client_id, 'wrong'] });
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
  });
});

test('a client that has named nothing may encrypt, or not', async () => {
  const client = await createClient();
  for (const request of [await sign(client), await requestOf(client, 'ECDH-ES')]) {
    expect((await push(client, { request })).status).toBe(201);
  }
});

test('a key is encrypted to while it is active, and decrypts until it is gone', async () => {
  const client = await createClient('ECDH-ES');
  const to = async (key: JWK) => encrypt(await sign(client), 'ECDH-ES', key, { kid: key.kid });
  const first = await published('ECDH-ES');

  const rotated = await op.admin('/keys/rotate', { method: 'POST', body: { alg: 'ECDH-ES' } });
  expect(rotated.status).toBe(200);
  // Not shown before every process can know it.
  expect((await published('ECDH-ES')).kid).toBe(first.kid);

  pass(DAY + 10);
  const second = await published('ECDH-ES');
  expect(second.kid).not.toBe(first.kid);
  for (const key of [first, second]) {
    expect((await push(client, { request: await to(key) })).status).toBe(201);
  }
  jest.restoreAllMocks();

  pass(3 * DAY + 100);
  refused(await refusals(client, await to(first)));
  expect((await push(client, { request: await to(second) })).status).toBe(201);
});

test('a key that is replaced at once decrypts nothing from then on', async () => {
  const client = await createClient('RSA-OAEP-256');
  const request = await requestOf(client, 'RSA-OAEP-256');
  const body = { alg: 'RSA-OAEP-256', at_once: true };
  expect((await op.admin('/keys/rotate', { method: 'POST', body })).status).toBe(200);
  refused(await refusals(client, request));
  const fresh = await requestOf(client, 'RSA-OAEP-256');
  expect((await push(client, { request: fresh })).status).toBe(201);
});
