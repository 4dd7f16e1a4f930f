/**
 * How a client stands to a profile, whether it is set or not: each rule with what it finds, and one
 * patch that mends all that a program can mend.
 */

import { mergePatch } from '../lib/merge-patch.ts';
import type { Violation } from '../lib/problem.ts';
import { ClientMetadata } from './metadata.ts';
import { type Profile, profiles, type ReportProfile } from './profiles.ts';
import { filled, wrongProperties } from './property-violations.ts';
import { type AppliedRule, findViolations, judge } from './rules/rule.ts';
import type { ClientValidator } from './validate.ts';

export interface Compliance {
  profile: ReportProfile;
  title: string;
  /** Whether the client is held to it. */
  set: boolean;
  conforming: boolean;
  rules: {
    rule: string;
    title: string;
    spec: string;
    pass: boolean;
    violations: Violation[];
  }[];
  /** What the server holds requests of a client of this profile to. */
  enforced: Profile['enforced'];
  repair: Repair;
}

export interface Repair {
  /** A JSON merge patch for the client. */
  patch: Record<string, unknown>;
  /** What only a person can mend, such as a missing key. */
  remaining: Violation[];
}

/** More steps than there are rules and properties would be rules that undo each other. */
const STEPS = 100;

/** Mends one violation after the other until nothing is left that a program can mend. */
export function repair(rules: readonly AppliedRule[], client: ClientMetadata): Repair {
  const patch: Record<string, unknown> = {};
  const refused = new Set<string>();
  let current = filled(client);
  let wrong = wrongProperties(current);
  const look = () => [
    ...[...wrong.values()].flat(),
    ...findViolations(rules, current, new Set(wrong.keys())),
  ];
  for (let step = 0; step < STEPS; step += 1) {
    const found = look();
    const next = found.find((one) => one.patch && !refused.has(JSON.stringify(one.patch)));
    if (!next?.patch) return { patch, remaining: found };
    refused.add(JSON.stringify(next.patch));
    const wanted = mergePatch(current, next.patch);
    const left = wrongProperties(wanted);
    // What was wrong before may stay; a step that makes another property wrong is none.
    if ([...left.keys()].some((name) => !wrong.has(name))) continue;
    current = ClientMetadata.safeParse(wanted).data ?? (wanted as ClientMetadata);
    wrong = left;
    Object.assign(patch, next.patch);
  }
  return { patch, remaining: look() };
}

export function reportCompliance(
  validator: ClientValidator,
  client: ClientMetadata,
  name: ReportProfile,
): Compliance {
  const profile = profiles[name];
  const wrong = wrongProperties(client);
  const whole = filled(client);
  const rules = profile.rules.map((rule) => {
    const violations = judge(rule, whole, wrong);
    const { id, title, spec } = rule;
    return { rule: id, title, spec, pass: violations.length === 0, violations };
  });
  const common = validator
    .rulesOf(client)
    .filter(({ severity, id }) => severity !== 'warning' && !rules.some(({ rule }) => rule === id));
  return {
    profile: name,
    title: profile.title,
    set: client.fapi_profile === name,
    conforming: rules.every(({ pass }) => pass),
    rules,
    enforced: profile.enforced,
    // A repair must not break what holds for the client anyway.
    repair: repair([...profile.rules, ...common], client),
  };
}
