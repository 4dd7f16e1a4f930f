/**
 * The store for more than one machine: MongoDB, a replica set or a sharded cluster, through the
 * official driver.
 *
 * - A document's value is kept as JSON text, so that no key or operator in it means anything to the
 *   database; beside it stand its version, its times and the keys it is found by.
 * - Every write is of one document and atomic by itself, acknowledged by a majority's journal; no
 *   transactions. Reads are from the primary with majority concern: they see what was acknowledged,
 *   and nothing that a failover could undo.
 * - Time is the calling machine's: keep clocks in step. The TTL index only tidies up.
 * - A collection without unique indexes can be sharded by `_id`; the others are small.
 */
import { checkSpecs, onceSpec } from './document.ts';
import { openChanges, STALENESS } from './mongodb-changes.ts';
import { connect } from './mongodb-client.ts';
import { createCollection, type Perform } from './mongodb-collection.ts';
import type { Stored } from './mongodb-document.ts';
import { asUnavailable } from './mongodb-error.ts';
import { onceIn } from './once.ts';
import { type CollectionSpec, type Store, UnavailableError } from './store.ts';

/**
 * Opens the database of a connection string (`clientele` when it names none) and its indexes.
 * @throws {OpenError}
 */
export async function openMongodb(url: string, specs: readonly CollectionSpec[]): Promise<Store> {
  checkSpecs(specs);
  const names = new Set([onceSpec, ...specs].map(({ name }) => name));
  const { client, db, streams } = await connect(url, [onceSpec, ...specs]);
  const changes = openChanges(db, streams);
  const pending = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  const perform: Perform = async (operation) => {
    if (closed) throw new UnavailableError();
    const result = operation();
    pending.add(result);
    try {
      return await result;
    } catch (error) {
      throw asUnavailable(error);
    } finally {
      pending.delete(result);
    }
  };

  const shut = async (): Promise<void> => {
    await Promise.allSettled([changes.stop(), ...pending]);
    await client.close();
  };

  const collection: Store['collection'] = (spec) => {
    if (!names.has(spec.name)) {
      throw new TypeError(`The store was opened without a collection ${spec.name}`);
    }
    const changed = (id: string | undefined) => changes.tell(spec.name, id);
    return createCollection(spec, db.collection<Stored>(spec.name), perform, changed);
  };

  return {
    kind: 'mongodb',
    collection,
    once: onceIn(collection(onceSpec)),
    watch: changes.watch,
    staleness: STALENESS,
    renew() {},
    ping: () => perform(async () => void (await db.command({ ping: 1 }))),
    close: () => (closed ??= shut()),
  };
}
