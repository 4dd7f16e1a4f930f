import type { AdapterPayload } from 'oidc-provider';
import { digest } from '../lib/ids.ts';
import type { Vault } from '../lib/seal.ts';
import type { Condition, Entry, Page, Store } from '../store/store.ts';
import {
  type Artifact,
  grantableCollections,
  grantsCollection,
  interactionsCollection,
  sessionsCollection,
} from './artifacts.ts';
import { grantEnder } from './end-grants.ts';
import { endGrant } from './grants/derived.ts';
import { contextOf } from './open-sealed.ts';

/** Somebody who is signed in at one browser. Which browser, and where it is, is not kept. */
export interface SignedIn {
  /** Of the document; the browser's cookie does not follow from it. */
  id: string;
  accountId: string;
  /** Seconds since the epoch. */
  signedIn: number;
  /** When the session was last used, seconds since the epoch. */
  seen: number;
  /** Seconds since the epoch. */
  expires?: number;
  acr?: string;
  amr?: string[];
  clients: string[];
}

export interface SessionQuery {
  /** An account's id. */
  account?: string;
  client?: string;
  after?: string;
  limit?: number;
}

/** Who is signed in, and how that ends. */
export interface Sessions {
  /**
   * Those who signed in last come first. A session that an earlier version of this program wrote is
   * among them from its next use on.
   */
  list(query: SessionQuery): Promise<{ sessions: SignedIn[]; next?: string }>;
  find(id: string): Promise<SignedIn | undefined>;
  /**
   * Ends a session, and revokes every grant that was given or used in it, with the codes, access
   * tokens and refresh tokens under it. Applications notice at their next request. False when there
   * was none.
   */
  end(id: string): Promise<boolean>;
  /**
   * Ends every session of an account, and every sign-in that has its password but was not resumed
   * yet, and revokes every grant, with the codes, access tokens and refresh tokens under it.
   * Applications notice at their next request.
   */
  endAll(accountId: string): Promise<void>;
}

export function createSessions(store: Store, vault: Vault): Sessions {
  const sessions = store.collection<Artifact>(sessionsCollection);
  const interactions = store.collection<unknown>(interactionsCollection);
  const grants = store.collection<Artifact>(grantsCollection);
  const dependents = grantableCollections.map((spec) => store.collection<unknown>(spec));
  const endGrants = grantEnder(store);

  const open = ({ id, value }: Entry<Artifact>): AdapterPayload =>
    JSON.parse(vault.open(value.sealed, contextOf(sessionsCollection, id)));

  function show(entry: Entry<Artifact>): SignedIn {
    const { id, value, expires } = entry;
    const { accountId = '', loginTs = 0, acr, amr, authorizations = {} } = open(entry);
    return {
      id,
      accountId,
      signedIn: loginTs,
      seen: value.seen ?? loginTs,
      ...(expires !== undefined && { expires: Math.floor(expires / 1000) }),
      ...(acr !== undefined && { acr }),
      ...(amr !== undefined && { amr }),
      clients: Object.keys(authorizations),
    };
  }

  /** The session with this id, if somebody is signed in in it. */
  async function entryOf(id: string): Promise<Entry<Artifact> | undefined> {
    const entry = await sessions.get(id);
    return entry?.value.account === undefined ? undefined : entry;
  }

  return {
    async list({ account, client, ...page }) {
      const where: Condition[] = [
        ...(account === undefined ? [] : [{ index: 'account', is: account }]),
        ...(client === undefined ? [] : [{ index: 'clients', is: client }]),
      ];
      const order = { by: 'since', descending: true };
      const { entries, next }: Page<Artifact> = await sessions.query({ where, order, ...page });
      return { sessions: entries.map(show), ...(next !== undefined && { next }) };
    },

    async find(id) {
      const entry = await entryOf(id);
      return entry && show(entry);
    },

    async end(id) {
      const entry = await entryOf(id);
      if (!entry) return false;
      const given = Object.values(open(entry).authorizations ?? {});
      // The session first: it makes grants.
      await sessions.delete(id);
      for (const { grantId } of given) {
        const grant = grantId === undefined ? undefined : await grants.get(digest(grantId));
        if (grant) await endGrant(grants, dependents, grant);
      }
      return true;
    },

    async endAll(accountId) {
      // In this order: an interaction makes a session, and a session makes grants.
      for (const collection of [interactions, sessions]) {
        await collection.deleteBy('account', accountId);
      }
      await endGrants('account', accountId);
    },
  };
}
