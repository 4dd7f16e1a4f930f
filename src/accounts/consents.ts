/**
 * What people have allowed third-party clients, remembered beyond the session in which they did. An
 * engine's grant ends with its session; the next one begins with what is kept here. It grows by what
 * is chosen, and ends when it is revoked or was not looked at for long.
 */
import { epoch } from '../lib/time.ts';
import type { CollectionSpec, Entry, Store } from '../store/store.ts';

/** A decision about one scope, of this server or of a resource, or about one claim of the account. */
export type Decision = { granted: boolean } & (
  | { scope: string; resource?: string; claim?: never }
  | { claim: string; scope?: never; resource?: never }
);

/** What a person allowed in authorization details (RFC 9396). */
export interface AllowedDetail {
  detail: { type: string } & Record<string, unknown>;
  /** The resources that it is for. */
  resources: string[];
}

export interface Consent {
  account: string;
  client: string;
  /** In the order in which they were made. */
  decisions: Decision[];
  /** In the order in which they were last allowed; absent when there were none. */
  details?: AllowedDetail[];
  /** Seconds since the epoch. */
  created: number;
  updated: number;
}

export const consentsCollection: CollectionSpec = {
  name: 'consents',
  indexes: { account: 'plain', client: 'plain' },
};

export interface Consents {
  find(account: string, client: string): Promise<Consent | undefined>;
  /** Adds decisions; about the same scope, claim or detail the later one counts. */
  remember(
    account: string,
    client: string,
    decisions: readonly Decision[],
    details?: readonly AllowedDetail[],
  ): Promise<void>;
  ofAccount(account: string): Promise<readonly Entry<Consent>[]>;
  /** True when there was one. */
  forget(account: string, client: string): Promise<boolean>;
}

/** Neither part holds a space. */
const idOf = (account: string, client: string) => `${account} ${client}`;

const about = ({ claim, scope, resource = '' }: Decision) =>
  JSON.stringify(claim === undefined ? [resource, scope] : { claim });

/** More than a person has ever decided about one client. */
const MOST = 500;
const MOST_DETAILS = 50;

/** The old ones and the new, each once and where it was last. */
function laterOf<T>(before: readonly T[], after: readonly T[], about: (one: T) => string): T[] {
  const all = new Map(before.map((one) => [about(one), one]));
  for (const one of after) {
    all.delete(about(one));
    all.set(about(one), one);
  }
  return [...all.values()];
}

/** @param keep seconds that a consent is remembered after it was last given */
export function createConsents(store: Store, keep: number): Consents {
  const collection = store.collection<Consent>(consentsCollection);

  return {
    find: async (account, client) => (await collection.get(idOf(account, client)))?.value,

    async remember(account, client, decisions, details = []) {
      const id = idOf(account, client);
      const before = (await collection.get(id))?.value;
      const allowed = laterOf(before?.details ?? [], details, (one) => JSON.stringify(one));
      const now = epoch();
      // Two pages answered at once: the later answer counts, as it does on one page.
      await collection.put(
        id,
        {
          account,
          client,
          decisions: laterOf(before?.decisions ?? [], decisions, about).slice(-MOST),
          ...(allowed.length > 0 && { details: allowed.slice(-MOST_DETAILS) }),
          created: before?.created ?? now,
          updated: now,
        },
        { ttl: keep },
      );
    },

    ofAccount: (account) => collection.find('account', account),
    forget: (account, client) => collection.delete(idOf(account, client)),
  };
}
