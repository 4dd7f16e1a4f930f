/**
 * Types of authorization details (RFC 9396): what a resource lets clients ask for beyond scopes. Each
 * says which members a detail may have, and in words, for people, what it means.
 */
import { z } from 'zod';
import { valueTexts } from '../lib/value-words.ts';
import { line, RESERVED, setOf } from './values.ts';

/** How a type is named. @source RFC 9396, section 2.1 */
export const detailTypeName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z][\w.:/~-]*$/, valueTexts.detail_type);

const languageTag = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, valueTexts.language);

/** Words for people: the same in every language, or by language; of these `en` stands for the rest. */
const words = (max: number) =>
  z.union([
    line(max),
    z
      .record(languageTag, line(max))
      .refine((texts) => Object.hasOwn(texts, 'en') && Object.keys(texts).length <= 40, {
        error: valueTexts.languages,
      }),
  ]);

export type Words = string | Record<string, string>;

const fieldName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, valueTexts.field_name);

/** The longest text of a field, in UTF-16 units: what a page shows whole. */
export const LONGEST_TEXT = 256;
/** As many values as one list may have. */
export const MOST_VALUES = 20;

const value = {
  name: fieldName,
  label: words(64).optional(),
  required: z.boolean().default(false),
};

const leaf = z.strictObject({
  ...value,
  type: z.enum(['string', 'number', 'integer', 'boolean', 'amount', 'date']).default('string'),
  /** A list of such values. */
  list: z.boolean().default(false),
  /** The only values of a text. */
  enum: setOf(line(LONGEST_TEXT), 100).min(1).optional(),
  /** Of texts the length, of numbers and amounts the value. */
  max: z.number().optional(),
});

const field = z.union([
  leaf,
  z.strictObject({
    ...value,
    type: z.literal('object'),
    fields: z.array(leaf).min(1).max(20),
  }),
]);

export type Leaf = z.output<typeof leaf>;
export type Field = z.output<typeof field>;

const allowed = setOf(line(128), 100).min(1).optional();

/** The members that RFC 9396, section 2.2, gives a meaning, and that a type lists the values of. */
export const listMembers = ['actions', 'datatypes', 'privileges'] as const;
/** The others of that section: which resource, and what at it. */
export const reservedMembers: readonly string[] = [
  'type',
  'locations',
  'identifier',
  ...listMembers,
];

export const DetailType = z.strictObject({
  type: detailTypeName,
  title: words(80),
  /** `{member}` and `{member.member}` are replaced by a detail's own. */
  sentence: words(280),
  actions: allowed,
  datatypes: allowed,
  privileges: allowed,
  /** What allowed values are called, those of fields with an `enum`, too; the others as they are. */
  names: z
    .record(z.string().min(1).max(LONGEST_TEXT), words(80))
    .refine((names) => Object.keys(names).length <= 200, { error: valueTexts.many_names })
    .refine((names) => !RESERVED.some((name) => Object.hasOwn(names, name)), {
      error: valueTexts.reserved,
    })
    .default({}),
  /** Whether a detail may, or must, say which one of the resource's things it is about. */
  identifier: z.enum(['none', 'optional', 'required']).default('none'),
  fields: z.array(field).max(40).default([]),
  /** Whether a person who has allowed the very same before is not asked again. */
  remember: z.boolean().default(false),
});

export type DetailType = z.output<typeof DetailType>;

const textsOf = (said: Words): string[] =>
  typeof said === 'string' ? [said] : Object.values(said);

/** The members that a sentence names. */
export const placeholders = (sentence: string): string[] =>
  [...sentence.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name as string);

/** What can stand in a sentence for people: what says something, and is said once. */
const membersOf = (type: DetailType): string[] => [
  ...listMembers.filter((name) => type[name]),
  ...(type.identifier === 'none' ? [] : ['identifier']),
  ...type.fields.flatMap((one) =>
    one.type === 'object' ? one.fields.map(({ name }) => `${one.name}.${name}`) : one.name,
  ),
];

/** Where a type contradicts itself. */
export function* typeFlaws(type: DetailType): Generator<{ path: PropertyKey[]; message: string }> {
  const known = membersOf(type);
  for (const name of textsOf(type.sentence).flatMap(placeholders)) {
    if (known.includes(name)) continue;
    const message = `names {${name}}, which is none of ${known.join(', ') || 'no members'}`;
    yield { path: ['sentence'], message };
  }
  for (const [index, { name }] of type.fields.entries()) {
    if (reservedMembers.includes(name)) {
      yield {
        path: ['fields', index, 'name'],
        message: 'has a meaning of its own (RFC 9396, 2.2)',
      };
    }
  }
  const lists = [
    { path: ['fields'], fields: type.fields },
    ...type.fields.flatMap((one, index) =>
      one.type === 'object' ? [{ path: ['fields', index, 'fields'], fields: one.fields }] : [],
    ),
  ];
  for (const { path, fields } of lists) {
    if (new Set(fields.map(({ name }) => name)).size < fields.length)
      yield { path, message: valueTexts.name_twice };
  }
}
