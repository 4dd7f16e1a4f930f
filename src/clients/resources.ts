/**
 * Resources: the APIs that access tokens are for (RFC 8707), and which client may ask for which of
 * their scopes. What is not listed under `access` is not allowed: nobody gets anything by default.
 */

import { digest } from '../lib/ids.ts';
import { Problem } from '../lib/problem.ts';
import { schemaViolations } from '../lib/schema-violations.ts';
import { epoch } from '../lib/time.ts';
import { cached } from '../store/cached.ts';
import {
  type CollectionSpec,
  ConflictError,
  DuplicateError,
  type Entry,
  type Page,
  type Store,
} from '../store/store.ts';
import { createDeclaredTypes, type DeclaredTypes } from './declared-types.ts';
import { refusals } from './refusals.ts';
import { type OwnResource, ownFlaws, Resource, withOwn } from './resource.ts';

export const resourcesCollection: CollectionSpec = { name: 'resources' };

export interface Resources {
  /** By identifier, through the cache; what flows use. */
  find(identifier: string): Promise<Resource | undefined>;
  get(id: string): Promise<Entry<Resource>>;
  list(options: { after?: string; limit?: number }): Promise<Page<Resource>>;
  create(input: unknown): Promise<Entry<Resource>>;
  replace(id: string, input: unknown, version?: number): Promise<Entry<Resource>>;
  delete(id: string): Promise<void>;
  /** Makes sure that the server's own resource exists, knows today's scopes, and lets `clientId` use them all. */
  ensureOwn(clientId?: string): Promise<void>;
  /** The types of authorization details that they declare. */
  types: DeclaredTypes;
  close(): void;
}

/** An identifier is a URL and awkward in an address: a resource's id is a digest of it. */
const idOf = (value: string) => digest(value).slice(0, 22);

export function createResources(store: Store, own: OwnResource): Resources {
  const collection = store.collection<Resource>(resourcesCollection);
  const cache = cached<Resource>(store, resourcesCollection, 1000);
  const types = createDeclaredTypes(store, resourcesCollection);

  /** What this process wrote it knows at once. */
  const forget = (id: string) => {
    cache.forget(id);
    types.forget();
  };
  const missing = (id: string): never => {
    throw new Problem('not_found', `There is no resource ${JSON.stringify(id)}.`);
  };
  const get = async (id: string) => (await collection.get(id)) ?? missing(id);

  function parse(input: unknown): Resource {
    const parsed = Resource.safeParse(input);
    const errors = parsed.success
      ? ownFlaws(parsed.data, own)
      : schemaViolations(parsed.error.issues);
    if (!parsed.success || errors.length > 0) {
      throw new Problem('invalid', 'The resource breaks rules; each is listed.', { errors });
    }
    return parsed.data;
  }

  const resources: Resources = {
    get,
    types,
    find: async (value) => (await cache.get(idOf(value)))?.value,
    list: (options) => collection.list(options),

    async create(input) {
      const resource = parse(input);
      const now = epoch();
      try {
        const id = idOf(resource.identifier);
        const entry = await collection.insert(id, { ...resource, created: now, updated: now });
        forget(id);
        return entry;
      } catch (error) {
        if (!(error instanceof DuplicateError)) throw error;
        throw new Problem(
          'conflict',
          `There is a resource ${JSON.stringify(resource.identifier)} already.`,
        );
      }
    },

    async replace(id, input, version) {
      const before = await get(id);
      const resource = parse(input);
      if (resource.identifier !== before.value.identifier) {
        throw new Problem('invalid', 'A resource keeps its identifier.', {
          errors: [
            {
              pointer: '/identifier',
              rule: 'identifier-is-fixed',
              ...refusals['identifier-is-fixed'].fixed({ identifier: before.value.identifier }),
            },
          ],
        });
      }
      try {
        const value = { ...resource, created: before.value.created ?? epoch(), updated: epoch() };
        const entry = await collection.update(id, version ?? before.version, value);
        forget(id);
        return entry;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        throw new Problem(
          'precondition_failed',
          'The resource was changed by someone else; read it again.',
        );
      }
    },

    async delete(id) {
      if (id === idOf(own.identifier)) {
        throw new Problem(
          'conflict',
          'The server’s own API stays; take clients out of its access.',
        );
      }
      if (!(await collection.delete(id))) missing(id);
      forget(id);
    },
    async ensureOwn(clientId) {
      const id = idOf(own.identifier);
      const before = await collection.get(id);
      const wanted = withOwn(before?.value, own, clientId);
      if (!wanted) return;
      const write = before
        ? collection.update(id, before.version, wanted)
        : collection.insert(id, wanted);
      try {
        await write;
        forget(id);
      } catch (error) {
        // Another process or an administrator was first: what they wrote is looked at anew.
        if (!(error instanceof ConflictError || error instanceof DuplicateError)) throw error;
        await resources.ensureOwn(clientId);
      }
    },
    close() {
      types.close();
      cache.close();
    },
  };
  return resources;
}
