/**
 * Passwords: argon2id (RFC 9106), hashed on the thread pool, never on the event loop. A hash says
 * with which parameters it was made, so that they can be raised and old hashes renewed at login.
 */
import { hash, verify } from '@node-rs/argon2';
import type { Config } from '../config/schema.ts';
import { newId } from '../lib/ids.ts';

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

export async function createPasswords(options: Config['passwords']): Promise<Passwords> {
  const parameters = {
    algorithm: ARGON2ID,
    memoryCost: options.memory_kib,
    timeCost: options.iterations,
    parallelism: options.parallelism,
  };
  // Unicode's compatibility form: the same password typed on another keyboard (RFC 8265, section 4).
  const normal = (password: string) => password.normalize('NFKC');
  const make = (password: string) => hash(normal(password), parameters);
  const nobody = await make(newId());
  const prefix = nobody.slice(0, nobody.lastIndexOf('$', nobody.lastIndexOf('$') - 1));

  return {
    hash: make,
    async verify(stored, password) {
      const usable = password.length <= MAX_PASSWORD ? password : '';
      const matches = await verify(stored ?? nobody, normal(usable));
      return matches && stored !== undefined && usable === password;
    },
    outdated: (stored) => !stored.startsWith(`${prefix}$`),
  };
}
