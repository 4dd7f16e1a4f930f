/**
 * What the engine refused, and why, so that nobody has to read the log to find out. An error page
 * shows a correlation id; here it leads to the reason, the offending value, and what to do.
 *
 * Strangers can make requests fail, so the record is bounded: in what it takes per minute, of each
 * client, of all that are none together, and of everything; and in what it keeps of each. It never
 * holds a request up: what there is to write is written after the answer, and when it cannot be, it
 * is not. What came from outside is sealed (`seen.ts` has left out what is secret before).
 */

import type { Clients } from '../../clients/clients.ts';
import { newId } from '../../lib/ids.ts';
import type { Log } from '../../lib/log.ts';
import type { Vault } from '../../lib/seal.ts';
import type { Collection, CollectionSpec, Page, Store } from '../../store/store.ts';
import { createAllowance } from './allowance.ts';
import { type Reason, reasonOf } from './reason.ts';
import type { Seen } from './seen.ts';

export interface Failure extends Omit<Seen, 'params'> {
  reason: Reason;
}

interface Stored {
  sealed: string;
  /** The client's id, or `UNKNOWN`. */
  client: string;
  /** The correlation id. */
  request: string;
}

export const failuresCollection: CollectionSpec = {
  name: 'failures',
  indexes: { client: 'plain', request: 'plain' },
};

/** Begins with a space, as no client's id does. */
const UNKNOWN = ' unknown';
/** Failures kept of one client, or of all that are none. */
const KEPT = 200;
/** How many more there may be before the oldest are removed. */
const SLACK = 20;
/** Failures that may wait to be written. */
const WAITING = 200;

export interface FailuresQuery {
  client_id?: string;
  /** A correlation id. */
  id?: string;
  after?: string;
  limit?: number;
}

export interface Failures {
  /** Remembers a failure, unless there were too many. Never throws, never waits. */
  note(look: () => Seen): void;
  /** Newest first; what this process noted before is among them. */
  list(query: FailuresQuery): Promise<Page<Failure>>;
  close(): Promise<void>;
}

export interface FailuresParts {
  store: Store;
  vault: Vault;
  clients: Pick<Clients, 'find'>;
  /** `keep`: seconds; `per_minute`: of each client, and of all that are none together. */
  settings: { keep: number; per_minute: number };
  log: Log;
}

/** Ids in the order of time. */
const timedId = (at: number) => `${at.toString(36).padStart(11, '0')}-${newId(64)}`;

/** Removes the oldest of a client beyond what is kept. */
async function trim(collection: Collection<Stored>, client: string): Promise<void> {
  const where = [{ index: 'client', is: client }];
  const order = { by: 'id', descending: true };
  const { next } = await collection.query({ where, order, limit: KEPT });
  if (next === undefined) return;
  const old = await collection.query({ where, order, after: next, limit: KEPT });
  for (const { id } of old.entries) await collection.delete(id);
}

export function createFailures(parts: FailuresParts): Failures {
  const { store, vault, clients, settings, log } = parts;
  const collection = store.collection<Stored>(failuresCollection);
  const allowance = createAllowance(settings.per_minute);
  /** Written since the last time that old ones were removed. */
  const written = new Map<string, number>();
  let waiting = 0;
  let writing: Promise<void> = Promise.resolve();

  async function write(seen: Seen): Promise<void> {
    const found = seen.client_id === undefined ? undefined : await clients.find(seen.client_id);
    const client = found && seen.client_id !== undefined ? seen.client_id : UNKNOWN;
    if (!allowance.takes(client)) return;
    const id = timedId(seen.at);
    const { params: _, ...kept } = seen;
    const failure: Failure = { ...kept, reason: reasonOf({ seen, client: found }) };
    const sealed = vault.seal(JSON.stringify(failure), `failures:${id}`);
    await collection.insert(id, { sealed, client, request: seen.request }, { ttl: settings.keep });
    const count = (written.get(client) ?? SLACK) + 1;
    written.set(client, count > SLACK ? 0 : count);
    if (count > SLACK) await trim(collection, client);
  }

  const opened = (id: string, { sealed }: Stored): Failure =>
    JSON.parse(vault.open(sealed, `failures:${id}`));

  return {
    note(look) {
      if (waiting >= WAITING || !allowance.isOpen()) return;
      let seen: Seen;
      try {
        seen = look();
      } catch (error) {
        log.error({ err: error }, 'failure not read');
        return;
      }
      waiting += 1;
      writing = writing
        .then(() => write(seen))
        .catch((error) => log.error({ err: error }, 'failure not written'))
        .finally(() => {
          waiting -= 1;
        });
    },

    async list({ client_id, id, after, limit }) {
      await writing;
      const page = await collection.query({
        where: [
          ...(client_id === undefined ? [] : [{ index: 'client', is: client_id }]),
          ...(id === undefined ? [] : [{ index: 'request', is: id }]),
        ],
        order: { by: 'id', descending: true },
        ...(after !== undefined && { after }),
        ...(limit !== undefined && { limit }),
      });
      return {
        ...page,
        entries: page.entries.map((entry) => ({ ...entry, value: opened(entry.id, entry.value) })),
      };
    },

    close: () => writing,
  };
}
