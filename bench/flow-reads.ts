import { setTimeout as pause } from 'node:timers/promises';
import { clientsCollection } from '../src/clients/client.ts';
import type { Collection, Store } from '../src/store/store.ts';
import { startOp } from '../test/support/op.ts';
import { createHttpClient } from './client.ts';
import { operations } from './operations.ts';
import { provision } from './ours.ts';
import { createTarget } from './target.ts';

/** How often flows asked the store about clients. */
export interface FlowReads {
  store: string;
  /** Reads of the first login of a client, which shows that reads are counted. */
  first: number;
  flows: number;
  /** Reads of all these flows together. */
  reads: number;
}

/** Code flows, each an authorization request and the exchange of its code. */
const FLOWS = 200;
/** Milliseconds until a timer that is due has run. */
const SETTLED = 250;

/** Counts reads of the clients in the store of a server in this process. @param url of the store */
export async function countFlowReads(url: string): Promise<FlowReads> {
  let reads = 0;
  const counting = (store: Store): Store => ({
    ...store,
    collection<T>(spec: Parameters<Store['collection']>[0]) {
      const inner = store.collection<T>(spec);
      if (spec.name !== clientsCollection.name) return inner;
      const counted = <A extends unknown[], R>(read: (...args: A) => R) => {
        return (...args: A): R => {
          reads += 1;
          return read(...args);
        };
      };
      const { get, find, list, query } = inner;
      return {
        ...inner,
        get: counted(get),
        find: counted(find),
        list: counted(list),
        query: counted(query),
      } satisfies Collection<T>;
    },
  });

  const op = await startOp({}, { store: url, through: counting });
  const own = { name: 'ours', pid: process.pid, url: op.issuer, startup: 0 };
  const child = { ...own, errors: () => '', stop: op.close };
  try {
    const fixture = await provision(createHttpClient(op.issuer), op.issuer, op.adminClient);
    const target = await createTarget(child, fixture);
    const provisioned = reads;
    const codeFlow = operations.find(({ name }) => name === 'code flow');
    const [flow] = (await codeFlow?.prepare(target, 1)) ?? [];
    if (!flow) throw new Error('there is no code flow');
    // Until then it may still be told that the client was created, and read it once more.
    await pause(op.store.staleness + SETTLED);
    await flow();
    const warmed = reads;
    for (let n = 0; n < FLOWS; n += 1) await flow();
    return {
      store: op.store.kind,
      first: warmed - provisioned,
      flows: FLOWS,
      reads: reads - warmed,
    };
  } finally {
    await op.close();
  }
}
