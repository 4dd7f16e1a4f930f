import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

/**
 * Tokens for forms: an HMAC of what the form is bound to (an interaction's id, a session). Nothing
 * has to be stored, and a token of one interaction is none of another.
 */
export interface Csrf {
  token(bound: string): string;
  valid(bound: string, token: string | undefined): boolean;
}

/** @param key 32 bytes that are used for nothing else */
export function createCsrf(key: Buffer): Csrf {
  const prepared = createSecretKey(key);
  const token = (bound: string) => createHmac('sha256', prepared).update(bound).digest('base64url');
  return {
    token,
    valid(bound, given) {
      const expected = Buffer.from(token(bound));
      const actual = Buffer.from(given ?? '');
      return expected.length === actual.length && timingSafeEqual(expected, actual);
    },
  };
}
