import type { Layer, Setting } from './layer.ts';
import { listOptions, type Section, typeOf } from './options.ts';

/** The process environment, or what a test puts in its place. */
export type Environment = Readonly<Record<string, string | undefined>>;

const truths: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['no', false],
]);

/** How text becomes a value. What does not fit stays text, and the schema's check reports it. */
const coercions: Readonly<Record<string, (text: string) => unknown>> = {
  integer: (text) => (/^\s*[+-]?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : text),
  boolean: (text) => truths.get(text.trim().toLowerCase()) ?? text,
  string: (text) => text,
};

/**
 * The layer of environment variables. An empty one counts as absent, since that is all a compose
 * file or a shell script can do to leave one out.
 */
export function readEnvironment(env: Environment, options: Section): Layer {
  const settings = listOptions(options).flatMap((option): [string, Setting][] => {
    const variable = option.meta.env;
    const text = variable && env[variable];
    if (!text) return [];
    const coerce = coercions[typeOf(option)];
    if (!coerce) throw new TypeError(`no environment variable can hold ${option.name}`);
    const source = () => `environment variable ${variable}`;
    return [[option.name, { option, value: coerce(text), source, undo: `unset ${variable}` }]];
  });
  return { settings: new Map(settings), mistakes: [], complete: true };
}
