import { AsyncLocalStorage } from 'node:async_hooks';
import { ExternalSigningKey, type Provider } from 'oidc-provider';
import { Recent } from '../lib/recent.ts';
import { afterwards } from './around.ts';
import { algorithms, type SigningAlg } from './key-algorithms.ts';
import type { OpenRing } from './open-ring.ts';

/** The key that what is being verified names; the engine finds that one and no other. */
const named = new AsyncLocalStorage<string>();

const DOT = 0x2e;
/** Headers whose key is remembered: one for each key and kind of token, few at a time. */
const HEADERS = 100;

/** The `kid` in the header of a JWS; undefined where it has none or is none. */
function kidOf(header: string): string | undefined {
  try {
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid?: unknown };
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * For the engine the one key of its algorithm, which it asks for signatures and never sees. Which
 * key that is, is decided anew at each call, so the engine need not know that keys change. Signing
 * here, synchronously, also costs half of what WebCrypto's dispatch to another thread does for keys
 * this small.
 */
class Signer extends ExternalSigningKey {
  readonly #ring: () => OpenRing;
  readonly #alg: SigningAlg;

  constructor(ring: () => OpenRing, alg: SigningAlg) {
    super();
    this.#ring = ring;
    this.#alg = alg;
  }

  #key() {
    const kid = named.getStore();
    const key = kid === undefined ? undefined : this.#ring().find(kid);
    return key?.alg === this.#alg ? key : this.#ring().signer(this.#alg);
  }
  override get kid() {
    return this.#key().kid;
  }
  override get alg() {
    return this.#alg;
  }
  override keyObject() {
    return this.#key().public;
  }
  override sign(data: Uint8Array) {
    // The header was written a moment ago: the next key may sign by now, and must not for this one.
    const key = this.#ring().find(kidToSign(data));
    if (key?.alg !== this.#alg) throw new Error('the signing key was removed meanwhile: try again');
    return algorithms[this.#alg].sign(data, key.private);
  }
}

const kidsBeingSigned = new Recent<string, string>(HEADERS);

/** The same of a header that the engine wrote a moment ago, and writes again for the next token. */
function kidToSign(data: Uint8Array): string {
  const header = Buffer.from(data.buffer, data.byteOffset, data.indexOf(DOT)).toString('latin1');
  const known = kidsBeingSigned.get(header);
  if (known !== undefined) return known;
  const kid = kidOf(header) ?? '';
  kidsBeingSigned.set(header, kid);
  return kid;
}

/** A signing key for the engine, one for each algorithm. */
export const createSigners = (ring: () => OpenRing): ExternalSigningKey[] =>
  (Object.keys(algorithms) as SigningAlg[]).map((alg) => new Signer(ring, alg));

/**
 * Lets the engine show, and verify with, every key that is not gone, where it knows only those that sign.
 * @param path of the JWK Set
 */
export function serveWholeRing(
  provider: Provider,
  jwks: { current(): object },
  path: string,
): void {
  const { IdToken } = provider;
  const { validate } = IdToken;
  IdToken.validate = (jwt, client) => {
    const kid = kidOf(jwt.split('.', 1)[0] ?? '');
    return kid === undefined
      ? validate.call(IdToken, jwt, client)
      : named.run(kid, () => validate.call(IdToken, jwt, client));
  };
  afterwards(provider, [path], (ctx) => {
    if (ctx.status === 200) ctx.body = jwks.current();
  });
}
