/** What the server signs and encrypts, by every algorithm of the discovery documents: really verified and decrypted. */
import { expect } from '@jest/globals';
import {
  type CryptoKey,
  compactDecrypt,
  compactVerify,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWK,
} from 'jose';
import { isSymmetric } from '../../src/clients/values.ts';
import { createAgent, leftFor } from '../support/agent.ts';
import type { Op, TestAccount, TestClient } from '../support/op.ts';
import { contents, ENC, secretKey, signatures, wraps } from './discovery-algorithms.ts';
import { type Chapter, type Member, refusedAtRegistration } from './discovery-member.ts';
import { authorizeUrl, obtainTokens, userInfo } from './requests.ts';

export function responseChapter(op: Op, account: TestAccount): Chapter {
  async function verify(jws: string, alg: string): Promise<void> {
    const jwks = createLocalJWKSet((await op.get('/jwks')).body);
    await compactVerify(jws, jwks, { algorithms: [alg] });
  }

  /** What the server signs or encrypts for a client, by its name in the metadata. */
  const answers: Readonly<Record<string, (client: TestClient) => Promise<string>>> = {
    id_token: async (client) => (await obtainTokens(op, client, account)).id_token,
    userinfo: async (client) =>
      (await userInfo(op, (await obtainTokens(op, client, account)).access_token)).body,
    async introspection(client) {
      const { access_token } = await obtainTokens(op, client, account);
      const options = {
        basic: [client.client_id, String(client.client_secret)] as const,
        headers: { accept: 'application/token-introspection+jwt' },
      };
      return (await op.post('/introspect', { token: access_token }, options)).body;
    },
    async authorization(client) {
      const url = authorizeUrl(op, client, { response_mode: 'jwt' });
      const left = leftFor(await createAgent(op.issuer).authorize(url, account));
      return left.searchParams.get('response') ?? String(left);
    },
  };

  const signed = (kind: string): Member => ({
    async prove(alg) {
      const client = await op.createClient({ [`${kind}_signed_response_alg`]: alg });
      await verify((await answers[kind]?.(client)) ?? '', alg);
    },
    others: signatures,
    refuse: refusedAtRegistration(op, `${kind}_signed_response_alg`),
  });

  const encrypted = (kind: string) => async (alg: string, enc: string) => {
    let key: CryptoKey | undefined;
    let jwks: { keys: JWK[] } | undefined;
    if (!isSymmetric(alg)) {
      const pair = await generateKeyPair(alg, { extractable: true });
      key = pair.privateKey;
      jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), use: 'enc', alg }] };
    }
    const client = await op.createClient({
      [`${kind}_signed_response_alg`]: 'ES256',
      [`${kind}_encrypted_response_alg`]: alg,
      [`${kind}_encrypted_response_enc`]: enc,
      ...(jwks && { jwks: jwks as never }),
    });
    const jwe = (await answers[kind]?.(client)) ?? '';
    const { plaintext, protectedHeader } = await compactDecrypt(
      jwe,
      key ?? secretKey(client, alg, enc),
    );
    expect(protectedHeader).toMatchObject({ alg, enc });
    await verify(new TextDecoder().decode(plaintext), 'ES256');
  };
  const wrapped = (kind: string): Member => ({
    prove: (alg) => encrypted(kind)(alg, ENC),
    others: wraps,
    refuse: refusedAtRegistration(op, `${kind}_encrypted_response_alg`),
  });
  const filled = (kind: string): Member => ({
    prove: (enc) => encrypted(kind)('dir', enc),
    others: contents,
    refuse: refusedAtRegistration(op, `${kind}_encrypted_response_enc`),
  });

  const responses = Object.keys(answers).flatMap((kind): [string, Member][] => [
    [`${kind}_signing_alg_values_supported`, signed(kind)],
    [`${kind}_encryption_alg_values_supported`, wrapped(kind)],
    [`${kind}_encryption_enc_values_supported`, filled(kind)],
  ]);
  return {
    file: 'test/flows/discovery-responses.ts',
    members: Object.fromEntries(responses),
  };
}
