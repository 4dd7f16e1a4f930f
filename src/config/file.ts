import { broken, type Layer, nothing } from './layer.ts';
import { show } from './mistakes.ts';
import type { Section } from './options.ts';

/** Reads a file as text, or throws an error with a `code`, as `readFileSync` does. */
export type ReadFile = (path: string) => string;

/** The layer of the configuration file; without a path it is empty. */
export async function readConfigFile(
  path: string | undefined,
  options: Section,
  readFile: ReadFile,
): Promise<Layer> {
  if (!path) return nothing;
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    return broken({
      path: 'CONFIG_FILE',
      source: 'environment variable CONFIG_FILE',
      found: `${show(path)}, which cannot be read (${(error as NodeJS.ErrnoException).code})`,
      expected: 'the path of a YAML file',
      remedy: 'correct the path, or unset CONFIG_FILE',
    });
  }
  // What reads YAML is loaded by those who have a file of it.
  const { readConfigText } = await import('./yaml.ts');
  return readConfigText(path, text, options);
}
