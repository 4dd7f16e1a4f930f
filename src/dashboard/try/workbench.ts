import { digest } from '../../lib/ids.ts';
import type { Loopback } from '../../lib/loopback.ts';
import type { Vault } from '../../lib/seal.ts';
import type { DeviceApprover } from '../../oidc/device-approver.ts';
import type { Store } from '../../store/store.ts';
import { KEPT, STEPS, type Try, triesCollection } from './try.ts';

/** The tries of a session of the dashboard. */
export interface Tries {
  find(client: string): Promise<Try | undefined>;
  keep(attempt: Try): Promise<void>;
  end(client: string): Promise<void>;
}

/** What a try needs beyond the API: a memory, and the server as any client sees it. */
export interface Workbench extends Tries {
  issuer: string;
  /** The issuer's path. */
  base: string;
  send: Loopback;
  approver: DeviceApprover;
}

/** @returns the tries of the session with this id */
export function createTries(store: Store, vault: Vault): (session: string) => Tries {
  const collection = store.collection<{ sealed: string }>(triesCollection);
  const context = (id: string) => `${triesCollection.name}:${id}`;
  return (session) => {
    const idOf = (client: string) => digest(`try ${session} ${client}`);
    return {
      async find(client) {
        const id = idOf(client);
        const entry = await collection.get(id);
        return entry && JSON.parse(vault.open(entry.value.sealed, context(id)));
      },
      async keep(attempt) {
        const id = idOf(attempt.client);
        const steps = attempt.steps.slice(-STEPS);
        const sealed = vault.seal(JSON.stringify({ ...attempt, steps }), context(id));
        await collection.put(id, { sealed }, { ttl: KEPT });
      },
      async end(client) {
        await collection.delete(idOf(client));
      },
    };
  };
}
