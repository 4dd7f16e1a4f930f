/**
 * Which back-channel requests wait for whom, beside the engine, which knows a request by its id alone.
 * A request can be come upon in several ways, by an e-mail and in a list; whoever takes it decides.
 */
import { digest } from '../lib/ids.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import type { CollectionSpec, Store } from '../store/store.ts';
import type { ApprovalNotice, Notify } from './ciba.ts';

export const pendingApprovalsCollection: CollectionSpec = {
  name: 'pending_approvals',
  indexes: { account: 'plain' },
};

/** A request that waits, as far as the person who is asked may know it. */
export interface PendingApproval {
  /** Names it in addresses: whoever has it has nothing. */
  key: string;
  /** Names it to `Approvals`; a secret of its client. */
  id: string;
  accountId: string;
  /** When it expires, seconds since the epoch. */
  expires: number;
}

export interface PendingApprovals {
  note(notice: ApprovalNotice): Promise<void>;
  /** Those that nobody has taken, the first to expire first. */
  of(accountId: string): Promise<PendingApproval[]>;
  /** Undefined when it is taken or has expired, or waits for somebody else. */
  look(accountId: string, key: string): Promise<PendingApproval | undefined>;
  /** True for exactly one caller of any number. @param id of the request */
  take(id: string): Promise<boolean>;
}

const keyOf = (id: string) => digest(`approval ${id}`);
const contextOf = (key: string) => `pending_approvals:${key}`;

export function createPendingApprovals(store: Store, vault: Vault): PendingApprovals {
  const collection = store.collection<{ account: string; sealed: string }>(
    pendingApprovalsCollection,
  );
  type Kept = NonNullable<Awaited<ReturnType<typeof collection.get>>>;
  const open = ({ id: key, value: { sealed } }: Kept): PendingApproval => ({
    key,
    ...JSON.parse(vault.open(sealed, contextOf(key))),
  });

  return {
    async note({ id, accountId, expiresIn }) {
      const key = keyOf(id);
      const kept = JSON.stringify({ id, accountId, expires: epoch() + expiresIn });
      const value = { account: digest(accountId), sealed: vault.seal(kept, contextOf(key)) };
      await collection.insert(key, value, { ttl: expiresIn });
    },
    async of(accountId) {
      const entries = await collection.find('account', digest(accountId));
      return entries
        .filter(({ taken }) => taken === undefined)
        .map(open)
        .sort((one, other) => one.expires - other.expires);
    },
    async look(accountId, key) {
      const entry = await collection.get(key);
      if (!entry || entry.taken !== undefined) return undefined;
      const found = open(entry);
      return found.accountId === accountId ? found : undefined;
    },
    take: async (id) => (await collection.take(keyOf(id))) !== undefined,
  };
}

/** Keeps what waits before the person is told of it. */
export const listing =
  (pending: Pick<PendingApprovals, 'note'>, notify: Notify): Notify =>
  async (ctx, notice) => {
    await pending.note(notice);
    await notify(ctx, notice);
  };
