/**
 * Tickets: what a link in an e-mail stands for. A ticket is 256 random bits that are told once, in
 * the link; the store has their digest and, sealed, what they are good for. One is worth something
 * as long as the account's address and password are those it was issued for, so that changing
 * either voids every ticket at once, without looking for them.
 */
import { digest, newId } from '../lib/ids.ts';
import type { Vault } from '../lib/seal.ts';
import type { CollectionSpec, Store } from '../store/store.ts';
import type { Account } from './account.ts';

export const ticketsCollection: CollectionSpec = { name: 'tickets' };

/**
 * `reset`, `verify` and `approve` are links. `sign-in` is no link: it remembers, by the id of an interaction,
 * whose password was right in it, until the address is verified. `account` is what a browser keeps
 * in which somebody signed in to look at their account. `signed-up` leads from a new account back to
 * the interaction that it was made in.
 */
export type Purpose = 'reset' | 'verify' | 'approve' | 'sign-in' | 'account' | 'signed-up';

/** What a ticket knows. */
export interface Ticket {
  /** The account's id. */
  account: string;
  /** Where the link was sent. */
  email: string;
  /** The client that the person came from. */
  client?: string | undefined;
  /** The language that they were spoken to in, BCP 47. */
  locale?: string | undefined;
  /** The interaction that the person goes on with afterwards. */
  interaction?: string | undefined;
  /** Of an `approve`: the back-channel request that the person decides about. */
  request?: string | undefined;
  /** Of a `sign-in`: whether this device is to be remembered. */
  remember?: boolean | undefined;
}

interface Kept extends Ticket {
  /** Digest of the address and the password hash that it was issued for. */
  stamp: string;
}

export interface Tickets {
  /**
   * @param ttl seconds
   * @param value absent: 256 random bits; what stands in for them must be as hard to guess
   * @returns the ticket's value, which is kept nowhere
   */
  issue(
    purpose: Purpose,
    account: Account,
    ticket: Ticket,
    ttl: number,
    value?: string,
  ): Promise<string>;
  /** What a ticket says, if it is good for this purpose now; it stays so. */
  look(purpose: Purpose, value: string): Promise<Ticket | undefined>;
  /** Consumes: of any number of callers exactly one gets the ticket. */
  take(purpose: Purpose, value: string): Promise<Ticket | undefined>;
  /** True for the first caller with this purpose and address within so many seconds. */
  first(purpose: Purpose, email: string, seconds: number): Promise<boolean>;
}

/** @param findAccount the account as it is now, if it may sign in */
export function createTickets(
  store: Store,
  vault: Vault,
  findAccount: (id: string) => Promise<Account | undefined>,
): Tickets {
  const collection = store.collection<{ sealed: string }>(ticketsCollection);
  const keyOf = (purpose: Purpose, value: string) => digest(`${purpose} ${value}`);
  const contextOf = (key: string) => `tickets:${key}`;
  const stampOf = ({ email_key, password_hash = '' }: Account) =>
    digest(`${email_key}\n${password_hash}`);

  async function look(purpose: Purpose, value: string): Promise<Ticket | undefined> {
    const key = keyOf(purpose, value);
    const entry = await collection.get(key);
    if (!entry || entry.taken !== undefined) return undefined;
    const { stamp, ...ticket } = JSON.parse(vault.open(entry.value.sealed, contextOf(key))) as Kept;
    const account = await findAccount(ticket.account);
    return account && stampOf(account) === stamp ? ticket : undefined;
  }

  return {
    look,
    async issue(purpose, account, ticket, ttl, value = newId(256)) {
      const key = keyOf(purpose, value);
      const kept: Kept = { ...ticket, stamp: stampOf(account) };
      // Not `put`: a taken document would stay taken.
      await collection.delete(key);
      await collection.insert(
        key,
        { sealed: vault.seal(JSON.stringify(kept), contextOf(key)) },
        { ttl },
      );
      return value;
    },
    async take(purpose, value) {
      const ticket = await look(purpose, value);
      return ticket && (await collection.take(keyOf(purpose, value))) ? ticket : undefined;
    },
    first: (purpose, email, seconds) =>
      store.once(`mail:${purpose}:${vault.blind(email, 'mail')}`, seconds),
  };
}
