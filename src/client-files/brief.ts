import { isDeepStrictEqual } from 'node:util';
import { ClientMetadata, clientProperties } from '../clients/metadata.ts';
import type { ClientValidator } from '../clients/validate.ts';

/**
 * The metadata without what follows from the rest: the initial values of the type and the profile,
 * and the defaults of properties. What is left means the same client, in the order of the declaration.
 */
export function brief(
  validator: ClientValidator,
  metadata: ClientMetadata,
): Record<string, unknown> {
  const whole = ordered({ ...metadata, fapi_profile: metadata.fapi_profile ?? false });
  const same = (short: Record<string, unknown>) => {
    const parsed = ClientMetadata.safeParse(validator.complete(short));
    return parsed.success && isDeepStrictEqual({ ...parsed.data }, { ...metadata });
  };
  const without = (from: Record<string, unknown>, names: readonly string[]) =>
    Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));

  const { type, fapi_profile } = whole;
  const initial = ClientMetadata.safeParse(validator.complete({ type, fapi_profile }));
  const implied: Record<string, unknown> = initial.success ? initial.data : {};
  const candidates = Object.keys(whole).filter(
    (name) =>
      name !== 'type' && (name === 'fapi_profile' || isDeepStrictEqual(whole[name], implied[name])),
  );
  const shortest = without(whole, candidates);
  if (same(shortest)) return shortest;
  // Some of them belong together: one after the other, as long as it stays the same client.
  return candidates.reduce((short, name) => {
    const next = without(short, [name]);
    return same(next) ? next : short;
  }, whole);
}

function ordered(values: Record<string, unknown>): Record<string, unknown> {
  const known: readonly string[] = clientProperties;
  const names = [...known, ...Object.keys(values).filter((name) => !known.includes(name))];
  return Object.fromEntries(
    names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  );
}
