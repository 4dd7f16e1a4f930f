import type { Origins } from './load.ts';
import { listOptions, readOptions } from './options.ts';
import type { Config } from './schema.ts';

/** One option as an operator is shown it. */
export interface Setting {
  /** The path joined by dots. */
  name: string;
  help: string;
  source: 'default' | 'file' | 'environment';
  /** Its environment variable. */
  env?: string;
  secret: boolean;
  /** Whether it has a value; of secrets that is all that is told. */
  set: boolean;
  value?: unknown;
}

/** Every option with its value in force and where that comes from, in schema order. */
export const listSettings = (config: Config, origins: Origins): Setting[] =>
  listOptions(readOptions()).map(({ name, path, meta }) => {
    const value = path.reduce<unknown>(
      (part, key) => (part as Record<string, unknown> | undefined)?.[key],
      config,
    );
    const secret = meta.secret === true;
    return {
      name,
      help: meta.help,
      source: origins.get(name) ?? 'default',
      ...(meta.env && { env: meta.env }),
      secret,
      set: value !== undefined,
      ...(!secret && value !== undefined && { value }),
    };
  });
