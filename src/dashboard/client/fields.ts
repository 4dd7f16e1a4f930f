import { formFields } from '../../clients/form-fields.ts';
import { type ClientProperty, groups, metaOf } from '../../clients/metadata.ts';
import { types } from '../../clients/types/all.ts';
import type { Violation } from '../../lib/problem.ts';
import type { Shown } from './found.ts';

/** The property that a violation is about. */
const propertyOf = ({ pointer }: Violation) => pointer.split('/')[1] ?? '';

const linesOf = (kind: string, value: unknown): string[] => {
  if (value === undefined || value === null) return [];
  if (kind === 'json') return JSON.stringify(value, null, 2).split('\n');
  return Array.isArray(value) ? value.map(String) : [String(value)];
};

interface Filled {
  client: Shown;
  /** What the fields hold. */
  values: Readonly<Record<string, unknown>>;
  /** What was typed and cannot be read, by property. */
  unread: ReadonlyMap<string, string>;
  errors: readonly Violation[];
}

/**
 * The form of a client in groups. Properties that mean nothing for its type are left out, unless
 * something is wrong with them.
 */
export function sectionsOf({ client, values, unread, errors }: Filled) {
  const hidden: readonly string[] = types[client.type as keyof typeof types]?.hidden ?? [];
  const wrong = new Set([...errors, ...client.violations].map(propertyOf));

  const fieldOf = (name: ClientProperty) => {
    const field = formFields.get(name);
    if (!field || (hidden.includes(name) && !wrong.has(name))) return [];
    const { title, help, spec } = metaOf(name);
    const value = values[name];
    const typed = unread.get(name);
    const chosen = linesOf(field.kind, value);
    // What was stored before the list of values became another is still there to be seen.
    const options = [
      ...new Set([...field.options, ...(field.options.length > 0 ? chosen : [])]),
    ].map((option) => ({ value: option, on: chosen.includes(option) }));
    return [
      {
        ...field,
        name,
        title,
        help,
        spec,
        options,
        on: value === true,
        lines: typed === undefined ? chosen : typed.split(/\r\n|\r|\n/),
        errors: errors.filter((error) => propertyOf(error) === name),
      },
    ];
  };

  return groups
    .map((group) => ({
      group,
      fields: [...formFields.keys()]
        .filter((name) => metaOf(name).group === group)
        .flatMap(fieldOf),
    }))
    .filter(({ fields }) => fields.length > 0);
}
