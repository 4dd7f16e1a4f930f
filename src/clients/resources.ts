/**
 * Resources: the APIs that access tokens are for (RFC 8707), and which client may ask for which of
 * their scopes. What is not listed under `access` is not allowed: nobody gets anything by default.
 */
import { z } from 'zod';
import { digest } from '../lib/ids.ts';
import { Problem } from '../lib/problem.ts';
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
import { signingAlgs } from './metadata.ts';

export const resourcesCollection: CollectionSpec = { name: 'resources' };

// RFC 6749, section 3.3: scope-token.
const scopeName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'printable ASCII without space, quote and back-slash');

const identifier = z
  .string()
  .max(1024)
  .refine((value) => URL.canParse(value) && !value.includes('#') && !/\s/.test(value), {
    error: 'an absolute URI without fragment (RFC 8707, section 2)',
  });

export const Resource = z
  .strictObject({
    identifier,
    name: z.string().min(1).max(64).optional(),
    scopes: z
      .array(
        z.strictObject({ name: scopeName, description: z.string().min(1).max(256).optional() }),
      )
      .max(200)
      .default([]),
    access_token_format: z.enum(['jwt', 'opaque']).default('jwt'),
    access_token_signing_alg: z.enum(signingAlgs).default('ES256'),
    /** Seconds. */
    access_token_ttl: z.int().min(30).max(86_400).default(3600),
    /** Which clients may ask for which scopes; `*` is every client. */
    access: z
      .array(
        z.strictObject({
          client_id: z.string().min(1).max(256),
          scopes: z.array(scopeName).max(200),
        }),
      )
      .max(1000)
      .default([]),
  })
  .superRefine((resource, context) => {
    const known = new Set(resource.scopes.map((scope) => scope.name));
    if (known.size < resource.scopes.length) {
      context.addIssue({ code: 'custom', path: ['scopes'], message: 'lists a scope twice' });
    }
    for (const [index, rule] of resource.access.entries()) {
      const unknown = rule.scopes.filter((scope) => !known.has(scope));
      if (unknown.length > 0) {
        context.addIssue({
          code: 'custom',
          path: ['access', index, 'scopes'],
          message: `names ${unknown.join(', ')}, which scopes does not list`,
        });
      }
    }
  });

export type Resource = z.output<typeof Resource> & { created?: number; updated?: number };

export interface Resources {
  /** By identifier, through the cache; what flows use. */
  find(identifier: string): Promise<Resource | undefined>;
  get(id: string): Promise<Entry<Resource>>;
  list(options: { after?: string; limit?: number }): Promise<Page<Resource>>;
  create(input: unknown): Promise<Entry<Resource>>;
  replace(id: string, input: unknown, version?: number): Promise<Entry<Resource>>;
  delete(id: string): Promise<void>;
  close(): void;
}

/** The scopes of a resource that a client may ask for; undefined when it may not ask at all. */
export function allowedScopes(resource: Resource, clientId: string): string[] | undefined {
  const matching = resource.access.filter(
    (rule) => rule.client_id === '*' || rule.client_id === clientId,
  );
  return matching.length === 0 ? undefined : [...new Set(matching.flatMap((rule) => rule.scopes))];
}

/** An identifier is a URL and awkward in an address: a resource's id is a digest of it. */
const idOf = (value: string) => digest(value).slice(0, 22);

/** @param reserved identifiers that the server itself answers for */
export function createResources(store: Store, reserved: readonly string[]): Resources {
  const collection = store.collection<Resource>(resourcesCollection);
  const cache = cached<Resource>(store, resourcesCollection, 1000);

  const missing = (id: string): never => {
    throw new Problem('not_found', `There is no resource ${JSON.stringify(id)}.`);
  };
  const get = async (id: string) => (await collection.get(id)) ?? missing(id);

  function parse(input: unknown): Resource {
    const parsed = Resource.safeParse(input);
    const errors = parsed.success
      ? reserved.includes(parsed.data.identifier)
        ? [{ pointer: '/identifier', rule: 'reserved', detail: 'is the server’s own' }]
        : []
      : parsed.error.issues.map((issue) => ({
          pointer: issue.path.map((part) => `/${String(part)}`).join(''),
          rule: 'property-value',
          detail: issue.message,
        }));
    if (!parsed.success || errors.length > 0) {
      throw new Problem('invalid', 'The resource breaks rules; each is listed.', { errors });
    }
    return parsed.data;
  }

  return {
    get,
    find: async (value) => (await cache.get(idOf(value)))?.value,
    list: (options) => collection.list(options),

    async create(input) {
      const resource = parse(input);
      const now = epoch();
      try {
        return await collection.insert(idOf(resource.identifier), {
          ...resource,
          created: now,
          updated: now,
        });
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
              detail: 'cannot be changed',
              fix: before.value.identifier,
            },
          ],
        });
      }
      try {
        const value = { ...resource, created: before.value.created ?? epoch(), updated: epoch() };
        const entry = await collection.update(id, version ?? before.version, value);
        cache.forget(id);
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
      if (!(await collection.delete(id))) missing(id);
      cache.forget(id);
    },
    close: () => cache.close(),
  };
}
