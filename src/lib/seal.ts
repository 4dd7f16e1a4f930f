/**
 * Encryption at rest. A sealed text is `v1.<key id>.<base64url of iv ‖ tag ‖ ciphertext>`, AES-256-GCM
 * with a random 96-bit IV; the context (where the text belongs) is authenticated, so that a sealed
 * value moved to another place does not open. Keys come from SECRETS_KEY, the first seals, all open:
 * prepend a new one to rotate, drop the old one when nothing is sealed with it any more.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { randomBits } from './ids.ts';

export interface Vault {
  /** @param context what the value is and belongs to, e.g. `signing_keys:current` */
  seal(plain: string, context: string): string;
  /** @throws {SealError} when no key of the ring opens it or it was tampered with */
  open(sealed: string, context: string): string;
  /** Whether the first key of the ring sealed it. */
  isNewest(sealed: string): boolean;
  /** A keyed digest for values too short to be hashed bare; stable while the last key of the ring stays. */
  blind(value: string, context: string): string;
  /** 256 bits derived from the current key for one purpose (RFC 5869). */
  derive(purpose: string): Buffer;
}

/** A sealed value does not open: wrong key, wrong place or altered. */
export class SealError extends Error {
  readonly code = 'seal';
}

const VERSION = 'v1';
const IV = 12;
const TAG = 16;

const subkey = (key: Buffer, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, '', `clientele ${purpose}`, 32));

/** @param secretsKey one or more base64url keys of 32 bytes, joined by commas, newest first */
export function createVault(secretsKey: string): Vault {
  const keys = secretsKey.split(',').map((text) => Buffer.from(text, 'base64url'));
  const ring = new Map(
    keys.map((key) => {
      // A key object is prepared once; bytes would be prepared anew by every call.
      const sealing = createSecretKey(subkey(key, 'seal'));
      return [hash('sha256', key, 'hex').slice(0, 8), sealing] as const;
    }),
  );
  const [current, currentKey] = [...ring][0] as [string, KeyObject];
  const first = keys[0] as Buffer;
  const blindKey = createSecretKey(subkey(keys.at(-1) as Buffer, 'blind'));

  return {
    seal(plain, context) {
      const iv = randomBits(IV);
      const cipher = createCipheriv('aes-256-gcm', currentKey, iv);
      cipher.setAAD(Buffer.from(context));
      const body = [cipher.update(plain, 'utf8'), cipher.final()];
      const packed = Buffer.concat([iv, cipher.getAuthTag(), ...body]).toString('base64url');
      return `${VERSION}.${current}.${packed}`;
    },
    open(sealed, context) {
      const [version, id, packed = ''] = sealed.split('.');
      const key = id === undefined ? undefined : ring.get(id);
      if (version !== VERSION || !key) {
        throw new SealError('sealed with a key that SECRETS_KEY does not hold');
      }
      const bytes = Buffer.from(packed, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV), {
          authTagLength: TAG,
        });
        decipher.setAAD(Buffer.from(context));
        decipher.setAuthTag(bytes.subarray(IV, IV + TAG));
        return (
          decipher.update(bytes.subarray(IV + TAG), undefined, 'utf8') + decipher.final('utf8')
        );
      } catch (cause) {
        throw new SealError('a sealed value was altered or moved', { cause });
      }
    },
    isNewest: (sealed) => sealed.startsWith(`${VERSION}.${current}.`),
    blind: (value, context) =>
      createHmac('sha256', blindKey).update(`${context}\n${value}`).digest('base64url'),
    derive: (purpose) => subkey(first, purpose),
  };
}
