import { z } from 'zod';
import type { Violation } from '../lib/problem.ts';
import { epoch } from '../lib/time.ts';
import { valueTexts } from '../lib/value-words.ts';
import { DetailType, typeFlaws } from './detail-type.ts';
import { refusals } from './refusals.ts';
import { signingAlgs } from './values.ts';

// RFC 6749, section 3.3: scope-token.
const scopeName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, valueTexts.scope_token);

const identifier = z
  .string()
  .max(1024)
  .refine((value) => URL.canParse(value) && !value.includes('#') && !/\s/.test(value), {
    error: valueTexts.absolute_uri,
  });

/** Seconds. */
export const LONGEST_ACCESS_TOKEN = 86_400;

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
    access_token_ttl: z.int().min(30).max(LONGEST_ACCESS_TOKEN).default(3600),
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
    /** What clients that are registered for it may ask for beyond scopes (RFC 9396). */
    authorization_details_types: z.array(DetailType).max(50).default([]),
  })
  .superRefine((resource, context) => {
    const known = new Set(resource.scopes.map((scope) => scope.name));
    if (known.size < resource.scopes.length) {
      context.addIssue({ code: 'custom', path: ['scopes'], message: valueTexts.scope_twice });
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
    const types = resource.authorization_details_types;
    if (new Set(types.map(({ type }) => type)).size < types.length) {
      const path = ['authorization_details_types'];
      context.addIssue({ code: 'custom', path, message: valueTexts.type_twice });
    }
    for (const [index, type] of types.entries()) {
      for (const { path, message } of typeFlaws(type)) {
        const at = ['authorization_details_types', index, ...path];
        context.addIssue({ code: 'custom', path: at, message });
      }
    }
  });

export type Resource = z.output<typeof Resource> & { created?: number; updated?: number };

/** The scopes of a resource that a client may ask for; undefined when it may not ask at all. */
export function allowedScopes(resource: Resource, clientId: string): string[] | undefined {
  const matching = resource.access.filter(
    (rule) => rule.client_id === '*' || rule.client_id === clientId,
  );
  return matching.length === 0 ? undefined : [...new Set(matching.flatMap((rule) => rule.scopes))];
}

/** What a resource declares of a type; undefined when it does not. Those kept before types were have none. */
export const detailTypeOf = (resource: Resource | undefined, type: string) =>
  resource?.authorization_details_types?.find((one) => one.type === type);

/** The server's own API as a resource: it can be opened to clients, not taken away. */
export interface OwnResource {
  identifier: string;
  name: string;
  scopes: readonly { name: string; description: string }[];
}

/** What the server's own resource must stay, or the API would not understand its own tokens. */
export function ownFlaws(resource: Resource, own: OwnResource): Violation[] {
  if (resource.identifier !== own.identifier) return [];
  const kept = new Set(resource.scopes.map(({ name }) => name));
  return [
    ...(resource.access_token_format === 'opaque'
      ? []
      : [
          {
            pointer: '/access_token_format',
            rule: 'own-resource',
            ...refusals['own-resource'].opaque(),
          },
        ]),
    ...own.scopes
      .filter(({ name }) => !kept.has(name))
      .map(({ name }) => ({
        pointer: '/scopes',
        rule: 'own-resource',
        ...refusals['own-resource'].scope({ scope: name }),
      })),
  ];
}

/** The own resource with today's scopes, all of them open to `clientId`; undefined when it is so already. */
export function withOwn(
  before: Resource | undefined,
  own: OwnResource,
  clientId?: string,
): Resource | undefined {
  const { identifier, name } = own;
  const known = before?.scopes ?? [];
  const added = own.scopes.filter((scope) => !known.some((other) => other.name === scope.name));
  const scopes = own.scopes.map((scope) => scope.name);
  const others = (before?.access ?? []).filter((rule) => rule.client_id !== clientId);
  const mine = before?.access.find((rule) => rule.client_id === clientId)?.scopes ?? [];
  const open = !clientId || scopes.every((scope) => mine.includes(scope));
  if (before && added.length === 0 && open) return undefined;
  const now = epoch();
  return {
    ...(before ??
      Resource.parse({ identifier, name, access_token_format: 'opaque', access_token_ttl: 600 })),
    scopes: [...known, ...added],
    access: open ? (before?.access ?? []) : [...others, { client_id: clientId, scopes }],
    created: before?.created ?? now,
    updated: now,
  };
}
