import type { Store } from '../store/store.ts';
import { interactionsCollection, sessionsCollection } from './artifacts.ts';
import { grantEnder } from './end-grants.ts';

/** Ends what somebody who is signed in lives on. */
export interface Sessions {
  /**
   * Ends every session of an account, and every sign-in that has its password but was not resumed
   * yet, and revokes every grant, with the codes, access tokens and refresh tokens under it.
   * Applications notice at their next request.
   */
  endAll(accountId: string): Promise<void>;
}

export function createSessions(store: Store): Sessions {
  const signedIn = [interactionsCollection, sessionsCollection].map((spec) =>
    store.collection<unknown>(spec),
  );
  const endGrants = grantEnder(store);

  return {
    async endAll(accountId) {
      // In this order: an interaction makes a session, and a session makes grants.
      for (const collection of signedIn) await collection.deleteBy('account', accountId);
      await endGrants('account', accountId);
    },
  };
}
