/**
 * Nonces for DPoP proofs (RFC 9449, section 8). They follow from a secret and the minute, so nothing
 * of them is kept and every process of a store knows those of the others. The engine makes its own
 * in the same way and offers no way to ask for them; a test holds the two together. Were they ever
 * to differ, a client would be told the right nonce and try again.
 */
import { hkdfSync, timingSafeEqual } from 'node:crypto';
import { epoch } from '../lib/time.ts';

/** Seconds after which a nonce is followed by the next one. */
const STEP = 60;
/** How many steps before and after the present one are taken: a nonce is good for three minutes. */
const REACH = 2;

export interface Nonces {
  /** What the next proof is to carry. */
  next(): string;
  accepts(nonce: string): boolean;
}

/** @param secret 32 bytes, those that the engine was given */
export function createNonces(secret: Buffer): Nonces {
  const nonceOf = (step: number): string => {
    const salt = Buffer.alloc(8);
    salt.writeBigUInt64BE(BigInt(step));
    return Buffer.from(hkdfSync('sha256', secret, salt, 'DPoP', 32)).toString('base64url');
  };
  let made: { step: number; nonces: string[] } | undefined;
  /** Of the steps around the present one. */
  function around(): string[] {
    const step = Math.floor(epoch() / STEP);
    if (made?.step !== step) {
      const steps = Array.from({ length: 2 * REACH + 1 }, (_, index) => step - REACH + index);
      made = { step, nonces: steps.map(nonceOf) };
    }
    return made.nonces;
  }
  return {
    next: () => around()[REACH + 1] as string,
    accepts(nonce) {
      const given = Buffer.from(nonce);
      return around().some((known) => {
        const expected = Buffer.from(known);
        return expected.length === given.length && timingSafeEqual(expected, given);
      });
    },
  };
}
