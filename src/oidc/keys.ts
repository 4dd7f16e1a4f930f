import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { ExternalSigningKey } from 'oidc-provider';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import { type CollectionSpec, DuplicateError, OpenError, type Store } from '../store/store.ts';

export const keysCollection: CollectionSpec = { name: 'signing_keys' };

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

const algorithms: Readonly<Record<string, Algorithm>> = {
  RS256: { create: rsa, sign: (data, key) => sign('sha256', data, key) },
  PS256: {
    create: rsa,
    // RSA_PKCS1_PSS_PADDING with a salt as long as the digest.
    sign: (data, key) => sign('sha256', data, { key, padding: 6, saltLength: 32 }),
  },
  ES256: {
    create: () => generate('ec', { namedCurve: 'P-256' }),
    sign: (data, key) => toJws(sign('sha256', data, key)),
  },
  Ed25519: {
    create: () => generate('ed25519', {}),
    sign: (data, key) => sign(null, data, key),
  },
};

interface StoredKey {
  kid: string;
  alg: string;
  /** The private JWK, sealed. */
  sealed: string;
  /** Seconds since the epoch. */
  created: number;
}

/** All keys are one document: it changes as a whole, so every process sees the same set. */
interface Ring {
  keys: StoredKey[];
}

const RING = 'ring';
const context = (kid: string) => `signing_key:${kid}`;

async function newKey(alg: string, vault: Vault): Promise<StoredKey> {
  const { privateKey } = await (algorithms[alg] as Algorithm).create();
  const jwk = privateKey.export({ format: 'jwk' });
  // RFC 7638: a key's name follows from the key.
  const kid = await calculateJwkThumbprint(jwk as JWK);
  return { kid, alg, sealed: vault.seal(JSON.stringify(jwk), context(kid)), created: epoch() };
}

/**
 * A private key that the engine asks for signatures and never sees. Signing here, synchronously,
 * also costs half of what WebCrypto's dispatch to another thread does for keys this small.
 */
class SigningKey extends ExternalSigningKey {
  readonly #key: KeyObject;
  readonly #public: KeyObject;
  readonly #kid: string;
  readonly #alg: string;

  constructor(stored: StoredKey, vault: Vault) {
    super();
    const jwk = JSON.parse(vault.open(stored.sealed, context(stored.kid))) as JsonWebKey;
    this.#key = createPrivateKey({ key: jwk, format: 'jwk' });
    this.#public = createPublicKey(this.#key);
    this.#kid = stored.kid;
    this.#alg = stored.alg;
  }
  override get kid() {
    return this.#kid;
  }
  override get alg() {
    return this.#alg;
  }
  override keyObject() {
    return this.#public;
  }
  override sign(data: Uint8Array) {
    return (algorithms[this.#alg] as Algorithm).sign(data, this.#key);
  }
}

/**
 * The server's signing keys, one for each algorithm, made at the first start. Of several processes
 * that start together one stores its keys and all use those.
 * @throws {OpenError} when SECRETS_KEY is not the one that the store was made with
 */
export async function loadSigningKeys(store: Store, vault: Vault): Promise<ExternalSigningKey[]> {
  const collection = store.collection<Ring>(keysCollection);
  let ring = await collection.get(RING);
  if (!ring) {
    const keys = await Promise.all(Object.keys(algorithms).map((alg) => newKey(alg, vault)));
    ring = await collection.insert(RING, { keys }).catch(async (error) => {
      const stored = error instanceof DuplicateError ? await collection.get(RING) : undefined;
      if (!stored) throw error;
      return stored;
    });
  }
  try {
    return ring.value.keys.map((key) => new SigningKey(key, vault));
  } catch (cause) {
    throw new OpenError(
      'SECRETS_KEY does not open this store: start with the key that it was made with (after a rotation "new,old")',
      { cause },
    );
  }
}
