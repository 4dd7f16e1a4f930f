/**
 * Grants that were made from another client's, by token exchange: they end with what they were made
 * from, and so does all that is issued under them.
 */
import { digest, newId } from '../../lib/ids.ts';
import type { Collection, Entry } from '../../store/store.ts';
import type { Artifact } from '../artifacts.ts';

/** An id that tells the adapter what the grant is made from. Other ids of the engine have no dot. */
export const derivedId = (origin: string): string => `${newId(256)}.${origin}`;

/** What a grant is made from, as the adapter keeps it; nothing when a person gave it. */
export const originOf = (grantId: string): { derived?: string } => {
  const [, derived] = grantId.split('.');
  return derived === undefined ? {} : { derived };
};

/** One grant as an origin. */
export const originOfGrant = digest;

/** What a client may do for an account, when a token does not say by which grant. */
export const originOfPair = (account: string | undefined, client: string | undefined): string =>
  digest(JSON.stringify([account, client]));

/** Ends a grant, what was issued under it, and the grants that were made from it, all the way down. */
export async function endGrant(
  grants: Collection<Artifact>,
  dependents: readonly Collection<unknown>[],
  { id, value }: Entry<Artifact>,
): Promise<void> {
  // The grant first: what is issued after it has gone is worth nothing.
  await grants.delete(id);
  await Promise.all(dependents.map((collection) => collection.deleteBy('grant', id)));
  for (const origin of [id, originOfPair(value.account, value.client)]) {
    for (;;) {
      const derived = await grants.find('derived', origin);
      if (derived.length === 0) break;
      for (const entry of derived) await endGrant(grants, dependents, entry);
    }
  }
}
