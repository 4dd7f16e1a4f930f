/** An event as the API answers it. */
export interface EventView {
  id: string;
  at: string;
  actor: { via: string; client_id?: string; account_id?: string; request?: string };
  action: string;
  target: string;
  changes: { pointer: string; before?: unknown; after?: unknown }[];
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

type Change = EventView['changes'][number];

const membersOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

/** The changes of an event by property; what was made or deleted whole is told by its members. */
export const changesOf = ({ changes }: EventView): Change[] =>
  changes.flatMap((change) => {
    if (change.pointer !== '') return [change];
    const names = new Set([change.before, change.after].flatMap(membersOf).map(([name]) => name));
    const [before, after] = [change.before, change.after].map(
      (value) => new Map(membersOf(value)),
    ) as [Map<string, unknown>, Map<string, unknown>];
    return [...names].map((name) => ({
      pointer: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      before: before.get(name),
      after: after.get(name),
    }));
  });

/** A change as words tell it: what came, what went. Of lists, the members that differ. */
export function wordsOf({ pointer, before, after }: Change) {
  const property = pointer
    .slice(1)
    .replaceAll('/', '.')
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
  const [had, has] = [before, after].map((value) =>
    (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(text),
  ) as [string[], string[]];
  return {
    property,
    gone: had.filter((one) => !has.includes(one)),
    come: has.filter((one) => !had.includes(one)),
  };
}
