/** Values of clients' metadata as the pages about rules show them. */

/** More of a value than this is no help in seeing what is wrong with it, UTF-16 units. */
const LONGEST = 400;

/** What an RFC 6901 pointer leads to; undefined: nothing. */
export function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** As JSON, on one line; absent: there is no value. */
export function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

export interface Difference {
  property: string;
  before: string | undefined;
  after: string | undefined;
}

/**
 * What becomes different, by property.
 * @param names the properties to compare; what only the server says of a client is none of them
 */
export const differences = (
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  names: Iterable<string>,
): Difference[] =>
  [...new Set(names)].flatMap((property) => {
    const [old, now] = [before[property], after[property]];
    return JSON.stringify(old) === JSON.stringify(now)
      ? []
      : [{ property, before: shown(old), after: shown(now) }];
  });
