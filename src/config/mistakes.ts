/** One thing that is wrong with the configuration, and how to mend it. */
export interface Mistake {
  /** The option's name, e.g. `http.port`; the file's when it cannot be read as a whole. */
  path: string;
  /** Where the value stands: `environment variable PORT`, `clientele.yaml:4` or `not set`. */
  source: string;
  /** The value, in a form that may be shown: never a secret. */
  found: string;
  expected: string;
  remedy: string;
}

const block = ({ path, source, found, expected, remedy }: Mistake): string =>
  [
    `${path} (${source})`,
    `  found:    ${found}`,
    `  expected: ${expected}`,
    `  remedy:   ${remedy}`,
  ].join('\n');

/** The configuration cannot be used. Its message reports every mistake and is made to be read. */
export class ConfigError extends Error {
  readonly code = 'config';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
    super([`The configuration has ${count}.`, ...mistakes.map(block)].join('\n\n'));
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

/** The kind of a value without the value itself. */
export const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return { string: 'text', object: 'a mapping' }[typeof value as string] ?? `a ${typeof value}`;
};

/** People put a key where its file's name belongs, and a password into a URL: neither is repeated. */
const disguise = (text: string): string =>
  text.includes('-----BEGIN') ? '(hidden)' : text.replace(/\/\/.*@/s, '//(hidden)@');

/** Longest text that a report repeats, characters. */
const SHOWN = 80;

/** A value as a report may show it. */
export function show(value: unknown, secret = false): string {
  if (secret) return '(hidden)';
  if (typeof value === 'object') return kindOf(value);
  if (typeof value !== 'string') return String(value);
  const shown = disguise(value);
  if (shown === '(hidden)') return shown;
  return JSON.stringify(shown.length > SHOWN ? `${shown.slice(0, SHOWN)}…` : shown);
}
