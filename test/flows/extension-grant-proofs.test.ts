/** Proof of possession for grants that the engine does not have: the same as for those that it has. */
import { hash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../../src/clients/values.ts';
import { newId } from '../../src/lib/ids.ts';
import { epoch } from '../../src/lib/time.ts';
import { issue } from '../support/certificates.ts';
import { makeKeys } from '../support/keys.ts';
import { type Fields, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { shownBy } from './client-methods.ts';
import { signAsServer } from './forge.ts';
import { obtainTokens } from './requests.ts';

const keys = await makeKeys('ES256');
const holder = await holderOf('ES256');
const other = await holderOf('ES256');
const certificate = issue();

let op: Op;
let app: TestClient;
let account: TestAccount;
let photos: string;

beforeAll(async () => {
  op = await startOp({ mtls: { mode: 'proxy' } });
  [app, account] = await Promise.all([op.createClient(), op.createAccount()]);
  const access = [{ client_id: '*', scopes: ['read'] }];
  photos = (await op.createResource({ scopes: [{ name: 'read' }], access })).identifier;
});
afterAll(() => op?.close());

async function holderOf(alg: string) {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  const jwk = await exportJWK(publicKey);
  return { alg, privateKey, jwk, jkt: await calculateJwkThumbprint(jwk) };
}

/** A DPoP proof for the token endpoint (RFC 9449, section 4.2), or one that is not quite. */
async function proof(claims: object = {}, header: object = {}, by = holder): Promise<string> {
  const good = { jti: randomUUID(), htm: 'POST', htu: `${op.issuer}/token`, iat: epoch() };
  return new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: by.alg, typ: 'dpop+jwt', jwk: by.jwk, ...header })
    .sign(by.privateKey);
}

const service = (more: object = {}) =>
  op.createClient({
    type: 'server-to-server',
    grant_types: ['client_credentials', JWT_BEARER, TOKEN_EXCHANGE],
    token_exchange: { subject_clients: ['*'], delegation: true, impersonation: true },
    jwks: keys.jwks as never,
    ...more,
  });

const signIn = async () =>
  (await obtainTokens(op, app, account, { scope: 'openid read', resource: photos })).access_token;

const subject = (token: string): Fields => ({
  grant_type: TOKEN_EXCHANGE,
  subject_token: token,
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
});

/** A good request by each grant; the engine's own is what the others are compared with. */
const requests: Readonly<Record<string, (client: TestClient) => Promise<Fields>>> = {
  client_credentials: async () => ({ grant_type: 'client_credentials', resource: photos }),
  [JWT_BEARER]: async ({ client_id }) => ({
    grant_type: JWT_BEARER,
    resource: photos,
    assertion: await new SignJWT({
      iss: client_id,
      sub: client_id,
      aud: op.issuer,
      exp: epoch() + 60,
      jti: newId(),
    })
      .setProtectedHeader({ alg: keys.alg, kid: keys.kid })
      .sign(keys.privateKey),
  }),
  [TOKEN_EXCHANGE]: async () => subject(await signIn()),
};
const grants = Object.keys(requests);
const ofOurs = grants.slice(1);

const send = (client: TestClient, fields: Fields, headers: Record<string, string> = {}) =>
  op.post('/token', fields, {
    basic: [client.client_id, String(client.client_secret)],
    headers,
  });
const sendBy = async (grant: string, client: TestClient, headers?: Record<string, string>) =>
  send(client, (await requests[grant]?.(client)) ?? {}, headers);

const flawed: [what: string, make: () => Promise<string>][] = [
  ['that is no JWT', async () => 'proof'],
  ['of another method', () => proof({ htm: 'GET' })],
  ['for another address', () => proof({ htu: `${op.issuer}/userinfo` })],
  ['for no address', () => proof({ htu: 'token' })],
  ['without an address', () => proof({ htu: undefined })],
  ['without jti', () => proof({ jti: undefined })],
  ['with an empty jti', () => proof({ jti: '' })],
  ['that is old', () => proof({ iat: epoch() - 400 })],
  ['of the future', () => proof({ iat: epoch() + 400 })],
  ['with a nonce', () => proof({ nonce: 'some' })],
  ['of another type', () => proof({}, { typ: 'JWT' })],
  ['without a key', () => proof({}, { jwk: undefined })],
  ['with another key', () => proof({}, { jwk: other.jwk })],
];

describe.each(ofOurs)('%s', (grant) => {
  test.each(flawed)('refuses a proof %s, as client credentials do', async (_, make) => {
    const client = await service();
    const [own, engine] = await Promise.all([
      sendBy(grant, client, { dpop: await make() }),
      sendBy('client_credentials', client, { dpop: await make() }),
    ]);
    expect(engine.status).toBe(400);
    expect([own.status, own.body.error]).toEqual([engine.status, engine.body.error]);
  });

  test('refuses a proof that was used, also with another grant', async () => {
    const client = await service();
    const dpop = await proof();
    expect((await sendBy('client_credentials', client, { dpop })).status).toBe(200);
    const { status, body } = await sendBy(grant, client, { dpop });
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
  });

  test('binds to the key of a proof, with search and fragment in its address or without', async () => {
    const client = await service();
    for (const htu of [`${op.issuer}/token`, `${op.issuer}/token?a=b#c`]) {
      const { body } = await sendBy(grant, client, { dpop: await proof({ htu }) });
      expect(body.token_type).toBe('DPoP');
      expect(decodeJwt(body.access_token).cnf).toEqual({ jkt: holder.jkt });
    }
  });

  test('issues nothing unbound to a client whose tokens are bound', async () => {
    const dpop = await service({ dpop_bound_access_tokens: true });
    const tls = await service({ tls_client_certificate_bound_access_tokens: true });
    for (const client of [dpop, tls]) {
      const [own, engine] = await Promise.all([
        sendBy(grant, client),
        sendBy('client_credentials', client),
      ]);
      expect([own.status, own.body]).toEqual([400, engine.body]);
    }
    const { body } = await sendBy(grant, tls, shownBy(certificate));
    expect(decodeJwt(body.access_token).cnf).toEqual({
      'x5t#S256': hash('sha256', certificate.certificate.raw, 'base64url'),
    });
  });
});

describe('a subject token that is bound', () => {
  const bound = async (cnf: object) =>
    subject(await signAsServer(op, { ...decodeJwt(await signIn()), cnf }));

  test('to a key is exchanged by who proves that key', async () => {
    const client = await service();
    const fields = await bound({ jkt: holder.jkt });
    const good = await send(client, fields, { dpop: await proof() });
    expect([good.status, good.body.token_type]).toEqual([200, 'DPoP']);
    for (const headers of [{}, { dpop: await proof({}, {}, other) }]) {
      const { status, body } = await send(client, fields, headers);
      expect([status, body.error]).toEqual([400, 'invalid_request']);
      expect(body.error_description).toMatch(/^subject_token is bound to a key/);
    }
  });

  test('to a certificate is exchanged by who shows that certificate', async () => {
    const client = await service();
    const thumbprint = hash('sha256', certificate.certificate.raw, 'base64url');
    const fields = await bound({ 'x5t#S256': thumbprint });
    expect((await send(client, fields, shownBy(certificate))).status).toBe(200);
    for (const headers of [{}, shownBy(issue())]) {
      expect((await send(client, fields, headers)).body.error).toBe('invalid_request');
    }
  });
});
