import { z } from 'zod';
import type { Actor, Audit } from '../audit/audit.ts';
import { digest, newId } from '../lib/ids.ts';
import { Problem } from '../lib/problem.ts';
import { epoch } from '../lib/time.ts';
import type { CollectionSpec, Entry, Page, Store } from '../store/store.ts';
import { invalidToken } from './errors.ts';
import type { Policies } from './policies.ts';
import { RegistrationPolicy, readPolicy, violationsOf } from './policy.ts';
import { type Refund, untilWon } from './quotas.ts';

/** `policy` is indexed where it is a name. */
export const tokensCollection: CollectionSpec = {
  name: 'registration_tokens',
  indexes: { hash: 'unique', policy: 'plain' },
};

/** @source RFC 7591, section 1.2; 256 random bits, of which a digest is kept */
export interface InitialAccessToken {
  hash: string;
  /** A policy's name, or the policy itself. */
  policy: string | RegistrationPolicy;
  uses: number;
  uses_left: number;
  /** Seconds since the epoch. */
  created: number;
}

export const TokenInput = z.strictObject({
  policy: z
    .union([z.string(), RegistrationPolicy])
    .prefault({})
    .describe('The name of a registration policy, or the policy itself'),
  expires_in: z.int().min(60).max(31_536_000).default(86_400).describe('Seconds'),
  uses: z.int().min(1).max(100_000).default(1).describe('How many clients it registers'),
});

export interface InitialAccessTokens {
  list(options: { after?: string; limit?: number }): Promise<Page<InitialAccessToken>>;
  get(id: string): Promise<Entry<InitialAccessToken>>;
  /** The token itself is answered this once. */
  create(
    input: unknown,
    actor: Actor,
  ): Promise<{ entry: Entry<InitialAccessToken>; token: string }>;
  delete(id: string, actor: Actor): Promise<void>;
  /** @throws {RegistrationError} `invalid_token` when it is unknown, expired or used up */
  find(token: string): Promise<Entry<InitialAccessToken>>;
  /** One use; of any number at once no more succeed than there are. @throws {RegistrationError} `invalid_token` */
  spend(id: string): Promise<Refund>;
}

const view = ({ hash: _, ...token }: InitialAccessToken) => token;

/** @param offered the scopes of this server */
export function createInitialAccessTokens(
  store: Store,
  audit: Audit,
  policies: Policies,
  offered: ReadonlySet<string>,
): InitialAccessTokens {
  const collection = store.collection<InitialAccessToken>(tokensCollection);
  const told = (actor: Actor, action: 'create' | 'delete', id: string) => ({
    actor,
    action: `registration-token.${action}` as const,
    target: `registration-token:${id}`,
  });
  const get = async (id: string) => {
    const entry = await collection.get(id);
    if (entry) return entry;
    throw new Problem('not_found', `There is no registration token ${JSON.stringify(id)}.`);
  };

  async function policyOf(given: unknown): Promise<string | RegistrationPolicy> {
    if (typeof given !== 'string') return readPolicy(given ?? {}, offered, '/policy');
    await policies.get(given);
    return given;
  }

  return {
    get,
    list: (options) => collection.list(options),

    async create(input, actor) {
      const parsed = TokenInput.extend({ policy: z.unknown() }).safeParse(input);
      if (!parsed.success) {
        throw new Problem('invalid', 'The token cannot be made so; each mistake is listed.', {
          errors: violationsOf(parsed.error),
        });
      }
      const { policy: given, expires_in, uses } = parsed.data;
      const policy = await policyOf(given);
      const [id, token] = [newId(), newId(256)];
      const value = { hash: digest(token), policy, uses, uses_left: uses, created: epoch() };
      const event = { ...told(actor, 'create', id), after: view(value) };
      const entry = await audit.record(event, () =>
        collection.insert(id, value, { ttl: expires_in }),
      );
      return { entry, token };
    },

    async delete(id, actor) {
      const before = await get(id);
      await audit.record({ ...told(actor, 'delete', id), before: view(before.value) }, () =>
        collection.delete(id),
      );
    },

    async find(token) {
      const [entry] = await collection.find('hash', digest(token), 1);
      if (!entry || entry.value.uses_left < 1) throw invalidToken();
      return entry;
    },

    spend: (id) =>
      untilWon(async () => {
        const add = async (by: number) => {
          const entry = await collection.get(id);
          if (!entry || entry.value.uses_left + by < 0) throw invalidToken();
          const value = { ...entry.value, uses_left: entry.value.uses_left + by };
          await collection.update(id, entry.version, value);
        };
        await add(-1);
        return () => untilWon(() => add(1).catch(ifGone));
      }),
  };
}

/** A token that was deleted meanwhile needs its use no more. */
const ifGone = (error: unknown): void => {
  if ((error as { error?: string }).error !== 'invalid_token') throw error;
};
