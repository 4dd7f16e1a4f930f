import { marksCollection } from '../store/marks.ts';
import { type Collection, ConflictError, type Store } from '../store/store.ts';
import { KEYS_VERSION, type StoredClient, withKeys } from './client.ts';

const MARK = 'client-keys';

/**
 * Writes what clients are found by anew when an earlier version of this program stored them. Safe in
 * several processes at once: each writes the same.
 */
export async function ensureKeys(store: Store, clients: Collection<StoredClient>): Promise<void> {
  const marks = store.collection<{ version?: number }>(marksCollection);
  if ((await marks.get(MARK))?.value.version === KEYS_VERSION) return;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: Awaited<ReturnType<typeof clients.list>> = await clients.list({
      ...(after && { after }),
      limit: 200,
    });
    await Promise.all(
      page.entries.map(({ id, version, value }) => {
        const origin = value.origin ?? { via: 'api' };
        return clients.update(id, version, withKeys(id, { ...value, origin })).catch((error) => {
          if (!(error instanceof ConflictError)) throw error;
        });
      }),
    );
    after = page.next;
  }
  await marks.put(MARK, { version: KEYS_VERSION });
}
