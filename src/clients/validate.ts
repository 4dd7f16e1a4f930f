import type { z } from 'zod';
import { Problem, type Violation } from '../lib/problem.ts';
import { ClientMetadata } from './metadata.ts';
import { rules } from './rules/all.ts';
import { initialValues } from './types.ts';

const pointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

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
        pointer: pointer([...issue.path, key]),
        rule: 'known-property',
        detail: 'is not a property of a client',
        fix: 'remove it',
      }))
    : [
        {
          pointer: pointer(issue.path),
          rule: 'property-value',
          detail: issue.message,
          spec: specOf(issue.path[0]),
        },
      ];

const refuse = (errors: Violation[]): never => {
  throw new Problem('invalid', 'The client breaks rules; each is listed with what to change.', {
    errors,
  });
};

/** `web` unless the input says another known type; an unknown one is left for the schema to refuse. */
function withInitialValues(input: object): object {
  const type = 'type' in input ? input.type : 'web';
  const initial =
    typeof type === 'string' && Object.hasOwn(initialValues, type)
      ? initialValues[type as keyof typeof initialValues]
      : {};
  return { type, ...initial, ...input };
}

const broken = (client: ClientMetadata, wrong: ReadonlySet<PropertyKey>): Violation[] =>
  rules
    .filter((rule) => !rule.reads.some((property) => wrong.has(property)))
    .flatMap((rule) =>
      [...rule.check(client)].map((found) => ({ rule: rule.id, spec: rule.spec, ...found })),
    );

/**
 * The one gate for a client's metadata: fills in what the type begins with, then checks every
 * property and every rule.
 * @throws {Problem} `invalid`, with all violations at once
 */
export function validateClient(input: unknown): ClientMetadata {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return refuse([{ pointer: '', rule: 'property-value', detail: 'must be an object' }]);
  }
  const given = withInitialValues(input);
  const parsed = ClientMetadata.safeParse(given);
  if (parsed.success) {
    const violations = broken(parsed.data, new Set());
    return violations.length > 0 ? refuse(violations) : parsed.data;
  }
  // What is right about the rest is still worth knowing: the caller should not have to ask twice.
  const { issues } = parsed.error;
  const wrong = new Set(issues.flatMap(({ path }) => path.slice(0, 1)));
  const known = Object.keys(ClientMetadata.shape);
  const rest = Object.entries(given).filter(([name]) => known.includes(name) && !wrong.has(name));
  const partial = ClientMetadata.safeParse({ type: 'web', ...Object.fromEntries(rest) });
  return refuse([
    ...issues.flatMap(fromIssue),
    ...(partial.success ? broken(partial.data, wrong) : []),
  ]);
}
