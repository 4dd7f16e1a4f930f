/**
 * How long the store takes to answer queries, of a collection as large as it gets. The store is this
 * process's own: what is measured is the wait of one caller, with nothing else going on.
 */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { openStore } from '../src/store/open.ts';
import type { QueryOptions } from '../src/store/store.ts';
import { COUNT, fill, percentiles, withDatabase } from './filled.ts';
import { documentOf, type Listed, spec } from './store-documents.ts';

/** The times of one kind of query on one store, milliseconds. */
export interface QueryTimes {
  store: string;
  documents: number;
  query: string;
  p50: number;
  p99: number;
}

const ROUNDS = 200;

const byName = { by: 'name' };
const term = (begins: string) => ({ index: 'terms', begins });

/** In the order of the table. */
const queries: Readonly<Record<string, QueryOptions>> = {
  '50 by name': { order: byName },
  '50 by name, the last ones first': { order: { by: 'name', descending: true } },
  '50 by name, a name that begins with Z': {
    where: [{ index: 'name', begins: 'Z' }],
    order: byName,
  },
  '50 of a type, newest first': {
    where: [{ index: 'type', is: 'web' }],
    order: { by: 'created', descending: true },
  },
  'search, 1 has it, by name': { where: [term('quok')], order: byName },
  'search, 100 have it, by name': { where: [term('hero')], order: byName },
  'search, 20 % have it, by name': { where: [term('mobi')], order: byName },
  'search, 20 % have one word, 0.2 % the other': {
    where: [term('mobi'), term('team100')],
    order: byName,
  },
  'search, 1 has it, of a type': {
    where: [{ index: 'type', is: 'web' }, term('quok')],
    order: byName,
  },
  'search, 20 % have one word, 20 % the other, none both': {
    where: [term('mobi'), term('part')],
    order: byName,
  },
};

/** Fills a collection and times its queries. @param url of an empty store */
async function measure(url: string): Promise<QueryTimes[]> {
  const store = await openStore(url, [spec]);
  try {
    const collection = store.collection<Listed>(spec);
    await fill(collection, documentOf);
    const times: QueryTimes[] = [];
    const time = async (query: string, run: () => Promise<unknown>) =>
      times.push({ store: store.kind, documents: COUNT, query, ...(await timesOf(run)) });

    await time('get by id', () => collection.get(documentOf(randomInt(COUNT), COUNT).id));
    const { next } = await collection.query({ order: byName, limit: COUNT / 2 });
    const deep = { order: byName, limit: 50, after: next as string };
    await time('50 by name, from the middle on', () => collection.query(deep));
    for (const [name, options] of Object.entries(queries)) {
      await time(name, () => collection.query({ ...options, limit: 50 }));
    }
    return times;
  } finally {
    await store.close();
  }
}

async function timesOf(run: () => Promise<unknown>): Promise<{ p50: number; p99: number }> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = performance.now();
    await run();
    times.push(performance.now() - before);
  }
  return percentiles(times);
}

/**
 * Measures SQLite and, where there is one, MongoDB.
 * @param folder for the file
 * @param mongodb a server's connection string; what is filled there is a database of its own, dropped
 */
export async function measureQueries(folder: string, mongodb?: string): Promise<QueryTimes[]> {
  const times = await measure(`sqlite:${join(folder, 'queries.db')}`);
  return mongodb === undefined ? times : [...times, ...(await withDatabase(mongodb, measure))];
}
