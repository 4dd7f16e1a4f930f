import { epoch } from '../lib/time.ts';
import { type CollectionSpec, ConflictError, DuplicateError, type Store } from '../store/store.ts';
import { RegistrationError } from './errors.ts';
import type { RegistrationPolicy } from './policy.ts';

export const quotasCollection: CollectionSpec = { name: 'registration_quotas' };

/** Takes back what was spent, when nothing came of it. */
export type Refund = () => Promise<void>;

/** Repeats what loses a race; each time it does somebody else got on, so it ends. */
export async function untilWon<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConflictError || error instanceof DuplicateError)) throw error;
    }
  }
}

/** Counts registrations under a policy: in any window of its quota never more than that. */
export function createQuotas(store: Store) {
  const collection = store.collection<{ count: number }>(quotasCollection);

  const add = (key: string, by: number, max: number, per: number) =>
    untilWon(async () => {
      const known = await collection.get(key);
      if (!known) {
        if (by > 0) await collection.insert(key, { count: by }, { ttl: per });
        return;
      }
      const count = known.value.count + by;
      if (count > max) {
        const wait = Math.max(1, Math.ceil((known.expires ?? 0) / 1000) - epoch());
        throw new RegistrationError('temporarily_unavailable', 'the quota is used up', {
          status: 429,
          headers: { 'Retry-After': String(wait) },
        });
      }
      await collection.update(key, known.version, { count });
    });

  return {
    /** @throws {RegistrationError} when the quota is used up, with Retry-After */
    async spend(key: string, quota: RegistrationPolicy['quota']): Promise<Refund> {
      if (!quota) return async () => {};
      await add(key, 1, quota.clients, quota.per);
      return () => add(key, -1, Number.POSITIVE_INFINITY, quota.per);
    },
  };
}
export type Quotas = ReturnType<typeof createQuotas>;
