import type { AnyBulkWriteOperation, IndexDescription, Collection as Raw } from 'mongodb';
import { keysOf } from './document.ts';
import type { Stored } from './mongodb-document.ts';
import { duplicated } from './mongodb-error.ts';
import { type CollectionSpec, OpenError } from './store.ts';

/** Documents rewritten in one go. */
const BATCH = 500;

/**
 * Brings a collection's indexes to what its spec says now. Safe to run in several processes at
 * once. A version of Clientele that does not know a new index yet writes documents without its key:
 * stop it before the new one starts.
 */
export async function prepareCollection(raw: Raw<Stored>, spec: CollectionSpec): Promise<void> {
  const wanted = indexesOf(spec);
  const present = await indexNames(raw);
  const missing = wanted.filter(({ name }) => !present.includes(name));
  const stale = present.filter(
    (name) => /_(plain|many|unique)$/.test(name) && !wanted.some((index) => index.name === name),
  );
  if (missing.some(({ name }) => name !== EXPIRES.name)) await fill(raw, spec);
  for (const index of missing) await createIndex(raw, index);
  for (const name of stale) await raw.dropIndex(name).catch(unless('IndexNotFound'));
}

type Index = IndexDescription & { name: string };

/** Deletes late, once a minute or so: readers look at the time themselves. */
const EXPIRES: Index = {
  name: 'expires',
  key: { expires: 1 },
  expireAfterSeconds: 0,
  partialFilterExpression: { expires: { $exists: true } },
};

function indexesOf({ indexes = {} }: CollectionSpec): Index[] {
  const declared = Object.entries(indexes).map(([property, kind]) => {
    const path = `index.${property}`;
    const partialFilterExpression = { [path]: { $exists: true } };
    const name = `${property}_${kind}`;
    return kind === 'unique'
      ? { name, key: { [path]: 1 }, unique: true, partialFilterExpression }
      : // With the id, so that what is found is already in order.
        { name, key: { [path]: 1, _id: 1 }, partialFilterExpression };
  });
  return [EXPIRES, ...declared];
}

async function indexNames(raw: Raw<Stored>): Promise<string[]> {
  const found = await raw.listIndexes().toArray().catch(unless('NamespaceNotFound'));
  return (found ?? []).map(({ name }) => name);
}

async function createIndex(raw: Raw<Stored>, index: Index): Promise<void> {
  try {
    await raw.createIndexes([index]);
  } catch (error) {
    const property = duplicated(error);
    if (property === undefined) throw error;
    throw new OpenError(
      `Two documents of ${raw.collectionName} have the same ${property}, which is to be unique now – change or delete one with the version of Clientele that wrote them`,
    );
  }
}

/** Writes the keys of every document anew. */
async function fill(raw: Raw<Stored>, spec: CollectionSpec): Promise<void> {
  // What has expired could hold a unique key twice.
  await raw.deleteMany({ expires: { $lte: new Date(Date.now()) } });
  const write = async (batch: AnyBulkWriteOperation<Stored>[]) => {
    if (batch.length > 0) await raw.bulkWrite(batch.splice(0), { ordered: false });
  };
  const batch: AnyBulkWriteOperation<Stored>[] = [];
  for await (const { _id, value, version } of raw.find()) {
    const index = Object.fromEntries(keysOf(spec, JSON.parse(value)));
    // Whoever has written it since has written its keys too.
    batch.push({ updateOne: { filter: { _id, version }, update: { $set: { index } } } });
    if (batch.length >= BATCH) await write(batch);
  }
  await write(batch);
}

/** Swallows the server's error of this name. */
function unless(codeName: string): (error: unknown) => undefined {
  return (error) => {
    if ((error as { codeName?: unknown }).codeName !== codeName) throw error;
  };
}
