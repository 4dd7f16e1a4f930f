import { randomBits } from '../lib/ids.ts';
import type { Vault } from '../lib/seal.ts';
import { type Collection, DuplicateError } from '../store/store.ts';
import { openSealed } from './open-sealed.ts';

/** What every process of a store must have in common, 256 random bits each. */
export interface StoredSecrets {
  /** Makes pairwise subjects (`pairwise.ts`): another one would make every person a stranger. */
  pairwiseSalt: Buffer;
  /** Makes the nonces of DPoP proofs (`dpop-nonces.ts`). */
  nonceSecret: Buffer;
  /** Makes the challenges of attested clients (`attestation.ts`). */
  challengeSecret: Buffer;
}

/** What each is bound to, by its name in the store. */
export const contexts = {
  pairwise: 'pairwise_salt',
  dpop_nonces: 'dpop_nonce_secret',
  attestation_challenges: 'attestation_challenge_secret',
} as const;

/**
 * The secrets of a store, as long as it lives: sealed there and not derived from SECRETS_KEY, so that
 * a new one changes nothing. Of several processes that start together one stores its own.
 * @throws {OpenError} when SECRETS_KEY does not open them
 */
export async function loadSecrets(
  collection: Collection<{ sealed: string }>,
  vault: Vault,
): Promise<StoredSecrets> {
  async function load(name: keyof typeof contexts): Promise<Buffer> {
    const context = contexts[name];
    const known = await collection.get(name);
    const fresh = () => vault.seal(randomBits(32).toString('base64url'), context);
    const stored =
      known ??
      (await collection.insert(name, { sealed: fresh() }).catch(async (error) => {
        if (!(error instanceof DuplicateError)) throw error;
        return (await collection.get(name)) as NonNullable<typeof known>;
      }));
    const plain = openSealed(() => vault.open(stored.value.sealed, context));
    return Buffer.from(plain, 'base64url');
  }
  const [pairwiseSalt, nonceSecret, challengeSecret] = await Promise.all([
    load('pairwise'),
    load('dpop_nonces'),
    load('attestation_challenges'),
  ]);
  return { pairwiseSalt, nonceSecret, challengeSecret };
}
