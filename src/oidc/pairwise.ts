import { createHmac } from 'node:crypto';
import type { Configuration } from 'oidc-provider';

/** @param salt the store's; see `stored-secrets.ts` @source OpenID Connect Core 1.0, section 8.1 */
export const pairwiseIdentifier =
  (salt: Buffer): NonNullable<Configuration['pairwiseIdentifier']> =>
  async (_ctx, accountId, client) =>
    createHmac('sha256', salt)
      .update(JSON.stringify([client.sectorIdentifier, accountId]))
      .digest('base64url');
