/** Grants from outside the engine: whose they are, and how they end. */
import {
  type AllowedDetail,
  type Consent,
  type Consents,
  consentsCollection,
  type Decision,
} from '../accounts/consents.ts';
import type { Store } from '../store/store.ts';
import { type Artifact, grantsCollection, refreshTokens } from './artifacts.ts';
import { grantEnder } from './end-grants.ts';
import { type GrantPage, type GrantQuery, grantLister } from './grant-list.ts';

/** What one client may do for an account. */
export interface AccountGrant {
  clientId: string;
  /** What was chosen on the consent page; absent for first-party clients. */
  decisions?: Decision[];
  /** What was allowed beyond scopes; absent when nothing was. */
  details?: AllowedDetail[];
  /** Seconds since the epoch, of the choice. */
  created?: number;
  updated?: number;
  /** Grants that are alive, each of one sign-in. */
  active: number;
}

export interface Grants {
  ofAccount(accountId: string): Promise<AccountGrant[]>;
  /** Of all accounts, each account's together. */
  list(query: GrantQuery): Promise<GrantPage>;
  /** Forgets all that an account allowed, when it has gone. */
  forget(accountId: string): Promise<void>;
  /** Ends what a client may do for an account, tokens included; false when there was nothing. */
  revoke(accountId: string, clientId: string): Promise<boolean>;
  /** How many refresh tokens of a client are alive; no more than a thousand are counted. */
  countRefreshTokens(clientId: string): Promise<number>;
}

export function createGrants(store: Store, consents: Consents): Grants {
  const grants = store.collection<Artifact>(grantsCollection);
  const remembered = store.collection<Consent>(consentsCollection);
  const refresh = store.collection<Artifact>(refreshTokens);

  const endGrants = grantEnder(store);

  async function ofAccount(accountId: string): Promise<AccountGrant[]> {
    const [allowed, living] = await Promise.all([
      consents.ofAccount(accountId),
      grants.find('account', accountId),
    ]);
    const byClient = new Map<string, AccountGrant>();
    for (const { value } of allowed) {
      const { client: clientId, decisions, details, created, updated } = value;
      const beyond = details && { details };
      byClient.set(clientId, { clientId, decisions, ...beyond, created, updated, active: 0 });
    }
    for (const { value } of living) {
      const clientId = value.client ?? '';
      const known = byClient.get(clientId) ?? { clientId, active: 0 };
      byClient.set(clientId, { ...known, active: known.active + 1 });
    }
    return [...byClient.values()].sort((a, b) => (a.clientId < b.clientId ? -1 : 1));
  }

  return {
    ofAccount,
    list: grantLister([grants, remembered], ofAccount),
    async forget(accountId) {
      await remembered.deleteBy('account', accountId);
    },

    async revoke(accountId, clientId) {
      const known = await consents.forget(accountId, clientId);
      const ended = await endGrants('account', accountId, ({ client }) => client === clientId);
      return known || ended > 0;
    },

    countRefreshTokens: async (clientId) => {
      const kept = await refresh.find('client', clientId, 1000);
      // A rotated token stays for a while, to be known when it comes again.
      return kept.filter(({ taken }) => taken === undefined).length;
    },
  };
}
