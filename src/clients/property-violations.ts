import type { z } from 'zod';
import type { Violation } from '../lib/problem.ts';
import { pointerTo } from '../lib/schema-violations.ts';
import { sayIssue, valueWordings } from '../lib/value-words.ts';
import { wordings } from '../lib/wording.ts';
import { ClientMetadata } from './metadata.ts';

const specOf = (property: PropertyKey | undefined): string => {
  const shape: Record<string, z.ZodType> = ClientMetadata.shape;
  const meta =
    typeof property === 'string' && Object.hasOwn(shape, property)
      ? shape[property]?.meta()
      : undefined;
  return typeof meta?.spec === 'string' ? meta.spec : 'RFC 7591, section 2';
};

const says = wordings({
  unknown_property: { detail: 'is not a property of a client', fix: 'remove it' },
});
/** What is said of properties by no rule. */
export const propertyWordings = says;

const fromIssue = (issue: z.core.$ZodIssue): Violation[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({
        pointer: pointerTo([...issue.path, key]),
        rule: 'known-property',
        ...says.unknown_property(),
        ...(issue.path.length === 0 && { patch: { [key]: null } }),
      }))
    : [
        {
          pointer: pointerTo(issue.path),
          rule: 'property-value',
          ...sayIssue(issue),
          spec: specOf(issue.path[0]),
        },
      ];

/** What properties alone say wrong. */
export const propertyViolations = (issues: readonly z.core.$ZodIssue[]): Violation[] =>
  issues.flatMap(fromIssue);

/** Where metadata have names that nobody of us has given. */
function* named({ extra_metadata, jwks }: Readonly<Record<string, unknown>>) {
  yield { path: ['extra_metadata'], value: extra_metadata };
  const { keys } = (jwks ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) return;
  for (const [index, value] of keys.entries()) yield { path: ['jwks', 'keys', index], value };
}

/**
 * `__proto__` among the names of extra metadata and of a key's members: a schema of named values
 * passes over it in silence, and what is left out in silence is missed later.
 */
export const reservedNames = (metadata: Readonly<Record<string, unknown>>): Violation[] =>
  [...named(metadata)]
    .filter(({ value }) => typeof value === 'object' && value && Object.hasOwn(value, '__proto__'))
    .map(({ path }) => ({
      pointer: pointerTo([...path, '__proto__']),
      rule: 'property-value',
      ...valueWordings.reserved(),
      spec: specOf(path[0]),
    }));

/** What of stored metadata its property alone would not take today, by property. */
export function wrongProperties(metadata: unknown): ReadonlyMap<PropertyKey, Violation[]> {
  const parsed = ClientMetadata.safeParse(metadata);
  const wrong = new Map<PropertyKey, Violation[]>();
  for (const issue of parsed.error?.issues ?? []) {
    for (const found of fromIssue(issue)) {
      const [, name = ''] = found.pointer.split('/');
      wrong.set(name, [...(wrong.get(name) ?? []), found]);
    }
  }
  return wrong;
}

const defaults = ClientMetadata.parse({ type: 'web' });

/** Stored metadata with what the version that stored it did not know yet. */
export const filled = (metadata: ClientMetadata): ClientMetadata => ({ ...defaults, ...metadata });
