import type { CollectionSpec, Store } from './store.ts';
import { OpenError } from './store.ts';

type Open = (url: string, specs: readonly CollectionSpec[]) => Promise<Store>;

/** One line a kind of store; loaded when it is asked for, so that nobody pays for a driver unused. */
const kinds: Readonly<Record<string, () => Promise<Open>>> = {
  'sqlite:': async () => (await import('./sqlite.ts')).openSqlite,
  'mongodb:': async () => (await import('./mongodb.ts')).openMongodb,
  'mongodb+srv:': async () => (await import('./mongodb.ts')).openMongodb,
  'memory:': async () => (await import('./memory.ts')).openMemory,
};

/**
 * Opens the store behind a URL and readies its collections.
 * @param url `sqlite:PATH`, `mongodb://…`, `mongodb+srv://…` or `memory:`
 * @throws {OpenError} with one sentence and its remedy
 */
export async function openStore(url: string, specs: readonly CollectionSpec[]): Promise<Store> {
  const scheme = `${url.split(':', 1)[0]}:`;
  const kind = Object.hasOwn(kinds, scheme) ? kinds[scheme] : undefined;
  if (!kind) {
    throw new OpenError(
      `No store speaks ${scheme} – STORE_URL begins with one of ${Object.keys(kinds).join(', ')}`,
    );
  }
  return (await kind())(url, specs);
}
