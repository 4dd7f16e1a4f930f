/**
 * Values that follow from the declaration alone: the longest and one beyond it, the most and one more,
 * every choice and none of them, every other kind of value. A changed limit changes them with it.
 */
import { z } from 'zod';
import { ClientMetadata, type ClientProperty } from '../../src/clients/metadata.ts';
import { invisibles } from './hostile-values.ts';
import { type Case, refuse, type Sample } from './value.ts';

/** What of JSON Schema the declaration makes use of. */
interface Schema {
  type: 'string' | 'boolean' | 'integer' | 'array' | 'object';
  enum?: string[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
}

const { properties } = z.toJSONSchema(ClientMetadata, { io: 'input' }) as unknown as {
  properties: Record<ClientProperty, Schema>;
};

export const schemaOf = (name: ClientProperty): Schema => properties[name];

/** One value of each kind that JSON has. `null` and the empty text are asked about apart. */
const kinds: readonly [type: Schema['type'], value: unknown][] = [
  ['string', 'a text'],
  ['string', 'true'],
  ['string', '1'],
  ['boolean', true],
  ['integer', 7],
  ['array', ['a text']],
  ['array', []],
  ['object', { a: 'text' }],
  ['object', { $gt: '' }],
];

const otherKinds = (type: Schema['type']) =>
  refuse(...kinds.filter((kind) => kind[0] !== type).map(([, value]) => value));

const range = (length: number) => Array.from({ length }, (_, index) => index);

/** Some texts cannot be as short as their property allows. */
const fits = (length: number | undefined) => (value: unknown) =>
  length !== undefined && String(value).length === length;

function strings({ enum: choices, minLength, maxLength }: Schema, sample?: Sample): Case[] {
  if (choices) {
    const [first = ''] = choices;
    return [
      ...choices.map((value) => ({ value })),
      ...refuse(
        'unheard-of',
        first.toUpperCase() === first ? first.toLowerCase() : first.toUpperCase(),
      ),
      ...refuse(`${first} `, `${first}\0`, '__proto__', 'constructor', 'toString'),
    ];
  }
  if (!sample || maxLength === undefined) return [];
  return [
    { value: sample(maxLength), what: `${maxLength} characters` },
    ...[sample(minLength ?? 0)].filter(fits(minLength)).map((value) => ({ value })),
    ...refuse(sample(maxLength + 1), sample(maxLength * 10)),
  ];
}

function integers({ minimum = 0, maximum = 0 }: Schema): Case[] {
  return [
    { value: minimum },
    { value: maximum },
    ...refuse(minimum - 1, maximum + 1, minimum + 0.5, 1e300),
  ];
}

/** Lists of the members `sample(0)`, `sample(1)`, …, each wrong member beside a right one. */
function lists(property: ClientProperty, schema: Schema, member?: (index: number) => unknown) {
  const { items, minItems = 0, maxItems = 0 } = schema;
  const within = otherKinds(items?.type ?? 'string').map(({ value }) => value);
  const wrong = [null, '', ...within, ...(items?.enum ? ['unheard-of'] : [])];
  const beside = member ? [member(0)] : (items?.enum ?? []).slice(0, 1);
  return [
    ...wrong.map((value) => ({
      value: [...beside, value],
      rule: 'property-value',
      pointer: `/${property}/${beside.length}`,
    })),
    ...(minItems > 0 ? refuse([]) : []),
    ...(member
      ? [
          { value: range(maxItems).map(member), what: `${maxItems} members` },
          ...refuse(range(maxItems + 1).map(member)),
        ]
      : []),
  ];
}

/**
 * @param sample makes a right text of any length, or the member with this index of a list;
 *   without it, how long or how many is not asked
 */
export function generate(name: ClientProperty, sample?: Sample): Case[] {
  const schema = schemaOf(name);
  const wrong = otherKinds(schema.type);
  switch (schema.type) {
    case 'boolean':
      return [{ value: true }, { value: false }, ...wrong];
    case 'integer':
      return [...integers(schema), ...wrong];
    case 'array':
      return [...lists(name, schema, sample), ...wrong];
    case 'string':
      return [...strings(schema, sample), ...wrong];
    case 'object':
      return wrong;
  }
}

/** A text with each character that is not seen, or that makes another text of it than there is. */
export const withInvisibles = (before: string, after: string): Case[] =>
  refuse(...invisibles.map((character) => `${before}${character}${after}`));
