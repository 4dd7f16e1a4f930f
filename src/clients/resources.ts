/**
 * Resources: the APIs that access tokens are for (RFC 8707), and which client may ask for which of
 * their scopes. What is not listed under `access` is not allowed: nobody gets anything by default.
 */
import { z } from 'zod';
import { digest } from '../lib/ids.ts';
import { Problem, type Violation } from '../lib/problem.ts';
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
  /** Makes sure that the server's own resource exists, knows today's scopes, and lets `clientId` use them all. */
  ensureOwn(clientId?: string): Promise<void>;
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

/** The server's own API as a resource: it can be opened to clients, not taken away. */
export interface OwnResource {
  identifier: string;
  name: string;
  scopes: readonly { name: string; description: string }[];
}

/** What the server's own resource must stay, or the API would not understand its own tokens. */
function ownFlaws(resource: Resource, own: OwnResource): Violation[] {
  if (resource.identifier !== own.identifier) return [];
  const kept = new Set(resource.scopes.map(({ name }) => name));
  return [
    ...(resource.access_token_format === 'opaque'
      ? []
      : [
          {
            pointer: '/access_token_format',
            rule: 'own-resource',
            detail: 'must be opaque',
            fix: 'opaque',
          },
        ]),
    ...own.scopes
      .filter(({ name }) => !kept.has(name))
      .map(({ name }) => ({
        pointer: '/scopes',
        rule: 'own-resource',
        detail: `must keep ${name}`,
        fix: `add ${name}`,
      })),
  ];
}

export function createResources(store: Store, own: OwnResource): Resources {
  const collection = store.collection<Resource>(resourcesCollection);
  const cache = cached<Resource>(store, resourcesCollection, 1000);

  const missing = (id: string): never => {
    throw new Problem('not_found', `There is no resource ${JSON.stringify(id)}.`);
  };
  const get = async (id: string) => (await collection.get(id)) ?? missing(id);

  function parse(input: unknown): Resource {
    const parsed = Resource.safeParse(input);
    const errors = parsed.success
      ? ownFlaws(parsed.data, own)
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
      if (id === idOf(own.identifier)) {
        throw new Problem(
          'conflict',
          'The server’s own API stays; take clients out of its access.',
        );
      }
      if (!(await collection.delete(id))) missing(id);
      cache.forget(id);
    },
    async ensureOwn(clientId) {
      const { identifier, name, scopes } = own;
      const id = idOf(identifier);
      const before = (await collection.get(id))?.value;
      const known = before?.scopes ?? [];
      const added = scopes.filter((scope) => !known.some((other) => other.name === scope.name));
      const access = before?.access ?? [];
      const full = { client_id: clientId ?? '', scopes: scopes.map((scope) => scope.name) };
      const listed = access.some(
        (rule) =>
          rule.client_id === clientId && full.scopes.every((scope) => rule.scopes.includes(scope)),
      );
      if (before && added.length === 0 && (!clientId || listed)) return;
      const now = epoch();
      const base =
        before ??
        Resource.parse({ identifier, name, access_token_format: 'opaque', access_token_ttl: 600 });
      await collection.put(id, {
        created: now,
        ...base,
        scopes: [...known, ...added],
        access:
          clientId && !listed
            ? [...access.filter((rule) => rule.client_id !== clientId), full]
            : access,
        updated: now,
      });
      cache.forget(id);
    },
    close: () => cache.close(),
  };
}
