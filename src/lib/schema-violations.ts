import type { z } from 'zod';
import type { Violation } from './problem.ts';
import { sayIssue, valueWordings } from './value-words.ts';

/** RFC 6901. */
export const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

type Issues = readonly z.core.$ZodIssue[];

const count = (issues: Issues) =>
  issues.reduce((sum, issue) => sum + ('keys' in issue ? issue.keys.length : 1), 0);

/** Of a choice that was missed, what the closest alternative misses. */
const closest = (alternatives: readonly Issues[]): Issues | undefined =>
  alternatives.toSorted((one, other) => count(one) - count(other))[0];

/** What a schema finds wrong, each where it is. @param at where the document is in a larger one */
export const schemaViolations = (issues: Issues, at: readonly PropertyKey[] = []): Violation[] =>
  issues.flatMap((issue): Violation[] => {
    const path = [...at, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        pointer: pointerTo([...path, key]),
        rule: 'known-property',
        ...valueWordings.unknown(),
      }));
    }
    const within = issue.code === 'invalid_union' ? closest(issue.errors) : undefined;
    if (within) return schemaViolations(within, path);
    return [{ pointer: pointerTo(path), rule: 'property-value', ...sayIssue(issue) }];
  });
