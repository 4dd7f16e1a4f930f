import { hash, randomFillSync } from 'node:crypto';

// Asking for random bytes costs more than having them: a page at a time, each byte used once.
const pool = Buffer.allocUnsafeSlow(4096);
let used = pool.length;

/** Random bytes, at most 1024, for identifiers and initialisation vectors. The caller owns them. */
export function randomBits(bytes: number): Buffer {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const taken = Buffer.from(pool.subarray(used, used + bytes));
  pool.fill(0, used, used + bytes);
  used += bytes;
  return taken;
}

/** A fresh identifier: URL-safe, 128 random bits by default. */
export const newId = (bits = 128): string => randomBits(bits / 8).toString('base64url');

/**
 * SHA-256 as base64url. It is how a value of at least 128 random bits is kept without being kept:
 * nothing slower is needed where nothing can be guessed.
 */
export const digest = (value: string): string => hash('sha256', value, 'base64url');
