import { createHmac } from 'node:crypto';
import type { Configuration } from 'oidc-provider';
import { randomBits } from '../lib/ids.ts';
import type { Vault } from '../lib/seal.ts';
import { type Collection, DuplicateError } from '../store/store.ts';

const SALT = 'pairwise';
const context = 'pairwise_salt';

/**
 * What pairwise subjects are made with: as long as the store lives, because another one would make
 * every person a stranger. Of several processes that start together one stores its own.
 */
export async function loadPairwiseSalt(
  collection: Collection<{ sealed: string }>,
  vault: Vault,
): Promise<Buffer> {
  const known = await collection.get(SALT);
  const fresh = () => vault.seal(randomBits(32).toString('base64url'), context);
  const stored =
    known ??
    (await collection.insert(SALT, { sealed: fresh() }).catch(async (error) => {
      if (!(error instanceof DuplicateError)) throw error;
      return (await collection.get(SALT)) as NonNullable<typeof known>;
    }));
  return Buffer.from(vault.open(stored.value.sealed, context), 'base64url');
}

/** @source OpenID Connect Core 1.0, section 8.1 */
export const pairwiseIdentifier =
  (salt: Buffer): NonNullable<Configuration['pairwiseIdentifier']> =>
  async (_ctx, accountId, client) =>
    createHmac('sha256', salt)
      .update(JSON.stringify([client.sectorIdentifier, accountId]))
      .digest('base64url');
