/**
 * Accounts: the people who sign in. `account.ts` says what one is, `passwords.ts` how they are
 * verified; this file keeps them in the store.
 */
import type { Config } from '../config/schema.ts';
import { newId } from '../lib/ids.ts';
import { Problem, type Violation } from '../lib/problem.ts';
import { schemaViolations } from '../lib/schema-violations.ts';
import { epoch } from '../lib/time.ts';
import { wordings } from '../lib/wording.ts';
import { rekey } from '../store/rekey.ts';
import {
  type CollectionSpec,
  ConflictError,
  DuplicateError,
  type Entry,
  type Page,
  type Store,
} from '../store/store.ts';
import { type Account, AccountInput, emailKey } from './account.ts';
import type { Passwords } from './passwords.ts';
import { conditionsOf, type StoredAccount, TERMS_VERSION, withTerms } from './search.ts';

export const accountsCollection: CollectionSpec = {
  name: 'accounts',
  indexes: { email_key: 'unique', terms: 'many' },
};

export interface Accounts {
  find(id: string): Promise<Account | undefined>;
  get(id: string): Promise<Entry<Account>>;
  /** By e-mail; with `q`, those with these beginnings of words of the e-mail or a name. */
  list(options: { q?: string; after?: string; limit?: number }): Promise<Page<Account>>;
  create(input: unknown): Promise<Entry<Account>>;
  /** Replaces everything but the password, which changes only when the input has one. */
  replace(id: string, input: unknown, version?: number): Promise<Entry<Account>>;
  delete(id: string): Promise<void>;
  /** The id of the account with this e-mail, in whatever case it is written. */
  idOf(email: string): Promise<string | undefined>;
  /** The id of the account whose e-mail and password these are; the same answer and time for every failure. */
  authenticate(email: string, password: string): Promise<string | undefined>;
  /** Brings accounts that an earlier version stored to what they are found by now. */
  prepare(): Promise<void>;
}

/** What is said of accounts beyond what their schema says. */
export const accountWordings = wordings({
  too_short: { detail: 'at least {least} characters' },
});

const refuse = (errors: Violation[]): never => {
  throw new Problem('invalid', 'The account breaks rules; each is listed.', { errors });
};

export function createAccounts(
  store: Store,
  passwords: Passwords,
  options: Config['passwords'],
): Accounts {
  const collection = store.collection<StoredAccount>(accountsCollection);

  const missing = (id: string): never => {
    throw new Problem('not_found', `There is no account ${JSON.stringify(id)}.`);
  };
  const get = async (id: string) => (await collection.get(id)) ?? missing(id);

  /** The stored form of an input; `before` is what it replaces. */
  async function toAccount(input: unknown, before?: Account): Promise<StoredAccount> {
    const parsed = AccountInput.safeParse(input);
    if (!parsed.success) {
      return refuse(schemaViolations(parsed.error.issues));
    }
    const { email, email_verified, password, roles, disabled, ...claims } = parsed.data;
    if (password !== undefined && [...password].length < options.min_length) {
      refuse([
        {
          pointer: '/password',
          rule: 'password-length',
          ...accountWordings.too_short({ least: options.min_length }),
        },
      ]);
    }
    const password_hash =
      password === undefined ? before?.password_hash : await passwords.hash(password);
    const now = epoch();
    return withTerms({
      email,
      email_key: emailKey(email),
      email_verified,
      ...(password_hash && { password_hash }),
      claims,
      roles,
      disabled,
      created: before?.created ?? now,
      updated: now,
    });
  }

  /** Turns what the store refuses into what the caller can mend. */
  const written = async <T>(write: Promise<T>): Promise<T> => {
    try {
      return await write;
    } catch (error) {
      if (error instanceof DuplicateError) {
        throw new Problem('conflict', 'There is an account with this e-mail already.');
      }
      if (error instanceof ConflictError) {
        throw new Problem(
          'precondition_failed',
          'The account was changed by someone else; read it again.',
        );
      }
      throw error;
    }
  };

  return {
    get,
    idOf: async (email) => (await collection.find('email_key', emailKey(email), 1))[0]?.id,
    find: async (id) => (await collection.get(id))?.value,
    list: ({ q = '', ...page }) =>
      collection.query({ where: conditionsOf(q), order: { by: 'email_key' }, ...page }),
    create: async (input) => written(collection.insert(newId(), await toAccount(input))),

    async replace(id, input, version) {
      const before = await get(id);
      const account = await toAccount(input, before.value);
      return written(collection.update(id, version ?? before.version, account));
    },

    async delete(id) {
      if (!(await collection.delete(id))) missing(id);
    },

    async authenticate(email, password) {
      const [entry] = await collection.find('email_key', emailKey(email), 1);
      const usable = entry?.value.disabled ? undefined : entry?.value.password_hash;
      if (!(await passwords.verify(usable, password)) || !entry || !usable) return undefined;
      if (passwords.outdated(usable)) {
        const password_hash = await passwords.hash(password);
        // Lost to a concurrent change: that one counts, and the next login renews the hash.
        await collection
          .update(entry.id, entry.version, { ...entry.value, password_hash })
          .catch((error) => {
            if (!(error instanceof ConflictError)) throw error;
          });
      }
      return entry.id;
    },

    prepare: () =>
      rekey(store, collection, {
        mark: 'account-terms',
        version: TERMS_VERSION,
        write: (_id, account) => withTerms(account),
      }),
  };
}
