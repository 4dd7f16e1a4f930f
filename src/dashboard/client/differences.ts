import { isDeepStrictEqual } from 'node:util';
import { type ClientProperty, clientProperties, metaOf } from '../../clients/metadata.ts';

/** One property that changes; nothing gone and nothing come: the order alone. */
export interface Difference {
  name: ClientProperty;
  title: string;
  gone: string[];
  come: string[];
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

const textsOf = (value: unknown): string[] => {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map(textOf) : [textOf(value)];
};

/** From one value to another; of lists only what they do not have in common. */
export function difference(before: unknown, after: unknown): Pick<Difference, 'gone' | 'come'> {
  const [old, fresh] = [textsOf(before), textsOf(after)];
  return {
    gone: old.filter((text) => !fresh.includes(text)),
    come: fresh.filter((text) => !old.includes(text)),
  };
}

/** What of a client's metadata differs, in the order of the declaration. */
export const differences = (
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Difference[] =>
  clientProperties
    .filter((name) => !isDeepStrictEqual(before[name] ?? null, after[name] ?? null))
    .map((name) => ({ name, title: metaOf(name).title, ...difference(before[name], after[name]) }));
