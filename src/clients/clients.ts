/**
 * Clients: what an application is and may do. `metadata.ts` declares the properties, `types/` and
 * `profiles.ts` what they begin with and are held to, `rules/` what must hold between them,
 * `validate.ts` is the gate, `secrets.ts` the credentials; this file keeps them in the store.
 * Whoever writes a client passes through here: REST, files, registration.
 */
import type { Actor } from '../audit/audit.ts';
import { newId } from '../lib/ids.ts';
import { Problem } from '../lib/problem.ts';
import { epoch } from '../lib/time.ts';
import { cached } from '../store/cached.ts';
import { DuplicateError, type Entry, type Page } from '../store/store.ts';
import { auditView } from './audit-view.ts';
import { checkClientId, replaceMetadata } from './checks.ts';
import {
  type Client,
  clientsCollection,
  type Origin,
  type Registration,
  type StoredClient,
  withKeys,
} from './client.ts';
import { convertType } from './convert.ts';
import { ensureKeys } from './ensure-keys.ts';
import { type ClientSearch, toQuery } from './search.ts';
import { secretOperations } from './secret-operations.ts';
import type { ClientSecret } from './secrets.ts';
import type { ClientValidator } from './validate.ts';
import { type ClientsParts, createWriter, stale, type Written } from './writer.ts';

export interface NewClient {
  actor: Actor;
  /** Generated when absent. */
  clientId?: string;
  /** Generated when absent and needed. */
  secret?: string;
  origin?: Omit<Origin, 'via'>;
  registration?: Registration;
}

export interface Clients {
  readonly validator: ClientValidator;
  /** Asks the protocol engine, as every write does. @throws {Problem} `invalid` */
  accepts(clientId: string, client: Client): Promise<void>;
  /** Through the cache; what flows use. */
  find(clientId: string): Promise<Client | undefined>;
  get(clientId: string): Promise<Entry<Client>>;
  list(search: ClientSearch): Promise<Page<Client>>;
  create(input: unknown, options: NewClient): Promise<Written>;
  /** Replaces the metadata; the type stays. @param version the one that the caller has seen */
  replace(clientId: string, input: unknown, actor: Actor, version?: number): Promise<Written>;
  /** Makes it another type, with `changes` (a merge patch) where that needs more than a program knows. */
  convert(
    clientId: string,
    type: string,
    changes: unknown,
    actor: Actor,
    version?: number,
  ): Promise<Written>;
  /** Replaces what only a registered client has, with or without its metadata. */
  register(
    clientId: string,
    input: unknown,
    registration: Registration,
    actor: Actor,
    version: number,
  ): Promise<Written>;
  addSecret(
    clientId: string,
    options: { name?: string; expires?: number; retire?: number },
    actor: Actor,
    version?: number,
  ): Promise<Written & { stored: ClientSecret }>;
  removeSecret(clientId: string, secretId: string, actor: Actor, version?: number): Promise<void>;
  /** @param version the one that the caller has seen */
  delete(clientId: string, actor: Actor, version?: number): Promise<void>;
  /** Makes sure that a client exists and that `secret` is one of its secrets. */
  ensure(clientId: string, input: unknown, secret: string): Promise<void>;
  /** Brings clients that an earlier version stored to what they are found by now. */
  prepare(): Promise<void>;
  close(): void;
}

export function createClients(parts: ClientsParts): Clients {
  const { store, vault, audit, validator, accepts } = parts;
  const collection = store.collection<StoredClient>(clientsCollection);
  const cache = cached<StoredClient>(store, clientsCollection, 10_000);
  const writer = createWriter(parts, collection, cache);
  const { get, missing, withSecrets, change } = writer;
  const { own, addSecret, removeSecret } = secretOperations(vault, writer);

  const clients: Clients = {
    validator,
    accepts,
    get,
    find: async (clientId) => (await cache.get(clientId))?.value,
    list: (search) => collection.query(toQuery(search)),

    async create(input, { actor, clientId = newId(), secret: plain, origin, registration }) {
      checkClientId(clientId);
      const now = epoch();
      const metadata = validator.check(input);
      const bare: Client = {
        metadata,
        secrets: [],
        origin: { via: actor.via, ...origin },
        created: now,
        updated: now,
        ...(registration && { registration }),
      };
      const { client, secret } = withSecrets(clientId, bare, plain);
      await accepts(clientId, client);
      const told = { actor, action: 'client.create' as const, target: `client:${clientId}` };
      try {
        const entry = await audit.record({ ...told, after: auditView(client) }, () =>
          collection.insert(clientId, withKeys(clientId, client)),
        );
        return { entry, ...(secret && { secret }) };
      } catch (error) {
        if (!(error instanceof DuplicateError)) throw error;
        throw new Problem('conflict', `There is a client ${JSON.stringify(clientId)} already.`);
      }
    },

    replace: (clientId, input, actor, version) =>
      change(clientId, actor, 'client.update', version, (before) =>
        withSecrets(clientId, {
          ...before,
          metadata: replaceMetadata(validator, before.metadata, input),
        }),
      ),

    convert: (clientId, type, changes, actor, version) =>
      change(clientId, actor, 'client.convert', version, (before) =>
        withSecrets(clientId, {
          ...before,
          metadata: convertType(validator, before.metadata, type, changes),
        }),
      ),

    register: (clientId, input, registration, actor, version) =>
      change(clientId, actor, 'client.update', version, (before) =>
        withSecrets(clientId, {
          ...before,
          registration,
          metadata: input === undefined ? before.metadata : validator.check(input, before.metadata),
        }),
      ),

    addSecret,
    removeSecret,

    async delete(clientId, actor, version) {
      const before = await get(clientId);
      if (version !== undefined && version !== before.version) throw stale();
      const told = { actor, action: 'client.delete' as const, target: `client:${clientId}` };
      await audit.record({ ...told, before: auditView(before.value) }, async () => {
        if (!(await collection.delete(clientId))) missing(clientId);
      });
      cache.forget(clientId);
    },

    async ensure(clientId, input, plain) {
      try {
        if (await collection.get(clientId)) await own(clientId, plain);
        else await clients.create(input, { actor: { via: 'server' }, clientId, secret: plain });
      } catch (error) {
        // Another process that starts at the same time was first: what it wrote is looked at anew.
        const lost =
          error instanceof Problem && ['conflict', 'precondition_failed'].includes(error.code);
        if (!lost) throw error;
        await clients.ensure(clientId, input, plain);
      }
    },

    prepare: () => ensureKeys(store, collection),
    close: () => cache.close(),
  };
  return clients;
}

export type { Client } from './client.ts';
export type { ClientsParts, Written } from './writer.ts';
