/** A change of a client, from the form to the API. */
import { clientProperties } from '../../clients/metadata.ts';
import type { Shown } from './found.ts';

/** What of a client can be changed, as it is. */
export const metadataOf = (client: Shown) =>
  Object.fromEntries(
    clientProperties.flatMap((name) => (client[name] === undefined ? [] : [[name, client[name]]])),
  );

/** The values with a form's changes; each replaces the whole property, as the form shows it. */
export function changed(values: Record<string, unknown>, patch: Record<string, unknown>) {
  const after = { ...values, ...patch };
  return Object.fromEntries(Object.entries(after).filter(([, value]) => value !== null));
}

/** Objects merge in a merge patch (RFC 7396): members that were taken out must be named. */
export function exact(before: Readonly<Record<string, unknown>>, patch: Record<string, unknown>) {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const full = (old: unknown, fresh: unknown): unknown => {
    if (!isObject(old) || !isObject(fresh)) return fresh;
    const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
    return Object.fromEntries(names.map((name) => [name, full(old[name], fresh[name] ?? null)]));
  };
  return Object.fromEntries(
    Object.entries(patch).map(([name, value]) => [name, full(before[name], value)]),
  );
}
