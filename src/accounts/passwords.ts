/**
 * Passwords: argon2id (RFC 9106), hashed on the thread pool, never on the event loop. A hash says
 * with which parameters it was made, so that they can be raised and old hashes renewed at login.
 */
import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Config } from '../config/schema.ts';

/** Longest password that is hashed, UTF-16 units; longer ones only cost the server time. */
export const MAX_PASSWORD = 1024;

export interface Passwords {
  hash(password: string): Promise<string>;
  /**
   * Costs the same whether or not there is a hash to compare with, so that time does not tell
   * whether an account exists.
   */
  verify(stored: string | undefined, password: string): Promise<boolean>;
  /** Whether a hash was made with other parameters than today's. */
  outdated(stored: string): boolean;
}

const ARGON2ID = 2;

const random = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '');

export function createPasswords(options: Config['passwords']): Passwords {
  const { memory_kib, iterations, parallelism } = options;
  const parameters = {
    algorithm: ARGON2ID,
    memoryCost: memory_kib,
    timeCost: iterations,
    parallelism,
  };
  // PHC string format: what every hash made today begins with.
  const prefix = `$argon2id$v=19$m=${memory_kib},t=${iterations},p=${parallelism}$`;
  /** Compared with when there is no hash: it costs as much, and no password is known to match. */
  const nobody = `${prefix}${random(16)}$${random(32)}`;
  // Unicode's compatibility form: the same password typed on another keyboard (RFC 8265, section 4).
  const normal = (password: string) => password.normalize('NFKC');

  return {
    hash: (password) => hash(normal(password), parameters),
    async verify(stored, password) {
      const usable = password.length <= MAX_PASSWORD ? password : '';
      const matches = await verify(stored ?? nobody, normal(usable));
      return matches && stored !== undefined && usable === password;
    },
    outdated: (stored) => !stored.startsWith(prefix),
  };
}
