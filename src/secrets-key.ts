import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from './config/schema.ts';
import { OpenError } from './store/store.ts';

/**
 * The key that seals what must be readable in the store. Without SECRETS_KEY an embedded store gets
 * one of its own, in a file beside it that only its owner may read: a copy of the database alone is
 * worth nothing, a copy of the folder is.
 * @throws {OpenError} when the file cannot be used
 */
export function secretsKey(config: Config): string {
  if (config.secrets_key) return config.secrets_key;
  if (!config.store_url.startsWith('sqlite:')) return randomBytes(32).toString('base64url');
  const folder = dirname(config.store_url.slice('sqlite:'.length));
  const file = join(folder, 'secrets.key');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Of processes that start together one writes, and all read what it wrote.
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, {
      flag: 'wx',
      mode: 0o600,
      flush: true,
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') {
      throw new OpenError(
        `${file} cannot be written (${code}) – make the folder writable or set SECRETS_KEY`,
      );
    }
  }
  const key = readFileSync(file, 'utf8').trim();
  if (!/^[\w-]{43}$/.test(key)) {
    throw new OpenError(
      `${file} does not hold a key – restore it from a backup or set SECRETS_KEY`,
    );
  }
  return key;
}
