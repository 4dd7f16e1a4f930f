/**
 * The gate for a client's metadata: fills in what its type and profile begin with, then looks at
 * every property and every rule. Whoever writes a client passes through here with the client as it
 * would become, so a change is judged by its result (not by what the request named).
 */

import { Problem, type Violation } from '../lib/problem.ts';
import { valueWordings } from '../lib/value-words.ts';
import { ClientMetadata } from './metadata.ts';
import { profileOf, profiles, type ReportProfile } from './profiles.ts';
import {
  filled,
  propertyViolations,
  reservedNames,
  wrongProperties,
} from './property-violations.ts';
import { baseRules } from './rules/all.ts';
import { type AppliedRule, apply, findViolations, judge } from './rules/rule.ts';
import { type Offered, serverOffers } from './rules/server-offers.ts';
import { typeRules, types } from './types/all.ts';
import type { profileNames } from './values.ts';

/** What the configuration decides about clients. */
export interface ClientSettings extends Offered {
  /** What `fapi_profile: true` means. */
  defaultProfile: (typeof profileNames)[number];
}

export interface ClientValidator {
  /**
   * Whole metadata for what a caller gave. @param fresh whether it is for a new client: only such a
   * one is given the profile of its type, so that leaving it out takes none away unnoticed
   */
  complete(input: unknown, fresh?: boolean): unknown;
  /** Everything that is wrong with metadata, warnings apart. */
  violations(metadata: unknown): Violation[];
  warnings(metadata: ClientMetadata): Violation[];
  /** What of the profile that it claims a client does not meet. */
  profileViolations(metadata: ClientMetadata): Violation[];
  /** The rules that hold for this client, each once. */
  rulesOf(client: ClientMetadata): readonly AppliedRule[];
  /**
   * @param before what is there already: its violations are not held against a change that leaves
   *   them, so that a client which a rule has overtaken can still be edited, and mended step by step
   * @throws {Problem} `invalid`, with all violations at once
   */
  check(input: unknown, before?: ClientMetadata): ClientMetadata;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = <T>(table: Readonly<Record<string, T>>, name: unknown): T | undefined =>
  typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;

/** Of rules that several lists name, the first: with the clause of the profile before the common one. */
const once = (rules: readonly AppliedRule[]): AppliedRule[] => {
  const seen = new Map<string, AppliedRule>();
  for (const rule of rules) if (!seen.has(keyOf(rule))) seen.set(keyOf(rule), rule);
  return [...seen.values()];
};
/** A rule with options says something else with others. */
const keyOf = ({ id, spec }: AppliedRule) => (commonIds.has(id) ? id : `${id} ${spec}`);
const commonIds = new Set(baseRules.map(({ id }) => id));

const sameViolation = (one: Violation) => `${one.pointer} ${one.rule} ${one.detail}`;

export function createClientValidator(settings: ClientSettings): ClientValidator {
  const offers = apply(serverOffers, 'Clientele', settings);

  const joined = (type: string, fapi_profile?: string): readonly AppliedRule[] =>
    once([...(profileOf({ fapi_profile })?.rules ?? []), ...typeRules(type), ...baseRules, offers]);
  /** By type and profile, joined once: a list of clients asks for them again and again. */
  const rules = new Map(
    [undefined, ...Object.keys(profiles)].flatMap((profile) =>
      Object.keys(types).map((type) => [`${type} ${profile}`, joined(type, profile)] as const),
    ),
  );
  const rulesOf: ClientValidator['rulesOf'] = ({ type, fapi_profile }) =>
    rules.get(`${type} ${fapi_profile}`) ?? joined(type, fapi_profile);

  const broken = (client: ClientMetadata, warnings: boolean, wrong?: ReadonlySet<PropertyKey>) => {
    const rules = rulesOf(client).filter((rule) => (rule.severity === 'warning') === warnings);
    const found = findViolations(rules, client, wrong);
    if (found.length < 2) return found;
    // A type and a profile may ask for the same by two clauses; one is enough to know.
    return [
      ...new Map(found.toReversed().map((one) => [sameViolation(one), one])).values(),
    ].reverse();
  };

  /** `web` unless the input says another known type; an unknown one is left for the schema to refuse. */
  function complete(input: unknown, fresh = true): unknown {
    if (!isObject(input)) return input;
    const { fapi_profile, ...rest }: Record<string, unknown> = { type: 'web', ...input };
    const type = own(types, rest.type);
    // OpenAPI says so too: true is the default profile, null and false are none.
    const asked = fapi_profile === true ? settings.defaultProfile : (fapi_profile ?? undefined);
    const wanted =
      asked === false ? undefined : (asked ?? (fresh ? type?.initial.fapi_profile : undefined));
    const profile = own<(typeof profiles)[ReportProfile]>(profiles, wanted);
    const initial = { ...type?.initial, ...profile?.initial(rest) };
    // A profile's ways of logging in are not for types that have none.
    if (type?.initial.response_types?.length === 0) Object.assign(initial, flowOf(type.initial));
    if (type?.initial.application_type) initial.application_type = type.initial.application_type;
    const { fapi_profile: _, ...values } = initial;
    return { ...values, ...rest, ...(wanted !== undefined && { fapi_profile: wanted }) };
  }

  function violations(metadata: unknown): Violation[] {
    if (!isObject(metadata)) {
      return [
        {
          pointer: '',
          rule: 'property-value',
          ...valueWordings.wrong_type({ expected: 'object', received: typeof metadata }),
        },
      ];
    }
    const reserved = reservedNames(metadata);
    const parsed = ClientMetadata.safeParse(metadata);
    if (parsed.success) return [...reserved, ...broken(parsed.data, false)];
    // What is right about the rest is still worth knowing: the caller should not have to ask twice.
    const { issues } = parsed.error;
    const wrong = new Set(issues.flatMap(({ path }) => path.slice(0, 1)));
    const known = Object.keys(ClientMetadata.shape);
    const rest = Object.entries(metadata).filter(
      ([name]) => known.includes(name) && !wrong.has(name),
    );
    const partial = ClientMetadata.safeParse({ type: 'web', ...Object.fromEntries(rest) });
    return [
      ...reserved,
      ...propertyViolations(issues),
      ...(partial.success ? broken(partial.data, false, wrong) : []),
    ];
  }

  return {
    complete,
    violations,
    rulesOf,
    warnings: (metadata) => broken(metadata, true),
    profileViolations(metadata) {
      if (metadata.fapi_profile === undefined) return [];
      const wrong = wrongProperties(metadata);
      const rules = profileOf(metadata)?.rules.flatMap((rule) =>
        judge(rule, filled(metadata), wrong),
      );
      return rules ?? wrong.get('fapi_profile') ?? [];
    },
    check(input, before) {
      const metadata = complete(input, before === undefined);
      const tolerated = new Set(before ? violations(before).map(sameViolation) : []);
      const found = violations(metadata).filter(
        (one) => !tolerated.has(sameViolation(one)) || hides(one, before, metadata),
      );
      if (found.length > 0) {
        throw new Problem(
          'invalid',
          'The client breaks rules; each is listed with what to change.',
          { errors: found },
        );
      }
      const parsed = ClientMetadata.safeParse(metadata);
      if (parsed.success) return parsed.data;
      // What was stored before a property's own rule became stricter stays as it is.
      const known = Object.entries(metadata as object).filter(([name]) =>
        Object.hasOwn(ClientMetadata.shape, name),
      );
      return Object.fromEntries(known) as ClientMetadata;
    },
  };
}

/**
 * Whether a violation keeps rules from looking at what a change brings: no rule reads a property whose
 * own value is wrong, so it is tolerated in a property that stays as it is and in no other.
 */
function hides({ pointer, rule }: Violation, before: unknown, after: unknown): boolean {
  const [, name = ''] = pointer.split('/');
  const values = [before, after].map((one) =>
    JSON.stringify((one as Record<string, unknown>)[name]),
  );
  return rule === 'property-value' && values[0] !== values[1];
}

const flowOf = ({ grant_types, response_types }: (typeof types)['web']['initial']) => ({
  grant_types,
  response_types,
  require_pushed_authorization_requests: false,
});
