import { createKeys, type Keys, type KeysParts } from './keys.ts';

export interface TendedKeys extends Keys {
  /** Ends what is under way. */
  close(): Promise<void>;
}

/**
 * Signing keys that are rotated when their time has come, by whichever process comes first.
 * @throws {OpenError} when SECRETS_KEY is not the one that the store was made with
 */
export async function createTendedKeys(parts: KeysParts): Promise<TendedKeys> {
  const keys = await createKeys(parts);
  let running = Promise.resolve();
  const tend = () => {
    running = running
      .then(keys.tend)
      .catch((error) => parts.log.error({ err: error }, 'signing keys not tended'));
  };
  // Often enough that a change which was not told arrives well before the new key signs.
  const timer = setInterval(tend, Math.min(60, parts.config.keys.publish_seconds / 4) * 1000);
  timer.unref();
  return {
    ...keys,
    async close() {
      clearInterval(timer);
      await running;
      keys.close();
    },
  };
}
