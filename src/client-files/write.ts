import type { Actor, Audit } from '../audit/audit.ts';
import { auditView } from '../clients/audit-view.ts';
import { clientsCollection, type StoredClient, withKeys } from '../clients/client.ts';
import { ConflictError, DuplicateError, type Store } from '../store/store.ts';
import type { Step } from './plan.ts';

const actor: Actor = { via: 'file' };

/** The shortest life that every store knows: a millisecond, in seconds. */
const SHORTEST = 0.001;

const actions = {
  create: 'client.create',
  change: 'client.update',
  convert: 'client.convert',
  delete: 'client.delete',
} as const;

export interface WriteParts {
  store: Store;
  audit: Audit;
  /** Ends what belongs to a client that has gone: its grants and their tokens. */
  endClient(clientId: string): Promise<void>;
}

/**
 * Makes the writer of planned steps: each is one write, under the version that it was planned from,
 * with an event that tells of it. Metadata and secrets change together or not at all.
 * @returns whether it was done; false when the client was changed since it was planned
 */
export function createStepWriter({
  store,
  audit,
  endClient,
}: WriteParts): (step: Step) => Promise<boolean> {
  const collection = store.collection<StoredClient>(clientsCollection);

  const write = async (step: Exclude<Step, { kind: 'keep' }>) => {
    if (step.kind === 'create') {
      await collection.insert(step.clientId, withKeys(step.clientId, step.client));
    } else if (step.kind === 'delete') {
      // To delete under a version, the store is told that this version ends now; then it is cleared.
      const { id, version, value } = step.before;
      await collection.update(id, version, withKeys(id, value), { ttl: SHORTEST });
      await collection.delete(id);
    } else {
      const { clientId, before, client } = step;
      await collection.update(clientId, before.version, withKeys(clientId, client));
    }
  };

  return async (step) => {
    if (step.kind === 'keep') return true;
    const told = {
      actor,
      action: actions[step.kind],
      target: `client:${step.clientId}`,
      ...(step.kind !== 'create' && { before: auditView(step.before.value) }),
      ...(step.kind !== 'delete' && { after: auditView(step.client) }),
    };
    try {
      await audit.record(told, () => write(step));
      if (step.kind === 'delete') await endClient(step.clientId);
      return true;
    } catch (error) {
      if (error instanceof ConflictError || error instanceof DuplicateError) return false;
      throw error;
    }
  };
}
