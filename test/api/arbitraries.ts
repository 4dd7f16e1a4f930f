/** Requests made from an API's own document: what it allows, and what it forbids. */
import fc from 'fast-check';

// biome-ignore lint/suspicious/noExplicitAny: a JSON Schema is walked
export type Schema = any;

const formats: Record<string, fc.Arbitrary<string>> = {
  email: fc
    .tuple(fc.stringMatching(/^[a-z]{1,12}$/), fc.stringMatching(/^[a-z]{1,12}$/))
    .map(([user, domain]) => `${user}@${domain}.example`),
  uri: fc.webUrl(),
  url: fc.webUrl(),
  date: fc
    .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
};

const text = (schema: Schema): fc.Arbitrary<string> => {
  const format = formats[schema.format];
  if (format) return format;
  const bounds = {
    minLength: schema.minLength ?? 0,
    maxLength: Math.min(schema.maxLength ?? 40, 300),
  };
  try {
    if (schema.pattern) return fc.stringMatching(new RegExp(schema.pattern));
  } catch {
    // A pattern that cannot be generated from: any text, which the server may refuse.
  }
  return fc.string(bounds);
};

const whole = ({ minimum, exclusiveMinimum, maximum }: Schema) =>
  fc.integer({
    min: Math.max(minimum ?? (exclusiveMinimum ?? -1000) + 1, -(2 ** 31)),
    max: Math.min(maximum ?? 2 ** 31 - 1, 2 ** 31 - 1),
  });

const properties = (schema: Schema): fc.Arbitrary<unknown> => {
  const known = Object.entries<Schema>(schema.properties ?? {});
  if (known.length === 0 && schema.additionalProperties !== false) {
    const more = schema.additionalProperties;
    const value = more && more !== true ? arbitraryOf(more) : fc.jsonValue({ maxDepth: 2 });
    return fc.dictionary(fc.stringMatching(/^[a-z_]{1,12}$/), value, { maxKeys: 4 });
  }
  const fields = Object.fromEntries(known.map(([name, one]) => [name, arbitraryOf(one)]));
  const required: string[] = schema.required ?? [];
  const optional = known.map(([name]) => name).filter((name) => !required.includes(name));
  // Few at a time: of fifty random properties one is always refused, and hides the others.
  return fc
    .subarray(optional, { maxLength: Math.min(3, optional.length) })
    .chain((some) =>
      fc.record(
        Object.fromEntries(
          [...required, ...some].map((name) => [name, fields[name] as fc.Arbitrary<unknown>]),
        ),
      ),
    );
};

/** Values that a schema allows; of patterns and refinements as near as can be told. */
export function arbitraryOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(arbitraryOf));
  if (schema.type === 'string') return text(schema);
  if (schema.type === 'integer' || schema.type === 'number') return whole(schema);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'null') return fc.constant(null);
  if (schema.type === 'object') return properties(schema);
  if (schema.type === 'array') {
    const { items = {}, minItems: minLength = 0, maxItems = 4 } = schema;
    return fc.array(arbitraryOf(items), {
      minLength,
      maxLength: Math.max(minLength, Math.min(maxItems, 4)),
    });
  }
  return fc.jsonValue({ maxDepth: 2 });
}

/** An own property of this name, as JSON from outside would have it. */
const prototype: unknown = JSON.parse(
  '{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}}}',
);

const nested = (depth: number): unknown => {
  let value: unknown = 'x';
  for (let level = 0; level < depth; level += 1) value = level % 2 ? [value] : { jwks: value };
  return value;
};

export const hostileTexts = [
  '',
  '\0',
  'a\0b',
  '\ud800',
  'x\udfff',
  '\u202eevil',
  '\ufeff',
  '\r\nX-Injected: 1',
  '__proto__',
  'constructor',
  '../../clients',
  '[$ne]',
  '$where',
  '{"$gt":""}',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  'javascript:alert(1)',
  '😀'.repeat(200),
  'x'.repeat(2049),
];

const hostileValues: unknown[] = [
  ...hostileTexts,
  'x'.repeat(200_000),
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  [],
  {},
  [null],
  [[[]]],
  { $ne: '' },
  { $where: 'sleep(1000)' },
  Array.from({ length: 2000 }, (_, n) => `https://a.example/${n}`),
  prototype,
  nested(50),
  nested(1500),
];

/** What no route is made for, in place of a value. */
export const hostile = fc.constantFrom(...hostileValues);

/** A body that a schema allows but for one thing, or that is something else altogether. */
export const spoiled = (schema: Schema): fc.Arbitrary<unknown> => {
  const names = Object.keys(schema.properties ?? {});
  const name = fc.oneof(
    ...(names.length > 0 ? [fc.constantFrom(...names)] : []),
    fc.constantFrom('__proto__', 'toString', 'a/b~c', '$set', 'x'.repeat(300)),
  );
  return fc.oneof(
    { weight: 1, arbitrary: hostile },
    {
      weight: 4,
      arbitrary: fc.tuple(arbitraryOf(schema), name, hostile).map(([value, key, bad]) => {
        const base = typeof value === 'object' && value !== null ? value : {};
        return Object.fromEntries([...Object.entries(base), [key, bad]]);
      }),
    },
  );
};

/** Bodies that are no JSON, or JSON that nobody sends. */
export const hostileBodies = [
  '',
  '{',
  'nonsense',
  '\ufeff{}',
  '{"a":1,}',
  '1e999',
  `"${'x'.repeat(1_048_576)}"`,
  '['.repeat(100_000),
  `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  `${'{"jwks":'.repeat(25_000)}1${'}'.repeat(25_000)}`,
  `{"extra_metadata":${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}}`,
  '{"type":"web","type":"native","redirect_uris":["https://a.example/"]}',
];
