import { mergePatch } from '../lib/merge-patch.ts';
import { Problem } from '../lib/problem.ts';
import { valueWordings } from '../lib/value-words.ts';
import { repair } from './compliance.ts';
import { ClientMetadata } from './metadata.ts';
import { types } from './types/all.ts';
import type { ClientValidator } from './validate.ts';

/** What a client is, how people come to it, how it proves who it is: what another type begins anew. */
const flow = [
  'type',
  'grant_types',
  'response_types',
  'token_endpoint_auth_method',
  'application_type',
] as const;

/**
 * What a client becomes as another type: it keeps what the new type can have, begins its flow anew,
 * and what the type's rules can mend is mended. The rest is said, all at once.
 * @param changes a JSON merge patch on top
 * @throws {Problem} `invalid`
 */
export function convertType(
  validator: ClientValidator,
  before: ClientMetadata,
  type: string,
  changes: unknown = {},
): ClientMetadata {
  if (!Object.hasOwn(types, type)) {
    throw new Problem('invalid', 'The client cannot be converted.', {
      errors: [
        {
          pointer: '/type',
          rule: 'property-value',
          ...valueWordings.not_listed({ values: Object.keys(types).join(', ') }),
        },
      ],
    });
  }
  const kept = Object.entries(before).filter(([name]) => !flow.some((other) => other === name));
  const begun = validator.complete({ type, ...Object.fromEntries(kept) });
  const asked = { ...(changes as object), type };
  const wanted = mergePatch(begun, asked);
  const parsed = ClientMetadata.safeParse(wanted);
  if (!parsed.success) return validator.check(wanted);
  const { patch } = repair(validator.rulesOf(parsed.data), parsed.data);
  return validator.check(mergePatch(mergePatch(parsed.data, patch), asked));
}
