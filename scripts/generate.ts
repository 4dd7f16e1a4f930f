/**
 * Writes every generated file; with `--check` it writes none and fails, naming those that differ.
 * A new kind of generated file is one more line in `files`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { clientDocuments } from '../src/clients/document.ts';
import { configDocuments, type GeneratedFile } from '../src/config/document.ts';

const root = new URL('../', import.meta.url);
const files: GeneratedFile[] = [...configDocuments(), ...clientDocuments()];

const committed = (path: string): string | undefined => {
  try {
    return readFileSync(new URL(path, root), 'utf8');
  } catch {
    return undefined;
  }
};

const differing = files.filter(({ path, text }) => committed(path) !== text);

if (process.argv.includes('--check')) {
  for (const { path } of differing) console.error(`${path} is not up to date: npm run generate`);
  process.exitCode = differing.length > 0 ? 1 : 0;
} else {
  for (const { path, text } of differing) {
    writeFileSync(new URL(path, root), text);
    console.log(`wrote ${path}`);
  }
}
