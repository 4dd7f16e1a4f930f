/** One property that changed; absent before or after when it was or is not there. */
export interface Change {
  /** RFC 6901. */
  pointer: string;
  before?: unknown;
  after?: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** What differs between two documents, by property; lists are one value. */
export function differences(before: unknown, after: unknown, at = ''): Change[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) =>
      differences(before[name], after[name], `${at}/${escaped(name)}`),
    );
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [
    {
      pointer: at,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    },
  ];
}
