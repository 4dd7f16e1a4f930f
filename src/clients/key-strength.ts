/**
 * What a client's public key must be, wherever it comes from: registered as `jwks`, or fetched from
 * `jwks_uri` when it is used. One bar for all: RSA from 2048 bits, elliptic curves from 256, which
 * is what the strictest profile asks for.
 * @source FAPI 2.0 Security Profile, section 5.4.1; RFC 7518, sections 3.3 and 6
 */
import { createPublicKey, type JsonWebKey } from 'node:crypto';

/** Members that only private or symmetric keys have (RFC 7518, section 6; RFC 9964 for `priv`). */
export const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const;

export const MIN_RSA_BITS = 2048;
const CURVES: Readonly<Record<string, readonly string[]>> = {
  EC: ['P-256', 'P-384', 'P-521'],
  OKP: ['Ed25519', 'X25519'],
};

interface KeyFlaw {
  member?: string;
  said: { detail: string; fix: string };
}

const flaw = (member: string | undefined, detail: string, fix: string): KeyFlaw => ({
  ...(member && { member }),
  said: { detail, fix },
});

/** Bits of an RSA modulus as JWK has it: big-endian base64url. */
const modulusBits = (n: string): number => {
  const bytes = Buffer.from(n, 'base64url');
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] as number) + 24;
};

/** Anybody can sign for an exponent of 1, and an even one is no RSA (RFC 8017, section 3.1). */
const isExponent = (e: unknown): boolean => {
  if (typeof e !== 'string') return false;
  const value = BigInt(`0x0${Buffer.from(e, 'base64url').toString('hex')}`);
  return value > 1n && value % 2n === 1n;
};

const isText = (value: unknown) => typeof value === 'string';
const isList = (value: unknown) => Array.isArray(value) && value.every(isText);

/** @source RFC 7517, section 4 */
const members: readonly [name: string, is: (value: unknown) => boolean, what: string][] = [
  ['use', isText, 'a text'],
  ['alg', isText, 'a text'],
  ['kid', isText, 'a text'],
  ['key_ops', isList, 'a list of texts'],
  ['x5c', isList, 'a list of texts'],
];

function readable(key: Readonly<Record<string, unknown>>): boolean {
  try {
    createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

/** What is wrong with a key, if anything. */
export function keyFlaw(key: Readonly<Record<string, unknown>>): KeyFlaw | undefined {
  const { kty, crv, n } = key;
  if (kty === 'oct') {
    return flaw(
      'kty',
      'is a symmetric key, which is no public key',
      'remove it; secrets are made by the server',
    );
  }
  if (kty === 'RSA') {
    const bits = typeof n === 'string' ? modulusBits(n) : 0;
    if (bits < MIN_RSA_BITS) {
      return flaw('n', `is an RSA key of ${bits} bits`, `use at least ${MIN_RSA_BITS} bits`);
    }
    if (bits > 16_384) return flaw('n', `is an RSA key of ${bits} bits`, 'use at most 16384 bits');
    if (!isExponent(key.e)) {
      return flaw('e', 'is no exponent of an RSA key', 'use AQAB, which is 65537');
    }
  } else {
    const curves = typeof kty === 'string' && Object.hasOwn(CURVES, kty) ? CURVES[kty] : undefined;
    if (!curves) return flaw('kty', 'is no kind of key that is used here', 'use EC, OKP or RSA');
    if (!curves.includes(String(crv))) {
      return flaw('crv', 'is no curve that is used here', `use one of ${curves.join(', ')}`);
    }
  }
  for (const [name, is, what] of members) {
    if (key[name] !== undefined && !is(key[name])) {
      return flaw(name, `is not ${what}`, `${what} (RFC 7517, section 4)`);
    }
  }
  return readable(key)
    ? undefined
    : flaw(undefined, 'is not a key that can be read', 'export the public key as a JWK anew');
}
