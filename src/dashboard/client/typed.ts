/** What was typed into the form of a client, as a change of the client. */
import { isDeepStrictEqual } from 'node:util';
import { type FormField, formFields } from '../../clients/form-fields.ts';
import { type ClientProperty, clientProperties } from '../../clients/metadata.ts';
import type { Violation } from '../../lib/problem.ts';
import { jsonOf } from '../forms/json.ts';
import { formWordings } from '../words.ts';

export interface Typed {
  /** The client as the form showed it when it was opened. */
  seen: Record<string, unknown>;
  /** A JSON merge patch: what was changed, and nothing else. */
  patch: Record<string, unknown>;
  /** What cannot be read, by property, as it was typed. */
  unread: Map<string, string>;
  errors: Violation[];
}

const lines = (text: string) =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter(Boolean);

const numberOf = (text: string) => (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined);

/** How each kind of field is read; undefined when it cannot be. */
const readers: Readonly<Record<FormField['kind'], (values: string[]) => unknown>> = {
  text: ([text = '']) => text,
  long: ([text = '']) => lines(text).join(' '),
  select: ([text = '']) => text,
  lines: ([text = '']) => lines(text),
  boxes: (values) => [...values],
  switch: (values) => values.length > 0,
  number: ([text = '']) => numberOf(text),
  json: ([text = '']) => jsonOf(text),
};

const isEmpty = (value: unknown) => value === '' || (Array.isArray(value) && value.length === 0);

/** Null where the property goes; an empty list where there must be one. */
const emptied = ({ kind, filled }: FormField) =>
  filled && (kind === 'lines' || kind === 'boxes') ? [] : null;

/** Absence and `false` look alike as a switch, absence and nothing as a list. */
const asShown = (field: FormField, value: unknown): unknown => {
  if (field.kind === 'switch') return value === true;
  return value === undefined || isEmpty(value) ? emptied(field) : value;
};

/** Of boxes only which are checked counts, so the order stays what it was. */
const inOrder = (seen: unknown, values: unknown): unknown => {
  if (!Array.isArray(seen) || !Array.isArray(values)) return values;
  const kept = seen.filter((value) => values.includes(value));
  return [...kept, ...values.filter((value) => !seen.includes(value))];
};

const complaint = (name: string, kind: FormField['kind']): Violation => ({
  pointer: `/${name}`,
  rule: 'property-value',
  ...(kind === 'number' ? formWordings.not_a_number() : formWordings.not_json()),
});

/** What the form showed is what a change is measured by; what is none is as good as nothing. */
function seenOf(text: string): Record<string, unknown> {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null) return {};
  const known = new Map(Object.entries(value));
  return Object.fromEntries(
    clientProperties.flatMap((name) => (known.has(name) ? [[name, known.get(name)]] : [])),
  );
}

export function readTyped(form: URLSearchParams): Typed {
  const seen = seenOf(form.get('seen') ?? '');
  const typed: Typed = { seen, patch: {}, unread: new Map(), errors: [] };
  for (const name of new Set(form.getAll('shown') as ClientProperty[])) {
    const field = formFields.get(name);
    if (!field) continue;
    const texts = form.getAll(name);
    const blank = field.kind !== 'switch' && texts.every((text) => text.trim() === '');
    const read = blank ? emptied(field) : readers[field.kind](texts);
    const value = field.kind === 'boxes' ? inOrder(seen[name], read) : read;
    if (value === undefined) {
      typed.unread.set(name, texts[0] ?? '');
      typed.errors.push(complaint(name, field.kind));
    } else if (!isDeepStrictEqual(value, asShown(field, seen[name]))) {
      typed.patch[name] = value;
    }
  }
  return typed;
}
