/** What clients sign and encrypt, by every algorithm of the discovery documents, and the server accepts. */
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { CompactEncrypt, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import type { ClientMetadataInput } from '../../src/clients/metadata.ts';
import { isSymmetric } from '../../src/clients/values.ts';
import { makeKeys } from '../support/keys.ts';
import { CALLBACK, type Op, type TestAccount, type TestClient } from '../support/op.ts';
import { createAsker, send as sendBackchannel } from './ciba-requests.ts';
import { endpointAt, send, verdictOf, withAssertion } from './client-methods.ts';
import { contents, ENC, secretKey, signatures, wraps } from './discovery-algorithms.ts';
import { type Chapter, type Member, refusedAtRegistration } from './discovery-member.ts';
import { obtainCode, pkce } from './requests.ts';

const secretOf = ({ client_secret = '' }: TestClient) => Buffer.from(client_secret);

export function requestChapter(op: Op, account: TestAccount): Chapter {
  /** A key to sign with, and what a registration needs so that it is known. */
  async function signer(alg: string) {
    if (isSymmetric(alg)) return { metadata: {}, keyOf: secretOf, kid: undefined };
    const { privateKey, jwks, kid } = await makeKeys(alg);
    return { metadata: { jwks } as Partial<ClientMetadataInput>, keyOf: () => privateKey, kid };
  }

  const requestObject = ({ client_id }: TestClient, claims: object = {}) =>
    new SignJWT({
      iss: client_id,
      aud: op.issuer,
      client_id,
      jti: randomUUID(),
      ...claims,
    })
      .setIssuedAt()
      .setNotBefore('0s')
      .setExpirationTime('5 minutes');
  const parameters = {
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid',
    state: 'signed',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
  };

  /** Signs in with an encrypted request. */
  async function encryptedRequest(alg: string, enc: string): Promise<void> {
    const client = await op.createClient({
      request_object_signing_alg: 'HS256',
      request_object_encryption_alg: alg as never,
      request_object_encryption_enc: enc as never,
    });
    const jws = await requestObject(client, parameters)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(secretOf(client));
    const kty = alg.startsWith('RSA') ? 'RSA' : 'EC';
    const { keys }: { keys: JWK[] } = (await op.get('/jwks')).body;
    const published = keys.find((key) => key.use === 'enc' && key.kty === kty);
    const key = isSymmetric(alg)
      ? secretKey(client, alg, enc)
      : await importJWK({ ...published, alg } as JWK, alg);
    const kid = isSymmetric(alg) ? undefined : published?.kid;
    const request = await new CompactEncrypt(new TextEncoder().encode(jws))
      .setProtectedHeader({ alg, enc, cty: 'oauth-authz-req+jwt', ...(kid && { kid }) })
      .encrypt(key);
    await obtainCode(op, client, account, { request });
  }

  /** Assertions that authenticate a client at an endpoint. */
  const assertionsAt = (path: string): Member => ({
    async prove(alg) {
      const { metadata, keyOf, kid } = await signer(alg);
      const client = await op.createClient({
        ...metadata,
        token_endpoint_auth_method: isSymmetric(alg) ? 'client_secret_jwt' : 'private_key_jwt',
        token_endpoint_auth_signing_alg: alg as never,
      });
      const parts = { key: keyOf(client) as never, alg, header: { ...(kid && { kid }) } };
      const fields = await withAssertion(op, client, parts);
      const endpoint = endpointAt(path);
      expect(verdictOf(endpoint, await send(op, endpoint, { fields }))).toBe('accepted');
    },
    others: signatures,
    refuse: refusedAtRegistration(op, 'token_endpoint_auth_signing_alg', {
      token_endpoint_auth_method: 'client_secret_jwt',
    }),
  });

  const members: Readonly<Record<string, Member>> = {
    request_object_signing_alg_values_supported: {
      async prove(alg) {
        const { metadata, keyOf, kid } = await signer(alg);
        const client = await op.createClient({
          ...metadata,
          request_object_signing_alg: alg as never,
        });
        const request = await requestObject(client, parameters)
          .setProtectedHeader({ alg, ...(kid && { kid }) })
          .sign(keyOf(client));
        await obtainCode(op, client, account, { request });
      },
      others: signatures,
      refuse: refusedAtRegistration(op, 'request_object_signing_alg'),
    },
    request_object_encryption_alg_values_supported: {
      prove: (alg) => encryptedRequest(alg, ENC),
      others: wraps,
      refuse: refusedAtRegistration(op, 'request_object_encryption_alg'),
    },
    request_object_encryption_enc_values_supported: {
      prove: (enc) => encryptedRequest('dir', enc),
      others: contents,
      refuse: refusedAtRegistration(op, 'request_object_encryption_enc'),
    },
    backchannel_authentication_request_signing_alg_values_supported: {
      async prove(alg) {
        const { metadata, keyOf, kid } = await signer(alg);
        const client = await createAsker(op, {
          ...metadata,
          backchannel_authentication_request_signing_alg: alg as never,
        });
        const asked = { scope: 'openid', login_hint: account.email };
        const request = await requestObject(client, asked)
          .setProtectedHeader({ alg, ...(kid && { kid }) })
          .sign(keyOf(client));
        const answer = await sendBackchannel(op, client, { request, scope: undefined });
        expect(answer).toMatchObject({ status: 200, body: { auth_req_id: expect.any(String) } });
      },
      others: signatures,
      refuse: refusedAtRegistration(op, 'backchannel_authentication_request_signing_alg'),
    },
    token_endpoint_auth_signing_alg_values_supported: assertionsAt('/token'),
    introspection_endpoint_auth_signing_alg_values_supported: assertionsAt('/introspect'),
    revocation_endpoint_auth_signing_alg_values_supported: assertionsAt('/revoke'),
    dpop_signing_alg_values_supported: {
      prove: async (alg) => expect((await withProof(alg)).body.token_type).toBe('DPoP'),
      others: ['RS256', 'PS512', 'ES384', 'ES512'],
      refuse: async (alg) =>
        expect(await withProof(alg)).toMatchObject({
          status: 400,
          body: { error: 'invalid_dpop_proof' },
        }),
    },
  };

  /** Redeems a code with a proof of possession that is signed so (RFC 9449, section 4.2). */
  async function withProof(alg: string) {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const client = await op.createClient({ type: 'native' });
    const proof = await new SignJWT({ jti: randomUUID(), htm: 'POST', htu: `${op.issuer}/token` })
      .setIssuedAt()
      .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
      .sign(privateKey);
    const fields = {
      grant_type: 'authorization_code',
      client_id: client.client_id,
      code: await obtainCode(op, client, account),
      redirect_uri: CALLBACK,
      code_verifier: pkce.verifier,
    };
    return op.post('/token', fields, { headers: { dpop: proof } });
  }

  return { file: 'test/flows/discovery-requests.ts', members };
}
