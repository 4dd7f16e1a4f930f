import type { z } from 'zod';
import type { Violation } from '../lib/problem.ts';
import { pointerTo } from '../lib/schema-violations.ts';
import { ClientMetadata } from './metadata.ts';

const specOf = (property: PropertyKey | undefined): string => {
  const shape: Record<string, z.ZodType> = ClientMetadata.shape;
  const meta =
    typeof property === 'string' && Object.hasOwn(shape, property)
      ? shape[property]?.meta()
      : undefined;
  return typeof meta?.spec === 'string' ? meta.spec : 'RFC 7591, section 2';
};

const fromIssue = (issue: z.core.$ZodIssue): Violation[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({
        pointer: pointerTo([...issue.path, key]),
        rule: 'known-property',
        detail: 'is not a property of a client',
        fix: 'remove it',
        ...(issue.path.length === 0 && { patch: { [key]: null } }),
      }))
    : [
        {
          pointer: pointerTo(issue.path),
          rule: 'property-value',
          detail: issue.message,
          spec: specOf(issue.path[0]),
        },
      ];

/** What properties alone say wrong. */
export const propertyViolations = (issues: readonly z.core.$ZodIssue[]): Violation[] =>
  issues.flatMap(fromIssue);

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
