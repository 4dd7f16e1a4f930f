/** An attester, and instances of an application that it vouches for. */
import type { webcrypto } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { newId } from '../../src/lib/ids.ts';
import { epoch } from '../../src/lib/time.ts';
import { makeKeys } from '../support/keys.ts';
import type { Op, TestClient } from '../support/op.ts';

const ISSUER = 'https://attester.example';
const signer = await makeKeys('ES256');
const { privateKey, publicKey } = await generateKeyPair('ES256');
const jwk = await exportJWK(publicKey);

/** As the configuration names it. */
export const attester = { issuer: ISSUER, jwks: signer.jwks as never, clients: ['*'] };

/** What is laid upon a good attestation and its proof. */
export interface Flaws {
  attestation?: object;
  proof?: object;
  /** Signs the attestation in the attester's place. */
  by?: webcrypto.CryptoKey;
  /** The name of that key, where it has one of its own. */
  kid?: string;
  /** Signs the proof in the instance's place. */
  proofBy?: webcrypto.CryptoKey;
}

export async function fetchChallenge(op: Op): Promise<string> {
  const { status, body } = await op.post('/challenge', {});
  if (status !== 200) throw new Error(`no challenge: ${status}`);
  return body.attestation_challenge;
}

/** The headers of a request (draft-ietf-oauth-attestation-based-client-auth, section 6). */
export async function attested(
  op: Op,
  { client_id }: Pick<TestClient, 'client_id'>,
  flaws: Flaws = {},
) {
  const attestation = {
    iss: ISSUER,
    sub: client_id,
    iat: epoch(),
    exp: epoch() + 600,
    cnf: { jwk },
    ...flaws.attestation,
  };
  const proof = {
    iss: client_id,
    aud: op.issuer,
    jti: newId(),
    iat: epoch(),
    challenge: await fetchChallenge(op),
    ...flaws.proof,
  };
  return {
    'oauth-client-attestation': await new SignJWT(attestation as JWTPayload)
      .setProtectedHeader({
        alg: 'ES256',
        kid: flaws.kid ?? signer.kid,
        typ: 'oauth-client-attestation+jwt',
      })
      .sign(flaws.by ?? signer.privateKey),
    'oauth-client-attestation-pop': await new SignJWT(proof as JWTPayload)
      .setProtectedHeader({ alg: 'ES256', typ: 'oauth-client-attestation-pop+jwt' })
      .sign(flaws.proofBy ?? privateKey),
  };
}
