import type { Report } from './flaw.ts';
import { isObject } from './plain.ts';

/** Where a secret comes from. */
export interface SecretReference {
  name: string;
  from: { env: string } | { file: string };
}

const plain = {
  found: 'something else than a reference, perhaps a secret itself',
  expected: '{ name: main, from: { env: NAME } } or { name: main, from: { file: PATH } }',
  remedy: 'keep the secret in the environment or in a file of its own, and name that here',
};

const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= max;

const only = (value: Record<string, unknown>, names: readonly string[]) =>
  Object.keys(value).every((key) => names.includes(key));

function readSource(from: unknown): SecretReference['from'] | undefined {
  if (!isObject(from) || Object.keys(from).length !== 1) return undefined;
  const { env, file } = from;
  if (isText(env, 128) && /^[A-Za-z_]\w*$/.test(env)) return { env };
  if (isText(file, 1024) && !file.includes('\0')) return { file };
  return undefined;
}

/** Reads the list under `secrets`. What it finds is never repeated: it may be a secret. */
export function readReferences(
  path: readonly string[],
  value: unknown,
  report: Report,
): SecretReference[] {
  if (!Array.isArray(value) || value.length === 0) {
    report(path, {
      expected: 'a list with at least one secret by reference',
      remedy: 'leave secrets out to leave those of the client alone',
    });
    return [];
  }
  const names = new Set<string>();
  return value.flatMap((item: unknown, index) => {
    const at = [...path, String(index)];
    const from = isObject(item) && only(item, ['name', 'from']) && readSource(item.from);
    if (!from || !isObject(item) || !isText(item.name, 64)) {
      report(at, plain);
      return [];
    }
    if (names.has(item.name)) {
      report([...at, 'name'], { found: 'the same name a second time', expected: 'each name once' });
    }
    names.add(item.name);
    return [{ name: item.name, from }];
  });
}
