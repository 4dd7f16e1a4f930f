import type { Violation } from '../../lib/problem.ts';
import type { AnyWordings, Said } from '../../lib/wording.ts';
import type { ClientMetadata, ClientProperty } from '../metadata.ts';

/** A JSON merge patch (RFC 7396) of a client: `null` removes a property. */
export type ClientPatch = { readonly [K in ClientProperty]?: ClientMetadata[K] | null };

/** One thing that a rule finds. `patch` mends it when a program can; `fix` says it in words. */
export interface Finding extends Said {
  pointer: string;
  patch?: ClientPatch;
}

/** One thing that must hold of a whole client. Adding a rule is adding a file and naming it where it applies. */
export interface Rule<Options = void> {
  /** Stable, kebab-case; what a violation is known by. */
  id: string;
  title: string;
  /** All that it can find. */
  says: AnyWordings;
  /** The properties that it looks at; it is not asked about a client of which one of them is wrong. */
  reads: readonly ClientProperty[];
  /** A warning is told and never refuses anything. */
  severity?: 'warning';
  check(client: ClientMetadata, options: Options): Iterable<Finding>;
}

/** A rule where it applies: with its options, and the clause that asks for it there. */
export interface AppliedRule extends Omit<Rule, 'check'> {
  /** Specification and section. */
  spec: string;
  check(client: ClientMetadata): Iterable<Finding>;
}

/** Names a rule in a table. @param spec specification and section */
export const apply = <Options>(
  rule: Rule<Options>,
  spec: string,
  ...[options]: Options extends void ? [] : [Options]
): AppliedRule => ({
  ...rule,
  spec,
  check: (client) => rule.check(client, options as Options),
});

/** What the rules find, in the form in which a caller is told. */
export const findViolations = (
  rules: readonly AppliedRule[],
  client: ClientMetadata,
  wrong: ReadonlySet<PropertyKey> = new Set(),
): Violation[] => {
  const violations: Violation[] = [];
  for (const rule of rules) {
    if (wrong.size > 0 && rule.reads.some((property) => wrong.has(property))) continue;
    for (const { patch, ...found } of rule.check(client)) {
      violations.push({
        rule: rule.id,
        spec: rule.spec,
        ...found,
        ...(patch && { patch: patch as Record<string, unknown> }),
      });
    }
  }
  return violations;
};

/** What a rule says of stored metadata; of what it cannot read, what is wrong with that. */
export const judge = (
  rule: AppliedRule,
  metadata: ClientMetadata,
  wrong: ReadonlyMap<PropertyKey, Violation[]>,
): Violation[] => {
  const unreadable = rule.reads.flatMap((property) => wrong.get(property) ?? []);
  return unreadable.length > 0 ? unreadable : findViolations([rule], metadata);
};

/** `list` without one value, as a patch needs it. */
export const without = <T>(list: readonly T[], value: T): T[] =>
  list.filter((item) => item !== value);
