/**
 * What a client's public key must be, wherever it comes from: registered as `jwks`, or fetched from
 * `jwks_uri` when it is used. One bar for all: RSA from 2048 bits, elliptic curves from 256, which
 * is what the strictest profile asks for.
 * @source FAPI 2.0 Security Profile, section 5.4.1; RFC 7518, sections 3.3 and 6
 */
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { type Said, wordings } from '../lib/wording.ts';

/** Members that only private or symmetric keys have (RFC 7518, section 6; RFC 9964 for `priv`). */
export const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const;

export const MIN_RSA_BITS = 2048;
const CURVES: Readonly<Record<string, readonly string[]>> = {
  EC: ['P-256', 'P-384', 'P-521'],
  OKP: ['Ed25519', 'X25519'],
};

export const keyWordings = wordings({
  symmetric: {
    detail: 'is a symmetric key, which is no public key',
    fix: 'remove it; secrets are made by the server',
  },
  too_short: { detail: 'is an RSA key of {bits} bits', fix: 'use at least {least} bits' },
  too_long: { detail: 'is an RSA key of {bits} bits', fix: 'use at most 16384 bits' },
  exponent: { detail: 'is no exponent of an RSA key', fix: 'use AQAB, which is 65537' },
  kind: { detail: 'is no kind of key that is used here', fix: 'use EC, OKP or RSA' },
  curve: { detail: 'is no curve that is used here', fix: 'use one of {curves}' },
  no_text: { detail: 'is not a text', fix: 'a text (RFC 7517, section 4)' },
  no_list: { detail: 'is not a list of texts', fix: 'a list of texts (RFC 7517, section 4)' },
  unreadable: {
    detail: 'is not a key that can be read',
    fix: 'export the public key as a JWK anew',
  },
});
const says = keyWordings;

interface KeyFlaw {
  member?: string;
  said: Said;
}

const flaw = (member: string | undefined, said: Said): KeyFlaw => ({
  ...(member && { member }),
  said,
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
const members: readonly [name: string, is: (value: unknown) => boolean, say: () => Said][] = [
  ['use', isText, says.no_text],
  ['alg', isText, says.no_text],
  ['kid', isText, says.no_text],
  ['key_ops', isList, says.no_list],
  ['x5c', isList, says.no_list],
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
    return flaw('kty', says.symmetric());
  }
  if (kty === 'RSA') {
    const bits = typeof n === 'string' ? modulusBits(n) : 0;
    if (bits < MIN_RSA_BITS) {
      return flaw('n', says.too_short({ bits, least: MIN_RSA_BITS }));
    }
    if (bits > 16_384) return flaw('n', says.too_long({ bits }));
    if (!isExponent(key.e)) {
      return flaw('e', says.exponent());
    }
  } else {
    const curves = typeof kty === 'string' && Object.hasOwn(CURVES, kty) ? CURVES[kty] : undefined;
    if (!curves) return flaw('kty', says.kind());
    if (!curves.includes(String(crv))) {
      return flaw('crv', says.curve({ curves: curves.join(', ') }));
    }
  }
  for (const [name, is, say] of members) {
    if (key[name] !== undefined && !is(key[name])) return flaw(name, say());
  }
  return readable(key) ? undefined : flaw(undefined, says.unreadable());
}
