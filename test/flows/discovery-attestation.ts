/** Algorithms of client attestations and of their proofs, as the discovery documents list them. */
import { expect } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { newId } from '../../src/lib/ids.ts';
import { makeKeys } from '../support/keys.ts';
import type { Answer, Op } from '../support/op.ts';
import { fetchChallenge } from './attester.ts';
import type { Chapter, Member } from './discovery-member.ts';

const ISSUER = 'https://algorithms.example';
const signers = new Map(
  await Promise.all(
    ['RS256', 'PS256', 'ES256', 'Ed25519', 'EdDSA', 'ES384', 'PS512'].map(
      async (alg) => [alg, await makeKeys(alg)] as const,
    ),
  ),
);

/** An attester with a key for every algorithm, as the configuration names it. */
export const signingAttester = {
  issuer: ISSUER,
  jwks: { keys: [...signers.values()].flatMap(({ jwks }) => jwks.keys) } as never,
  clients: ['*'],
};

export function attestationChapter(op: Op): Chapter {
  /** A request with an attestation and a proof that are signed so. */
  async function ask(attests: string, proves: string): Promise<Answer> {
    const signer = signers.get(attests);
    if (!signer) throw new Error(`discovery-attestation.ts has no key for ${attests}: add one`);
    const { client_id } = await op.createClient({
      token_endpoint_auth_method: 'attest_jwt_client_auth',
    });
    const { privateKey, publicKey } = await generateKeyPair(proves, { extractable: true });
    const attestation = new SignJWT({ iss: ISSUER, cnf: { jwk: await exportJWK(publicKey) } })
      .setSubject(client_id)
      .setIssuedAt()
      .setExpirationTime('5 minutes')
      .setProtectedHeader({ alg: attests, kid: signer.kid, typ: 'oauth-client-attestation+jwt' });
    const proof = new SignJWT({ iss: client_id, jti: newId(), challenge: await fetchChallenge(op) })
      .setAudience(op.issuer)
      .setIssuedAt()
      .setProtectedHeader({ alg: proves, typ: 'oauth-client-attestation-pop+jwt' });
    const headers = {
      'oauth-client-attestation': await attestation.sign(signer.privateKey),
      'oauth-client-attestation-pop': await proof.sign(privateKey),
    };
    return op.post('/introspect', { token: 'x' }, { headers });
  }

  const member = (by: (alg: string) => Promise<Answer>): Member => ({
    prove: async (alg) => expect((await by(alg)).status).toBe(200),
    others: ['ES384', 'PS512'],
    refuse: async (alg) => expect((await by(alg)).status).toBeGreaterThanOrEqual(400),
  });
  return {
    file: 'test/flows/discovery-attestation.ts',
    members: {
      client_attestation_signing_alg_values_supported: member((alg) => ask(alg, 'ES256')),
      client_attestation_pop_signing_alg_values_supported: member((alg) => ask('ES256', alg)),
    },
  };
}
