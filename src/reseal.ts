/**
 * What outlives every request, sealed anew with the newest key of SECRETS_KEY: private keys, secrets
 * of the store, and those client secrets that the server must know. Everything else that is sealed
 * ends within the times of `ttl`, and is sealed anew whenever it is written.
 */
import { clientsCollection, type StoredClient } from './clients/client.ts';
import { resealedSecrets } from './clients/secrets.ts';
import type { Vault } from './lib/seal.ts';
import { RING, type Ring, resealed } from './oidc/key-ring.ts';
import { keysCollection } from './oidc/keys.ts';
import { contexts } from './oidc/stored-secrets.ts';
import { type Collection, ConflictError, type Entry, type Store } from './store/store.ts';

/** Writes a document as long as another process is faster. @returns whether there was anything to do */
async function rewrite<T>(
  collection: Collection<T>,
  id: string,
  write: (value: T) => T | undefined,
): Promise<boolean> {
  for (;;) {
    const entry = await collection.get(id);
    const next = entry && write(entry.value);
    if (!entry || next === undefined) return false;
    try {
      await collection.update(id, entry.version, next);
      return true;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

async function* every<T>(collection: Collection<T>): AsyncGenerator<Entry<T>> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: Awaited<ReturnType<typeof collection.list>> = await collection.list({
      ...(after && { after }),
      limit: 200,
    });
    yield* page.entries;
    after = page.next;
  }
}

/**
 * Safe beside running servers that have both keys, and to be repeated.
 * @returns how many documents were sealed anew
 * @throws {SealError} when one opens with no key of SECRETS_KEY
 */
export async function reseal(store: Store, vault: Vault): Promise<number> {
  const done: boolean[] = [];
  const ring = store.collection<Ring>(keysCollection);
  done.push(
    await rewrite(ring, RING, ({ keys }) =>
      keys.every(({ sealed }) => vault.isNewest(sealed))
        ? undefined
        : { keys: keys.map((key) => resealed(key, vault)) },
    ),
  );
  const secrets = store.collection<{ sealed: string }>(keysCollection);
  for (const [name, context] of Object.entries(contexts)) {
    done.push(
      await rewrite(secrets, name, ({ sealed }) =>
        vault.isNewest(sealed)
          ? undefined
          : { sealed: vault.seal(vault.open(sealed, context), context) },
      ),
    );
  }
  const clients = store.collection<StoredClient>(clientsCollection);
  for await (const { id, value } of every(clients)) {
    if (!resealedSecrets(vault, id, value.secrets)) continue;
    done.push(
      await rewrite(clients, id, (now) => {
        const anew = resealedSecrets(vault, id, now.secrets);
        return anew && { ...now, secrets: anew };
      }),
    );
  }
  return done.filter(Boolean).length;
}
