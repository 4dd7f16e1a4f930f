/** Everything that the code says to people in English, by the key under which other languages say it. */
import { accountWordings } from '../../src/accounts/accounts.ts';
import { keyWordings } from '../../src/clients/key-strength.ts';
import { AssignedMetadata, ClientMetadata } from '../../src/clients/metadata.ts';
import { profiles } from '../../src/clients/profiles.ts';
import { propertyWordings } from '../../src/clients/property-violations.ts';
import { refusals } from '../../src/clients/refusals.ts';
import { baseRules } from '../../src/clients/rules/all.ts';
import { serverOffers } from '../../src/clients/rules/server-offers.ts';
import { stopWordings } from '../../src/clients/stops.ts';
import { typeRules, types } from '../../src/clients/types/all.ts';
import { listOptions, readOptions } from '../../src/config/options.ts';
import { formWordings } from '../../src/dashboard/words.ts';
import { problemCodes } from '../../src/lib/problem.ts';
import { valueWordings } from '../../src/lib/value-words.ts';
import type { AnyWordings } from '../../src/lib/wording.ts';
import { caseOf, reasons } from '../../src/oidc/failures/reason.ts';
import { policyWordings } from '../../src/registration/policy.ts';

export type Texts = [key: string, english: string][];

const members = (key: string, texts: object): Texts =>
  Object.entries(texts)
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => [`${key}.${name}`, text]);

const ofWordings = (rule: string, says: AnyWordings): Texts =>
  Object.entries(says).flatMap(([name, { wording }]) =>
    members(`api.rules.${rule}.${name}`, wording),
  );

const rules = [
  ...baseRules,
  serverOffers,
  ...Object.keys(types).flatMap((type) => typeRules(type)),
  ...Object.values(profiles).flatMap((profile) => profile.rules),
];

export const sources: Record<string, Texts> = {
  properties: Object.entries({ ...ClientMetadata.shape, ...AssignedMetadata.shape }).flatMap(
    ([name, schema]) => {
      const { title, help } = schema.meta() as { title: string; help: string };
      return members(`api.properties.${name}`, { title, help });
    },
  ),
  rules: rules.flatMap(
    ({ id, title, says }): Texts => [[`api.rules.${id}.title`, title], ...ofWordings(id, says)],
  ),
  values: [
    ...ofWordings('property-value', { ...valueWordings, ...formWordings }),
    ...ofWordings('known-property', { unknown: valueWordings.unknown, ...propertyWordings }),
    ...ofWordings('client-keys', keyWordings),
  ],
  refusals: [
    ...Object.entries({ ...refusals, ...policyWordings }).flatMap(([rule, says]) =>
      ofWordings(rule, says),
    ),
    ...ofWordings('password-length', accountWordings),
  ],
  stops: Object.entries(stopWordings).map(([kind, { wording }]) => [
    `api.stops.${kind}`,
    wording.detail,
  ]),
  types: Object.entries(types).map(([type, { description }]) => [`api.types.${type}`, description]),
  profiles: Object.values(profiles).flatMap(({ enforced }) =>
    enforced.map(({ id, title }): Texts[number] => [`api.enforced.${id}`, title]),
  ),
  failures: reasons.flatMap((row) =>
    members(`api.reasons.${caseOf(row)}`, { detail: row.detail, fix: row.fix }),
  ),
  options: listOptions(readOptions()).map(({ name, meta }) => [`api.options.${name}`, meta.help]),
  // A problem's own sentence, in English, may be quoted.
  problems: problemCodes.map((code) => [`api.problems.${code}`, '{words}?']),
};
