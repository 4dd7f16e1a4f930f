import type { Config } from '../config/schema.ts';
import { epoch } from '../lib/time.ts';
import { ConflictError, type Entry, type Store } from '../store/store.ts';
import { type Account, emailKey } from './account.ts';
import { accountsCollection } from './accounts.ts';
import { MAX_PASSWORD, type Passwords } from './passwords.ts';
import type { Ticket } from './tickets.ts';

/** Why a password may not be set. */
export type PasswordFlaw = 'missing' | 'too_short' | 'too_long';

/** What somebody may do with an account because they read the mail that is sent to its address. */
export interface Recovery {
  /** The account with an address, unless it is disabled. */
  find(email: string): Promise<Entry<Account> | undefined>;
  /** What is wrong with a new password, if anything. */
  flawOf(password: string): PasswordFlaw | undefined;
  /** Sets the password; the address is verified by that too. False when the account has changed. */
  setPassword(ticket: Ticket, password: string): Promise<boolean>;
  /** Notes that the address is verified. False when it is not the account's any more. */
  verify(ticket: Ticket): Promise<boolean>;
}

/** Another write of the same account may come in between; more than a few are no coincidence. */
const TRIES = 5;

export function createRecovery(
  store: Store,
  passwords: Passwords,
  options: Config['passwords'],
): Recovery {
  const collection = store.collection<Account>(accountsCollection);

  /** Changes the account that a ticket was sent for, while its address is still the ticket's. */
  async function change(
    { account: id, email }: Ticket,
    changes: Partial<Account>,
  ): Promise<boolean> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const entry = await collection.get(id);
      if (!entry || entry.value.disabled || entry.value.email_key !== emailKey(email)) return false;
      const changed = { ...entry.value, ...changes, updated: epoch() };
      const written = await collection.update(id, entry.version, changed).then(
        () => true,
        (error) => {
          if (error instanceof ConflictError) return false;
          throw error;
        },
      );
      if (written) return true;
    }
    throw new ConflictError(collection.name);
  }

  return {
    async find(email) {
      const [entry] = await collection.find('email_key', emailKey(email), 1);
      return entry?.value.disabled ? undefined : entry;
    },
    flawOf(password) {
      if (password === '') return 'missing';
      if (password.length > MAX_PASSWORD) return 'too_long';
      return [...password].length < options.min_length ? 'too_short' : undefined;
    },
    setPassword: async (ticket, password) =>
      change(ticket, {
        password_hash: await passwords.hash(password),
        email_verified: true,
      }),
    verify: (ticket) => change(ticket, { email_verified: true }),
  };
}
