import { SealError } from '../lib/seal.ts';
import { OpenError } from '../store/store.ts';

/**
 * Opens what every start needs. @throws {OpenError} with a sentence for the operator when it was
 * sealed with a key that SECRETS_KEY does not hold
 */
export function openSealed<T>(open: () => T): T {
  try {
    return open();
  } catch (cause) {
    if (!(cause instanceof SealError)) throw cause;
    throw new OpenError(
      'SECRETS_KEY does not open this store: start with the key that it was made with (after a rotation "new,old")',
      { cause },
    );
  }
}

/** What binds a sealed payload of the engine to the place that it was written to. */
export const contextOf = ({ name }: { name: string }, key: string): string => `${name}:${key}`;
