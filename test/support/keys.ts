/** Keys of relying parties: the private half for the client, the public half for its registration. */
import type { webcrypto } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

export interface ClientKeys {
  privateKey: webcrypto.CryptoKey;
  kid: string;
  alg: string;
  jwks: { keys: JWK[] };
}

export async function makeKeys(alg = 'PS256', kid = `${alg}-1`): Promise<ClientKeys> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return { privateKey: privateKey as webcrypto.CryptoKey, kid, alg, jwks: { keys: [jwk] } };
}

/** An RSA key of 1024 bits, which nobody should use. */
export async function weakKey(): Promise<JWK> {
  const { publicKey } = await crypto.subtle.generateKey(
    {
      name: 'RSA-PSS',
      modulusLength: 1024,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  );
  return { ...(await exportJWK(publicKey)), alg: 'PS256', use: 'sig', kid: 'weak' };
}
