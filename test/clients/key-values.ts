/** Sets of public keys, right, weak and private. */
import { generateKeyPairSync } from 'node:crypto';
import { PRIVATE_MEMBERS } from '../../src/clients/key-strength.ts';
import { issue } from '../support/certificates.ts';
import { makeKeys, weakKey } from '../support/keys.ts';
import { schemaOf } from './generated-values.ts';
import type { Case } from './value.ts';

type Jwk = Readonly<Record<string, unknown>>;

export interface TableKeys {
  jwks: { keys: Jwk[] };
  /** With its certificate. */
  certified: { keys: Jwk[] };
  weak: Jwk;
}

export const makeTableKeys = async (): Promise<TableKeys> => ({
  jwks: (await makeKeys('ES256')).jwks as TableKeys['jwks'],
  certified: { keys: [issue().jwk] },
  weak: (await weakKey()) as unknown as Jwk,
});

const ec = (namedCurve: string): Jwk =>
  generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' }) as Jwk;
const okp = (type: 'ed25519' | 'x25519' | 'ed448' | 'x448'): Jwk =>
  generateKeyPairSync(type as 'ed25519').publicKey.export({ format: 'jwk' }) as Jwk;
const rsa = (modulusLength: number): Jwk =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' }) as Jwk;

const at = (index: number, member = '') => `/jwks/keys/${index}${member && `/${member}`}`;

/** The key with a member of ours that makes it this long. */
const sized = (key: Jwk, length: number): Jwk => {
  const start = JSON.stringify({ ...key, ours: '' }).length;
  return { ...key, ours: 'x'.repeat(length - start) };
};

const nested = (levels: number): unknown[] => (levels === 1 ? [] : [nested(levels - 1)]);

export function keyCases({ jwks, certified, weak }: TableKeys): Case[] {
  const [good = {}] = jwks.keys;
  const strong = rsa(2048);
  const most =
    (schemaOf('jwks') as { properties?: { keys?: { maxItems?: number } } }).properties?.keys
      ?.maxItems ?? 0;
  const many = (count: number) => ({
    keys: Array.from({ length: count }, (_, index) => ({ ...good, kid: `${index}` })),
  });
  const set = (...keys: unknown[]) => ({ keys });
  const value = (rule: string, pointer: string, wrong: unknown, what?: string): Case => ({
    value: wrong,
    rule,
    pointer,
    ...(what && { what }),
  });
  const right = (one: unknown, what: string): Case => ({ value: one, what });
  const byKeys = (pointer: string, wrong: unknown, what: string) =>
    value('client-keys', pointer, wrong, what);

  return [
    right(jwks, 'one key'),
    right(many(most), `${most} keys`),
    right(certified, 'a key with its certificate'),
    right(set(strong), 'RSA of 2048 bits'),
    right({ keys: many(most).keys.map((key) => sized(key, 16_384)) }, 'keys of 16384 characters'),
    value('property-value', at(0), set(sized(good, 16_385)), 'a key of 16385 characters'),
    right(set({ ...good, ours: nested(7) }), 'a key of 8 levels'),
    value('property-value', at(0), set({ ...good, ours: nested(8) }), 'a key of 9 levels'),
    ...['P-256', 'P-384', 'P-521'].map((curve) => right(set(ec(curve)), curve)),
    right(set(okp('ed25519'), okp('x25519')), 'Ed25519 and X25519'),
    right(
      set({ ...good, kid: '名前', 'https://rp.example/ours': { a: [1] } }),
      'members of their own',
    ),
    value('property-value', '/jwks/keys', many(most + 1), `${most + 1} keys`),
    value('property-value', '/jwks/keys', set(), 'no keys'),
    value('property-value', '/jwks/keys', { keys: good }, 'a key for keys'),
    value('property-value', '/jwks/keys', {}, 'nothing'),
    value('known-property', '/jwks/more', { ...jwks, more: 1 }, 'more beside keys'),
    ...[null, 'a key', 7, []].map((one) => value('property-value', at(1), set(good, one))),
    ...PRIVATE_MEMBERS.map((name) =>
      byKeys(at(0, name), set({ ...good, [name]: 'AQAB' }), `the private member ${name}`),
    ),
    byKeys(at(0, 'd'), set({ ...good, d: null }), 'a private member that is null'),
    byKeys(at(0, 'kty'), set({ kty: 'oct', k: 'AQAB' }), 'a symmetric key'),
    byKeys(at(0, 'kty'), set({}), 'a key of nothing'),
    byKeys(at(0, 'kty'), set({ ...good, kty: 'ec' }), 'another kind'),
    byKeys(at(0, 'kty'), set({ ...good, kty: '__proto__' }), 'the kind __proto__'),
    byKeys(at(1, 'n'), set(good, weak), 'RSA of 1024 bits'),
    byKeys(
      at(0, 'n'),
      set({ kty: 'RSA', e: 'AQAB', n: Buffer.alloc(256, 127).fill(0, 0, 1).toString('base64url') }),
      'RSA of 2040 bits',
    ),
    byKeys(
      at(0, 'n'),
      set({ kty: 'RSA', e: 'AQAB', n: Buffer.alloc(2049, 255).toString('base64url') }),
      'RSA of 16392 bits',
    ),
    byKeys(at(0, 'n'), set({ kty: 'RSA', e: 'AQAB' }), 'RSA without a modulus'),
    byKeys(at(0, 'n'), set({ kty: 'RSA', e: 'AQAB', n: 7 }), 'RSA with a number'),
    ...['AQ', 'Ag', '', 'AA'].map((e) =>
      byKeys(at(0, 'e'), set({ ...strong, e }), `RSA with the exponent ${JSON.stringify(e)}`),
    ),
    byKeys(at(0, 'crv'), set(ec('secp256k1')), 'secp256k1'),
    byKeys(at(0, 'crv'), set(okp('ed448')), 'Ed448'),
    byKeys(at(0, 'crv'), set(okp('x448')), 'X448'),
    byKeys(at(0), set({ ...good, x: good.y }), 'a point beside its curve'),
    byKeys(at(0), set({ ...good, x: '' }), 'half a point'),
    byKeys(at(1, 'kid'), set({ ...good, kid: 'a' }, { ...strong, kid: 'a' }), 'a kid twice'),
    ...['kid', 'alg', 'use'].map((name) =>
      byKeys(at(0, name), set({ ...good, [name]: 7 }), `a number for ${name}`),
    ),
    ...['key_ops', 'x5c'].map((name) =>
      byKeys(at(0, name), set({ ...good, [name]: 'a text' }), `a text for ${name}`),
    ),
    {
      value: set(Object.fromEntries([...Object.entries(good), ['__proto__', { d: 'AQAB' }]])),
      what: 'the member __proto__',
      rule: 'property-value',
      pointer: at(0, '__proto__'),
      file: {
        because: 'a file refuses such keys wherever they are, before anything is made of them',
        pointer: at(0, '__proto__'),
        rule: 'a key that is not allowed',
      },
    },
  ];
}
