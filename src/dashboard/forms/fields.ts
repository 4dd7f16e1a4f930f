import type { Violation } from '../../lib/problem.ts';

/** A field of a form; its texts are `dashboard.TOPIC.field.NAME` and, where there is one, `.help.NAME`. */
export interface Field {
  /** The property that it is; a dot leads into an object: `address.locality`. */
  name: string;
  kind: 'line' | 'area' | 'choice' | 'switch' | 'choices';
  /** Of a line: the type of its input. */
  type?: string;
  autocomplete?: string;
  required?: true;
  /** What can be chosen, as the specifications call it. */
  options?: readonly string[];
  /** Fields with the same word stand together, under `dashboard.TOPIC.group.WORD`. */
  group?: string;
}

/** What stands in fields, by name: lists, since several boxes can be ticked. */
export type Values = Readonly<Record<string, readonly string[]>>;

/** What was typed. Boxes that are not ticked are not sent, so every field has its list. */
export const typed = (fields: readonly Field[], form: URLSearchParams): Values =>
  Object.fromEntries(
    fields.map(({ name, type }) => [
      name,
      form.getAll(name).flatMap((value) => {
        // A password may begin with a space; browsers send CRLF (HTML, 4.10.21.8).
        const text = type === 'password' ? value : value.replaceAll('\r\n', '\n').trim();
        return text === '' ? [] : [text];
      }),
    ]),
  );

const pointerOf = ({ name }: Field) => `/${name.replaceAll('.', '/')}`;

const concerns = (field: Field, { pointer }: Violation) =>
  pointer === pointerOf(field) || pointer.startsWith(`${pointerOf(field)}/`);

/** Fields as templates show them, in groups. @param now what others made of the document meanwhile */
export function shown(
  fields: readonly Field[],
  values: Values,
  { errors = [], now }: { errors?: readonly Violation[]; now?: Values | undefined } = {},
) {
  const views = fields.map((field) => {
    const value = values[field.name] ?? [];
    const other = now?.[field.name] ?? [];
    const differs =
      now !== undefined && field.type !== 'password' && String(other) !== String(value);
    return {
      ...field,
      values: value,
      // Lines of an area are a list, since the strings of a model lose their line breaks.
      lines: value.flatMap((text) => text.split('\n')),
      error: errors.find((error) => concerns(field, error)),
      ...(differs && { now: other.flatMap((text) => text.split('\n')) }),
    };
  });
  return [...Map.groupBy(views, ({ group = '' }) => group)].map(([group, members]) => ({
    group,
    fields: members,
    open: members.some(({ error, now: other }) => error || other),
  }));
}

/** The only value of a field; undefined when it is empty. */
export const one = (values: Values, name: string): string | undefined => values[name]?.[0];

/** The number that was typed, else the text, for the API to refuse; undefined when it is empty. */
export function amount(values: Values, name: string): number | string | undefined {
  const text = one(values, name);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Whether a switch is on. */
export const on = (values: Values, name: string): boolean => one(values, name) === 'on';

/** What is on many lines, without empty ones. */
export const linesOf = (values: Values, name: string): string[] =>
  (one(values, name) ?? '').split('\n').flatMap((line) => line.trim() || []);
