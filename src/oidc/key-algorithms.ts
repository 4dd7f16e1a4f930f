import { generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { serverEncryptionAlgs, type signingAlgs } from '../clients/values.ts';

export type SigningAlg = (typeof signingAlgs)[number];
export type EncryptionAlg = (typeof serverEncryptionAlgs)[number];
export type KeyAlg = SigningAlg | EncryptionAlg;

const generate = promisify(generateKeyPair) as (
  type: string,
  options: object,
) => Promise<{ privateKey: KeyObject }>;

interface Algorithm {
  create(): Promise<{ privateKey: KeyObject }>;
  /** Signs as RFC 7518, sections 3.3 to 3.5, and RFC 8037, section 3.1 say. */
  sign(data: Uint8Array, key: KeyObject): Uint8Array;
}

/**
 * An ECDSA signature as JWS has it, r and s of 32 bytes each (RFC 7518, section 3.4), from DER's
 * SEQUENCE of two INTEGERs. Node converts as well, but takes as long for it as for the signature.
 */
function toJws(der: Buffer): Buffer {
  const signature = Buffer.alloc(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1] as number;
    const next = at + 2 + length;
    // An INTEGER has a zero in front when its first bit is set, and none of its own to spare.
    const digits = der.subarray(Math.max(at + 2, next - 32), next);
    digits.copy(signature, end - digits.length);
    at = next;
  }
  return signature;
}

const rsa = () => generate('rsa', { modulusLength: 2048 });
const p256 = () => generate('ec', { namedCurve: 'P-256' });

/** What the server signs with: how a key is made, and how it signs. */
export const algorithms: Readonly<Record<SigningAlg, Algorithm>> = {
  RS256: { create: rsa, sign: (data, key) => sign('sha256', data, key) },
  PS256: {
    create: rsa,
    // RSA_PKCS1_PSS_PADDING with a salt as long as the digest.
    sign: (data, key) => sign('sha256', data, { key, padding: 6, saltLength: 32 }),
  },
  ES256: {
    create: p256,
    sign: (data, key) => toJws(sign('sha256', data, key)),
  },
  Ed25519: {
    create: () => generate('ed25519', {}),
    sign: (data, key) => sign(null, data, key),
  },
};

/** What the server decrypts request objects with: how a key is made (RFC 7518, sections 4.3 and 4.6). */
const encryption: Readonly<Record<EncryptionAlg, Algorithm['create']>> = {
  'RSA-OAEP-256': rsa,
  'ECDH-ES': p256,
};

export const isEncryptionAlg = (alg: unknown): alg is EncryptionAlg =>
  serverEncryptionAlgs.some((known) => known === alg);

export const createKey = (alg: KeyAlg): Promise<{ privateKey: KeyObject }> =>
  isEncryptionAlg(alg) ? encryption[alg]() : algorithms[alg].create();
