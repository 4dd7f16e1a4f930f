/** Algorithms that no document need list, and the key that a client's secret is made into. */
import { hash } from 'node:crypto';
import type { TestClient } from '../support/op.ts';

export const signatures = ['none', 'HS256', 'HS512', 'RS256', 'RS512', 'PS512', 'ES512', 'ES256K'];
export const wraps = [
  'RSA1_5',
  'RSA-OAEP-512',
  'ECDH-ES+A128KW',
  'A192KW',
  'A256GCMKW',
  'PBES2-HS256+A128KW',
];
export const contents = ['A192GCM', 'A192CBC-HS384', 'XC20P'];

const sizes: Readonly<Record<string, number>> = {
  A128KW: 128,
  A256KW: 256,
  A128GCM: 128,
  A256GCM: 256,
  'A128CBC-HS256': 256,
  'A256CBC-HS512': 512,
};
/** The key that is made of a client's secret (OpenID Connect Core 1.0, section 10.2). */
export function secretKey({ client_secret = '' }: TestClient, alg: string, enc: string): Buffer {
  const size = sizes[alg === 'dir' ? enc : alg] ?? 0;
  return hash(size > 256 ? 'sha512' : 'sha256', client_secret, 'buffer').subarray(0, size / 8);
}

/** What content is encrypted with where only the key matters. */
export const ENC = 'A128CBC-HS256';
