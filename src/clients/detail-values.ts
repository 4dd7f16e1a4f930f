import { z } from 'zod';
import {
  type DetailType,
  type Leaf,
  LONGEST_TEXT,
  listMembers,
  MOST_VALUES,
} from './detail-type.ts';
import { line, setOf } from './values.ts';

/** An authorization detail (RFC 9396, section 2). */
export type Detail = { type: string; locations?: string[] } & Record<string, unknown>;

/** A decimal number as payments write it, with up to 18 digits before the point and 6 after it. */
const amount = z.string().regex(/^(0|[1-9]\d{0,17})(\.\d{1,6})?$/, 'an amount, such as "123.50"');

/** `max` is of the value, or of a text's length. */
const values: Readonly<Record<Leaf['type'], (max: number | undefined) => z.ZodType>> = {
  string: (max = LONGEST_TEXT) => line(Math.min(max, LONGEST_TEXT)),
  number: (max = Number.MAX_SAFE_INTEGER) => z.number().max(max),
  integer: (max = Number.MAX_SAFE_INTEGER) => z.int().max(max),
  boolean: () => z.boolean(),
  amount: (max = Number.POSITIVE_INFINITY) =>
    amount.refine((value) => Number(value) <= max, { error: `at most ${max}` }),
  date: () => z.iso.date(),
};

function leafSchema({ type, list, enum: only, max, required }: Leaf): z.ZodType {
  const one = type === 'string' && only ? z.enum(only) : values[type](max);
  const whole = list ? setOf(one, MOST_VALUES).min(1) : one;
  return required ? whole : whole.optional();
}

const leaves = (fields: readonly Leaf[]) =>
  z.strictObject(Object.fromEntries(fields.map((one) => [one.name, leafSchema(one)])));

const schemas = new WeakMap<DetailType, z.ZodType>();

/** What a detail of a type is: nothing beyond what the type declares. */
export function detailSchema(type: DetailType): z.ZodType {
  const known = schemas.get(type);
  if (known) return known;
  const lists = listMembers.flatMap((name) => {
    const allowed = type[name];
    return allowed ? [[name, setOf(z.enum(allowed), allowed.length).min(1).optional()]] : [];
  });
  const own = type.fields.map((one) => {
    if (one.type !== 'object') return [one.name, leafSchema(one)];
    const members = leaves(one.fields);
    return [one.name, one.required ? members : members.optional()];
  });
  const identifier = { none: undefined, optional: line(256).optional(), required: line(256) };
  const schema = z.strictObject({
    type: z.literal(type.type),
    locations: setOf(z.string().min(1).max(1024), MOST_VALUES).min(1).optional(),
    ...(type.identifier !== 'none' && { identifier: identifier[type.identifier] }),
    ...Object.fromEntries(lists),
    ...Object.fromEntries(own),
  });
  schemas.set(type, schema);
  return schema;
}

/** One text for details that say the same, whatever the order of their members. */
export const detailKey = (value: unknown): string =>
  JSON.stringify(value, (_, member) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

/** Whether a detail asks for what another one gives, or for less: some of the values of its lists. */
export function isWithin(asked: Detail, given: Detail): boolean {
  const names = Object.keys(given);
  if (names.length !== Object.keys(asked).length) return false;
  return names.every((name) => {
    const [one, all] = [asked[name], given[name]];
    if (!Array.isArray(one) || !Array.isArray(all)) return detailKey(one) === detailKey(all);
    const keys = new Set(all.map(detailKey));
    return one.length > 0 && one.every((item) => keys.has(detailKey(item)));
  });
}
