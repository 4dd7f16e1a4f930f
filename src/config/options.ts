import { z } from 'zod';
import { Config, type OptionMeta } from './schema.ts';

// Schemas are walked, not compiled: every start would wait for that, longer than it ever saves, and no
// text is run as code.
z.config({ jitless: true });

/** One option of the schema, with everything that is known about it. */
export interface Option {
  path: readonly string[];
  /** The path joined by dots, as reports and documents show it. */
  name: string;
  schema: z.ZodType;
  meta: OptionMeta;
  /** What holds when nothing sets it; undefined when it is absent by default. */
  fallback: unknown;
}

/** A mapping of options and further sections, in schema order. A `Map`, so that no key is special. */
export interface Section {
  path: readonly string[];
  entries: ReadonlyMap<string, Option | Section>;
}

const inner = (schema: unknown): unknown =>
  schema instanceof z.ZodOptional ||
  schema instanceof z.ZodDefault ||
  schema instanceof z.ZodPrefault
    ? inner(schema.unwrap())
    : schema;

/** The schema as a tree: the only place that knows how zod keeps it. */
export function readOptions(schema: z.ZodObject = Config, path: readonly string[] = []): Section {
  const entries = Object.entries(schema.shape).map(([key, value]) => {
    const child = [...path, key];
    const section = inner(value);
    return [
      key,
      section instanceof z.ZodObject ? readOptions(section, child) : readOption(value, child),
    ] as const;
  });
  return { path, entries: new Map(entries) };
}

function readOption(schema: z.core.$ZodType, path: readonly string[]): Option {
  const type = schema as z.ZodType;
  const meta = type.meta() as OptionMeta | undefined;
  const name = path.join('.');
  if (!meta?.help) throw new TypeError(`the option ${name} lacks its help in the schema`);
  return { path, name, schema: type, meta, fallback: type.safeParse(undefined).data };
}

/** True for a section, false for an option. */
export const isSection = (entry: Option | Section): entry is Section => 'entries' in entry;

/** All options below a section, in schema order. */
export const listOptions = (section: Section): Option[] =>
  [...section.entries.values()].flatMap((entry) =>
    isSection(entry) ? listOptions(entry) : [entry],
  );

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The first row that fits says it. */
const descriptions: readonly [
  fits: (schema: JsonSchema) => unknown,
  says: (schema: JsonSchema) => string,
][] = [
  [(it) => it.enum, (it) => `one of ${it.enum?.join(', ')}`],
  [(it) => it.type === 'integer', (it) => `a whole number from ${it.minimum} to ${it.maximum}`],
  [(it) => it.type === 'boolean', () => 'true or false'],
  [(it) => it.format === 'uri', () => 'a URL'],
  [(it) => it.format === 'email', () => 'an e-mail address'],
  [(it) => it.format, (it) => `${it.format}`],
  [(it) => it.type === 'array', (it) => `a list of ${describeJson(it.items)}`],
  [
    (it) => it.type === 'object',
    (it) => `a mapping, each name with ${describeJson(it.additionalProperties)}`,
  ],
  [() => true, () => 'text'],
];

const describeJson = (schema: unknown): string => {
  const known = typeof schema === 'object' && schema !== null ? (schema as JsonSchema) : {};
  return descriptions.find(([fits]) => fits(known))?.[1](known) ?? 'text';
};

/** What an option takes, in words: "a whole number from 1 to 64". */
export const describe = (option: Option): string =>
  describeJson(z.toJSONSchema(option.schema, { io: 'input' }));

/** What kind of value an option takes, as JSON Schema names it: `string`, `integer`, `boolean` … */
export const typeOf = (option: Option): string =>
  String(z.toJSONSchema(option.schema, { io: 'input' }).type);
