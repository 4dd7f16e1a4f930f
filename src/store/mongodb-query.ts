/**
 * Queries as MongoDB's filters. Every value in them is a string that was checked to be one, so none
 * can be an operator. The index of each property ends in the id: it serves the property's conditions,
 * and pages in its order from any place; which one to take, the server finds out by trying.
 */
import type { Filter, Sort } from 'mongodb';
import { living, type Stored } from './mongodb-document.ts';
import type { Match, Query, Span } from './query.ts';
import type { CollectionSpec } from './store.ts';

const pathOf = (index: string): string => `index.${index}`;

/** Holds for what the query finds from its place on. */
export function filterOf(spec: CollectionSpec, query: Query): Filter<Stored> {
  const { by, matches } = query;
  return allOf([
    living(),
    ...matches.map((match) => anyOf(match.spans.flatMap((span) => ways(spec, match, span)))),
    ...afterPlace(spec, query),
    // The index leaves out what has no value: it is taken only if the filter does too.
    ...(by === undefined ? [] : [{ [pathOf(by)]: { $exists: true } }]),
  ]);
}

/** The order of a query. No two documents are told apart by id that have a unique value. */
export function sortOf(spec: CollectionSpec, { by, descending }: Query): Sort {
  const direction = descending ? -1 : 1;
  if (by === undefined) return { _id: direction };
  if (isUnique(spec, by)) return { [pathOf(by)]: direction };
  return { [pathOf(by)]: direction, _id: direction };
}

const isUnique = ({ indexes }: CollectionSpec, index: string) => indexes?.[index] === 'unique';

/** In `$and` only what has to be: not every server looks there for an index to take. */
function allOf(filters: readonly Filter<Stored>[]): Filter<Stored> {
  const top: Filter<Stored> = {};
  const others: Filter<Stored>[] = [];
  for (const filter of filters) {
    if (Object.keys(filter).some((key) => key in top)) others.push(filter);
    else Object.assign(top, filter);
  }
  return others.length === 0 ? top : { ...top, $and: others };
}

function anyOf(filters: readonly Filter<Stored>[]): Filter<Stored> {
  const [only, ...others] = filters;
  return only && others.length === 0 ? only : { $or: [...filters] };
}

/** The ways in which a document's keys of an index can lie in a span. */
function ways(spec: CollectionSpec, { index }: Match, span: Span): Filter<Stored>[] {
  const path = pathOf(index);
  if ('is' in span) return [{ [path]: span.is }];
  const range = { $gte: span.from, ...(span.until !== undefined && { $lt: span.until }) };
  if (spec.indexes?.[index] !== 'many') return [{ [path]: range }];
  // Of an array one member would do for the start of a range and another for its end.
  return [
    { [path]: { $elemMatch: range } },
    { [path]: { ...range, $not: { $type: 'array' } } },
  ] as Filter<Stored>[];
}

/** Holds for what comes after the query's place. */
function afterPlace(spec: CollectionSpec, { by, after, descending }: Query): Filter<Stored>[] {
  if (!after) return [];
  const beyond = descending ? '$lt' : '$gt';
  const id: Filter<Stored> = { _id: { [beyond]: after.id } };
  if (by === undefined) return [id];
  const key: Filter<Stored> = { [pathOf(by)]: { [beyond]: after.key } };
  if (isUnique(spec, by)) return [key];
  // The first is where the server begins; the others pass over those of the same key before it.
  return [{ [pathOf(by)]: { [`${beyond}e`]: after.key } }, { $or: [key, id] }];
}
