/** One thing that is wrong with a file of clients. */
export interface Flaw {
  /** Where in the file: a client's id and an RFC 6901 pointer, as far as there is one. */
  path: readonly string[];
  /** Characters from the beginning of the file. */
  offset: number;
  /** What is wrong, and what to do: lines under that place. Never a secret. */
  facts: Readonly<Record<string, string | undefined>>;
}

export type Report = (path: Flaw['path'], facts: Flaw['facts']) => void;

/** The file cannot be used. Its message reports every flaw and is made to be read. */
export class ClientFileError extends Error {
  readonly code = 'client_file';
}

// Control and format characters: a terminal would obey them, or show another text than there is.
const obeyed = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** Text of any origin as a terminal may show it. */
export const visible = (text: string): string =>
  text.replace(obeyed, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A value on one line. */
export const json = (value: unknown): string => visible(JSON.stringify(value) ?? 'nothing');

/** @param place `FILE:LINE:COLUMN` of an offset */
function block({ path, offset, facts }: Flaw, place: (offset: number) => string): string {
  const told = Object.entries(facts).filter(([, fact]) => fact !== undefined);
  const width = Math.max(...told.map(([name]) => name.length)) + 1;
  return [
    `${place(offset)}${path.length > 0 ? ` ${visible(path.join('/'))}` : ''}`,
    ...told.map(([name, fact]) => `  ${`${name}:`.padEnd(width)} ${visible(fact as string)}`),
  ].join('\n');
}

export function refuse(
  name: string,
  flaws: readonly Flaw[],
  place: (offset: number) => string,
): ClientFileError {
  const count = flaws.length === 1 ? 'one mistake' : `${flaws.length} mistakes`;
  const sorted = flaws.toSorted((one, other) => one.offset - other.offset);
  return new ClientFileError(
    [
      `${visible(name)} has ${count}; nothing was changed.`,
      ...sorted.map((flaw) => block(flaw, place)),
    ].join('\n\n'),
  );
}
