import { marksCollection } from './marks.ts';
import { type Collection, ConflictError, type Store } from './store.ts';

/** How documents of an earlier version get the keys that they are found by now. */
export interface Rekeying<T> {
  /** The name under which is kept that it was done. */
  mark: string;
  /** Grows when `write` makes other keys. */
  version: number;
  /** The document with its keys; what is the same every time. */
  write(id: string, value: T): T;
}

/**
 * Writes what documents are found by anew when an earlier version of this program stored them. Safe in
 * several processes at once: each writes the same.
 */
export async function rekey<T>(
  store: Store,
  collection: Collection<T>,
  { mark, version: wanted, write }: Rekeying<T>,
): Promise<void> {
  const marks = store.collection<{ version?: number }>(marksCollection);
  if ((await marks.get(mark))?.value.version === wanted) return;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: Awaited<ReturnType<typeof collection.list>> = await collection.list({
      ...(after && { after }),
      limit: 200,
    });
    await Promise.all(
      page.entries.map(({ id, version, value }) =>
        collection.update(id, version, write(id, value)).catch((error) => {
          // Whoever wrote it meanwhile wrote its keys too.
          if (!(error instanceof ConflictError)) throw error;
        }),
      ),
    );
    after = page.next;
  }
  await marks.put(mark, { version: wanted });
}
