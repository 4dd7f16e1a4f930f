import { rekey } from '../store/rekey.ts';
import type { Collection, Store } from '../store/store.ts';
import { KEYS_VERSION, type StoredClient, withKeys } from './client.ts';

/** Brings clients that an earlier version of this program stored to what they are found by now. */
export const ensureKeys = (store: Store, clients: Collection<StoredClient>): Promise<void> =>
  rekey(store, clients, {
    mark: 'client-keys',
    version: KEYS_VERSION,
    write: (id, value) => withKeys(id, { ...value, origin: value.origin ?? { via: 'api' } }),
  });
