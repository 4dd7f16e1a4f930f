/**
 * Clients: what an application is and may do. `metadata.ts` declares the properties, `rules/` what
 * must hold between them, `validate.ts` is the gate, `secrets.ts` the credentials; this file keeps
 * them in the store. Whoever writes a client passes through here: REST, files, registration.
 */
import { newId } from '../lib/ids.ts';
import { Problem } from '../lib/problem.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import { cached } from '../store/cached.ts';
import {
  type CollectionSpec,
  ConflictError,
  DuplicateError,
  type Entry,
  type Store,
} from '../store/store.ts';
import type { ClientMetadata } from './metadata.ts';
import {
  type ClientSecret,
  makeSecret,
  matchesSecret,
  needsSecret,
  secretsFor,
} from './secrets.ts';
import { validateClient } from './validate.ts';

export const clientsCollection: CollectionSpec = { name: 'clients' };

/** A client as it is stored. */
export interface Client {
  metadata: ClientMetadata;
  secrets: ClientSecret[];
  /** Seconds since the epoch. */
  created: number;
  updated: number;
}

/** A written client and, when one was made, the secret that is shown this once. */
export interface Written {
  entry: Entry<Client>;
  secret?: string;
}

export interface Clients {
  /** Through the cache; what flows use. */
  find(clientId: string): Promise<Client | undefined>;
  get(clientId: string): Promise<Entry<Client>>;
  list(options: {
    after?: string;
    limit?: number;
  }): ReturnType<ReturnType<typeof collectionOf>['list']>;
  /** @param clientId generated when absent; @param secret generated when absent and needed */
  create(input: unknown, clientId?: string, secret?: string): Promise<Written>;
  /** Replaces the metadata; the type stays. @param version the one that the caller has seen */
  replace(clientId: string, input: unknown, version?: number): Promise<Written>;
  delete(clientId: string): Promise<void>;
  /** Makes sure that a client exists and that `secret` is one of its secrets. */
  ensure(clientId: string, input: unknown, secret: string): Promise<void>;
  close(): void;
}

const collectionOf = (store: Store) => store.collection<Client>(clientsCollection);

/** URL-safe, and never of a form that a client ID metadata document would have. */
const CLIENT_ID = /^[A-Za-z0-9._~-]{1,256}$/;

/** @param accepts asks the protocol engine whether it would load the client; throws when not */
export function createClients(
  store: Store,
  vault: Vault,
  accepts: (clientId: string, client: Client) => Promise<void>,
): Clients {
  const collection = collectionOf(store);
  const cache = cached<Client>(store, clientsCollection, 10_000);

  const missing = (clientId: string): never => {
    throw new Problem('not_found', `There is no client ${JSON.stringify(clientId)}.`);
  };

  const get = async (clientId: string) => (await collection.get(clientId)) ?? missing(clientId);

  /** Gives the client the secrets that its method may have, and one when it has none. */
  function withSecrets(
    clientId: string,
    client: Client,
    plain?: string,
  ): { client: Client; secret?: string } {
    const method = client.metadata.token_endpoint_auth_method;
    const secrets = secretsFor(client.secrets, method);
    if (!needsSecret(method) || secrets.length > 0) return { client: { ...client, secrets } };
    const made = makeSecret(vault, clientId, method, plain);
    return { client: { ...client, secrets: [made.stored] }, secret: made.plain };
  }

  const clients: Clients = {
    get,
    find: async (clientId) => (await cache.get(clientId))?.value,
    list: (options) => collection.list(options),

    async create(input, clientId = newId(), plain) {
      if (!CLIENT_ID.test(clientId)) {
        throw new Problem('invalid', 'The client cannot be created.', {
          errors: [
            {
              pointer: '/client_id',
              rule: 'client-id',
              detail: 'must be 1 to 256 letters, digits, ".", "_", "~" or "-"',
              fix: 'leave it out to have one generated',
            },
          ],
        });
      }
      const now = epoch();
      const metadata = validateClient(input);
      const made = withSecrets(
        clientId,
        { metadata, secrets: [], created: now, updated: now },
        plain,
      );
      await accepts(clientId, made.client);
      try {
        const entry = await collection.insert(clientId, made.client);
        return { entry, ...(made.secret && { secret: made.secret }) };
      } catch (error) {
        if (!(error instanceof DuplicateError)) throw error;
        throw new Problem('conflict', `There is a client ${JSON.stringify(clientId)} already.`);
      }
    },

    async replace(clientId, input, version) {
      const before = await get(clientId);
      if (version !== undefined && version !== before.version) {
        throw new Problem(
          'precondition_failed',
          'The client was changed by someone else; read it again.',
        );
      }
      const metadata = validateClient(input);
      if (metadata.type !== before.value.metadata.type) {
        throw new Problem('invalid', 'A client keeps its type.', {
          errors: [
            {
              pointer: '/type',
              rule: 'type-is-fixed',
              detail: `is ${before.value.metadata.type} and stays so`,
              fix: before.value.metadata.type,
            },
          ],
        });
      }
      const made = withSecrets(clientId, { ...before.value, metadata, updated: epoch() });
      await accepts(clientId, made.client);
      try {
        const entry = await collection.update(clientId, before.version, made.client);
        cache.forget(clientId);
        return { entry, ...(made.secret && { secret: made.secret }) };
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        throw new Problem(
          'precondition_failed',
          'The client was changed by someone else; read it again.',
        );
      }
    },

    async delete(clientId) {
      if (!(await collection.delete(clientId))) missing(clientId);
      cache.forget(clientId);
    },

    async ensure(clientId, input, plain) {
      const before = await collection.get(clientId);
      try {
        if (!before) {
          await clients.create(input, clientId, plain);
        } else if (!matchesSecret(before.value.secrets, plain)) {
          const method = before.value.metadata.token_endpoint_auth_method;
          const { stored } = makeSecret(vault, clientId, method, plain);
          await collection.update(clientId, before.version, { ...before.value, secrets: [stored] });
          cache.forget(clientId);
        }
      } catch (error) {
        // Another process that starts at the same time was first: what it wrote is looked at anew.
        const lost =
          error instanceof ConflictError || (error instanceof Problem && error.code === 'conflict');
        if (!lost) throw error;
        await clients.ensure(clientId, input, plain);
      }
    },
    close: () => cache.close(),
  };
  return clients;
}
