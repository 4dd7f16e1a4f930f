import { digest, newId } from '../lib/ids.ts';
import type { Vault } from '../lib/seal.ts';
import type { CollectionSpec, Store } from '../store/store.ts';
import type { Once } from './once.ts';

/** Found by account, so that they end with it. */
export const dashboardSessionsCollection: CollectionSpec = {
  name: 'dashboard_sessions',
  indexes: { account: 'plain' },
};

/** What is said once, on the next page that is shown. */
export interface Flash {
  /** A text of the languages. */
  key: string;
  parameters?: Readonly<Record<string, string>>;
  kind?: 'done' | 'warning';
}

export interface Session {
  accountId: string;
  /** What forms are bound to: it outlives a password asked for anew, in this or another tab. */
  forms: string;
  /** What the corner of the page calls the person. */
  name: string;
  accessToken: string;
  refreshToken?: string;
  idToken: string;
  /** Of the access token, seconds since the epoch. */
  expires: number;
  /** When the person last showed who they are, seconds since the epoch. */
  authTime: number;
  /** Seconds since the epoch; an idle session ends. */
  seen: number;
  flash?: Flash;
  /** Shown on its page and then gone for good. */
  once?: Once;
}

export interface Sessions {
  /** Keeps a new session. @returns its id, which only the cookie has */
  begin(session: Session): Promise<string>;
  find(id: string): Promise<Session | undefined>;
  keep(id: string, session: Session): Promise<void>;
  end(id: string): Promise<void>;
}

interface Stored {
  account: string;
  sealed: string;
}

/** @param idle seconds without a request after which a session is none */
export function createSessions(store: Store, vault: Vault, idle: number): Sessions {
  const collection = store.collection<Stored>(dashboardSessionsCollection);
  const context = (key: string) => `${dashboardSessionsCollection.name}:${key}`;
  const put = async (key: string, session: Session) => {
    const sealed = vault.seal(JSON.stringify(session), context(key));
    await collection.put(key, { account: session.accountId, sealed }, { ttl: idle });
  };

  return {
    async begin(session) {
      const id = newId(256);
      await put(digest(id), session);
      return id;
    },
    async find(id) {
      const key = digest(id);
      const entry = await collection.get(key);
      return entry && JSON.parse(vault.open(entry.value.sealed, context(key)));
    },
    keep: (id, session) => put(digest(id), session),
    async end(id) {
      await collection.delete(digest(id));
    },
  };
}
