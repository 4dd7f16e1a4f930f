/**
 * How keys lie in a collection's table. Each declared index is a column `by_…` that holds the
 * document's one key: a write touches no second table. The keys of an array stand in the column
 * `many` as a list, from which triggers keep a table of key and id (sqlite-tables.ts).
 */
import type { SQLInputValue } from 'node:sqlite';
import type { Keys } from './document.ts';
import type { CollectionSpec } from './store.ts';

/** The column of an index. */
export const columnOf = (index: string): string => `"by_${index}"`;

/** The columns that follow from the indexes of a spec. */
export const columnsOf = ({ indexes = {} }: CollectionSpec): string[] => [
  'many',
  ...Object.keys(indexes).map(columnOf),
];

/** What a document's keys put into `columnsOf`, in that order. */
export function columnValues({ indexes = {} }: CollectionSpec, keys: Keys): SQLInputValue[] {
  const many: string[] = [];
  const single = Object.keys(indexes).map((index) => {
    const key = keys.get(index) ?? null;
    if (key === null || typeof key === 'string') return key;
    many.push(...key.map((one) => manyKey(index, one)));
    return null;
  });
  return [many.length > 0 ? JSON.stringify(many) : null, ...single];
}

/** The table of the keys of arrays. Two underscores are in no collection's own name. */
export const manyTable = ({ name }: CollectionSpec): string => `"${name}__many"`;

/** A key as it stands there. */
export const manyKey = (index: string, key: string): string => `${index}:${key}`;
