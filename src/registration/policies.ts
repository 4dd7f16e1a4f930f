import type { Actor, Audit } from '../audit/audit.ts';
import { Problem } from '../lib/problem.ts';
import { epoch } from '../lib/time.ts';
import {
  type CollectionSpec,
  ConflictError,
  DuplicateError,
  type Entry,
  type Page,
  type Store,
} from '../store/store.ts';
import { tokensCollection } from './initial-access-tokens.ts';
import { type RegistrationPolicy, readPolicy } from './policy.ts';

/** By name. */
export const policiesCollection: CollectionSpec = { name: 'registration_policies' };

export type NamedPolicy = RegistrationPolicy & { created: number; updated: number };

export interface Policies {
  list(options: { after?: string; limit?: number }): Promise<Page<NamedPolicy>>;
  get(name: string): Promise<Entry<NamedPolicy>>;
  /** @param input a policy and its `name` */
  create(input: unknown, actor: Actor): Promise<Entry<NamedPolicy>>;
  replace(
    name: string,
    input: unknown,
    actor: Actor,
    version?: number,
  ): Promise<Entry<NamedPolicy>>;
  /** @throws {Problem} `conflict` while an initial access token names it */
  delete(name: string, actor: Actor): Promise<void>;
}

export const POLICY_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

const split = (input: unknown): { name?: unknown; policy: unknown } => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return { policy: input };
  const { name, ...policy } = input as Record<string, unknown>;
  return { name, policy };
};

const wrongName = (detail: string) =>
  new Problem('invalid', 'The policy cannot be written so.', {
    errors: [{ pointer: '/name', rule: 'policy-name', detail }],
  });

/** @param offered the scopes of this server */
export function createPolicies(store: Store, audit: Audit, offered: ReadonlySet<string>): Policies {
  const collection = store.collection<NamedPolicy>(policiesCollection);
  const tokens = store.collection<unknown>(tokensCollection);
  const told = (actor: Actor, action: 'create' | 'update' | 'delete', name: string) => ({
    actor,
    action: `registration-policy.${action}` as const,
    target: `registration-policy:${name}`,
  });
  const get = async (name: string) => {
    const entry = await collection.get(name);
    if (entry) return entry;
    throw new Problem('not_found', `There is no registration policy ${JSON.stringify(name)}.`);
  };

  return {
    get,
    list: (options) => collection.list(options),

    async create(input, actor) {
      const { name, policy } = split(input);
      if (typeof name !== 'string' || !POLICY_NAME.test(name)) {
        throw wrongName('must be 1 to 64 lower-case letters, digits or "-"');
      }
      const now = epoch();
      const value = { ...readPolicy(policy, offered), created: now, updated: now };
      try {
        return await audit.record({ ...told(actor, 'create', name), after: value }, () =>
          collection.insert(name, value),
        );
      } catch (error) {
        if (!(error instanceof DuplicateError)) throw error;
        throw new Problem('conflict', `There is a registration policy ${name} already.`);
      }
    },

    async replace(name, input, actor, version) {
      const before = await get(name);
      const given = split(input);
      if (given.name !== undefined && given.name !== name)
        throw wrongName(`is ${name} and stays so`);
      const { created } = before.value;
      const value = { ...readPolicy(given.policy, offered), created, updated: epoch() };
      const event = { ...told(actor, 'update', name), before: before.value, after: value };
      try {
        return await audit.record(event, () =>
          collection.update(name, version ?? before.version, value),
        );
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        throw new Problem(
          'precondition_failed',
          'The policy was changed by someone else; read it again.',
        );
      }
    },

    async delete(name, actor) {
      const before = await get(name);
      if ((await tokens.find('policy', name, 1)).length > 0) {
        throw new Problem('conflict', 'Initial access tokens name this policy; delete them first.');
      }
      await audit.record({ ...told(actor, 'delete', name), before: before.value }, () =>
        collection.delete(name),
      );
    },
  };
}
