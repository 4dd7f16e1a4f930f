import type { Page, Store } from '../store/store.ts';
import { type Artifact, grantableCollections, grantsCollection } from './artifacts.ts';
import { endGrant } from './grants/derived.ts';

/** Ends grants of an account or client, with the codes, access tokens and refresh tokens under them. */
export type EndGrants = (
  index: 'account' | 'client',
  value: string,
  /** Those that are meant; absent: all. */
  only?: (grant: Artifact) => boolean,
) => Promise<number>;

/** Grants that are read at a time. */
const AT_ONCE = 500;

/** How many were ended. First stop what makes new ones, or they come after those that have gone. */
export function grantEnder(store: Store): EndGrants {
  const grants = store.collection<Artifact>(grantsCollection);
  const dependents = grantableCollections.map((spec) => store.collection<unknown>(spec));

  return async (index, value, only = () => true) => {
    let ended = 0;
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page: Page<Artifact> = await grants.query({
        where: [{ index, is: value }],
        limit: AT_ONCE,
        ...(after && { after }),
      });
      for (const grant of page.entries) {
        if (!only(grant.value)) continue;
        await endGrant(grants, dependents, grant);
        ended += 1;
      }
      after = page.next;
    }
    return ended;
  };
}
