import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Flaw } from './flaw.ts';
import type { SecretReference } from './references.ts';

/** Where references are looked up. */
export interface Sources {
  env: Readonly<Record<string, string | undefined>>;
  /** What relative paths begin at: the folder of the file. */
  folder: string;
}

/** A secret of the file with its value. */
export interface WantedSecret {
  name: string;
  plain: string;
}

/** Characters: fewer could be guessed, more do not fit into what clients send. */
const MIN = 32;
const MAX = 512;

/** People put a secret where its name belongs: only what looks like a name is repeated. */
const nameOf = (from: SecretReference['from']): string => {
  if ('env' in from) {
    return /^[A-Z][A-Z0-9_]{0,63}$/.test(from.env) ? `the variable ${from.env}` : 'the variable';
  }
  return /^\.{0,2}\/[\w./-]+$/.test(from.file) ? `the file ${from.file}` : 'the file';
};

function read(from: SecretReference['from'], { env, folder }: Sources): string | { why: string } {
  if ('env' in from) return env[from.env] || { why: 'is not set' };
  try {
    return readFileSync(resolve(folder, from.file), 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    return { why: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}

/** RFC 6749, appendix A.2: *VSCHAR. */
const flawOf = (plain: string): string | undefined => {
  if (plain.length < MIN) return `holds ${plain.length} characters`;
  if (plain.length > MAX) return `holds more than ${MAX} characters`;
  return /^[\x20-\x7e]+$/.test(plain) ? undefined : 'holds characters that are not printable ASCII';
};

/** The value behind a reference, or what is wrong with it, in words that do not hold it. */
export function resolveSecret(
  { name, from }: SecretReference,
  sources: Sources,
): WantedSecret | Flaw['facts'] {
  const value = read(from, sources);
  const why = typeof value === 'string' ? flawOf(value) : value.why;
  if (typeof value === 'string' && why === undefined) return { name, plain: value };
  return {
    found: `${nameOf(from)} ${why}`,
    expected: `a secret of ${MIN} to ${MAX} printable ASCII characters`,
    remedy: 'set it; openssl rand -base64 32 makes one',
  };
}
