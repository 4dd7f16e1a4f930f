/**
 * Sign-ups that wait for their e-mail to be followed. Until then there is no account: an address
 * that somebody typed in proves nothing, and must not keep its owner from it. What the link in the
 * e-mail stands for is kept as tickets are: the store has the digest of 256 random bits and, sealed,
 * what was typed in.
 */
import { digest, newId } from '../lib/ids.ts';
import type { Vault } from '../lib/seal.ts';
import type { CollectionSpec, Store } from '../store/store.ts';

export const signUpsCollection: CollectionSpec = { name: 'sign_ups' };

/** What a sign-up knows. */
export interface SignUp {
  email: string;
  name: string;
  /** The client that the person came from. */
  client?: string | undefined;
  /** The language that they were spoken to in, BCP 47. */
  locale: string;
  /** The interaction that the person goes on with afterwards. */
  interaction: string;
}

export interface SignUps {
  /** @param ttl seconds. @returns the value of the link, which is kept nowhere */
  begin(signUp: SignUp, ttl: number): Promise<string>;
  look(value: string): Promise<SignUp | undefined>;
  /** Consumes: of any number of callers exactly one gets it. */
  take(value: string): Promise<SignUp | undefined>;
}

export function createSignUps(store: Store, vault: Vault): SignUps {
  const collection = store.collection<{ sealed: string }>(signUpsCollection);
  const keyOf = (value: string) => digest(`sign-up ${value}`);
  const contextOf = (key: string) => `sign_ups:${key}`;
  const open = (key: string, { sealed }: { sealed: string }) =>
    JSON.parse(vault.open(sealed, contextOf(key))) as SignUp;

  return {
    async begin(signUp, ttl) {
      const value = newId(256);
      const key = keyOf(value);
      await collection.insert(
        key,
        { sealed: vault.seal(JSON.stringify(signUp), contextOf(key)) },
        { ttl },
      );
      return value;
    },
    async look(value) {
      const key = keyOf(value);
      const entry = await collection.get(key);
      return entry && entry.taken === undefined ? open(key, entry.value) : undefined;
    },
    async take(value) {
      const key = keyOf(value);
      const entry = await collection.take(key);
      return entry && open(key, entry.value);
    },
  };
}
