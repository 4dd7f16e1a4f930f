import { consentsCollection } from '../accounts/consents.ts';
import { usageCollection } from '../clients/usage.ts';
import type { Store } from '../store/store.ts';
import { grantEnder } from './end-grants.ts';

/**
 * The way to end what belongs to a client that has gone: its grants and tokens, what people allowed
 * it, and when it was used. Delete the client first, or new ones come after those that have gone.
 */
export function clientEnder(store: Store): (clientId: string) => Promise<void> {
  const endGrants = grantEnder(store);
  const consents = store.collection<unknown>(consentsCollection);
  const usage = store.collection<unknown>(usageCollection);

  return async (clientId) => {
    await Promise.all([
      endGrants('client', clientId),
      consents.deleteBy('client', clientId),
      usage.delete(clientId),
    ]);
  };
}
