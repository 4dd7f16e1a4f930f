/**
 * What every store must do, whoever implements it: `src/store/store.ts` in examples. A store's own
 * test is a few lines that call this, and the tests of what only it can get wrong.
 */
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Store } from '../src/store/store.ts';
import { documents } from './store/documents.ts';
import { expiry } from './store/expiry.ts';
import { ids } from './store/ids.ts';
import { indexes } from './store/indexes.ts';
import { lists } from './store/lists.ts';
import { processes } from './store/processes.ts';
import { queries } from './store/queries.ts';
import { queryPages } from './store/query-pages.ts';
import { races } from './store/races.ts';
import type { Subject } from './store/subject.ts';
import { things } from './store/subject.ts';
import { watching } from './store/watching.ts';

const topics = { documents, ids, expiry, indexes, lists, queries, queryPages, races, watching };

/**
 * Registers the whole suite.
 * @param name of the store, with which every test's name begins
 * @param open opens the store under test; called again, the same data
 * @param shared its URL for other processes, or the reason why there can be none
 */
export function storeContract(
  name: string,
  open: () => Promise<Store>,
  shared: (() => string) | { readonly none: string },
): void {
  describe(`${name} store`, () => {
    let store: Store;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());

    const subject: Subject = {
      store: () => store,
      things: () => store.collection(things),
      open,
    };
    for (const [topic, register] of Object.entries(topics)) {
      describe(topic, () => register(subject));
    }
    describe('processes', () => {
      if (typeof shared === 'function') processes(subject, shared);
      else test.skip(`two processes on one store: ${shared.none}`, () => {});
    });
  });
}
