import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const src = join(root, 'src');

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

const read = (file: string) => readFileSync(join(src, file), 'utf8');

/** Every module that a file imports or re-exports, statically or not. */
const importsOf = (file: string): string[] =>
  [...read(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name as string);

const layerOf = (file: string) => (file.includes('/') ? (file.split('/')[0] as string) : 'top');

/** Folder → the folders that it may import. An arrow may skip, never turn back. */
const below: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  config: ['lib'],
  store: ['lib', 'config'],
  audit: ['lib', 'store'],
  clients: ['lib', 'config', 'store', 'audit'],
  accounts: ['lib', 'config', 'store', 'audit'],
  'client-files': ['lib', 'store', 'audit', 'clients'],
  registration: ['lib', 'config', 'store', 'audit', 'clients'],
  oidc: ['lib', 'config', 'store', 'clients', 'accounts', 'registration'],
  web: ['lib', 'config', 'clients', 'accounts', 'oidc', 'registration'],
  dashboard: ['lib', 'config', 'clients', 'accounts', 'oidc', 'web'],
  api: ['lib', 'config', 'audit', 'clients', 'accounts', 'oidc', 'registration'],
};

/** Types and errors of the store may be named anywhere; only its documents are off limits. */
const contract = 'store/store.ts';

/** Packages that one folder answers for. */
const owners: Readonly<Record<string, string>> = {
  'oidc-provider': 'oidc',
  mongodb: 'store',
  'node:sqlite': 'store',
  '@node-rs/argon2': 'accounts',
  nodemailer: 'web',
  nunjucks: 'web',
  yaml: 'config,client-files',
};

describe('the tree', () => {
  test('has only folders that the layers know', () => {
    const unknown = [...new Set(files.map(layerOf))].filter(
      (layer) => layer !== 'top' && !Object.hasOwn(below, layer),
    );
    expect(unknown).toEqual([]);
  });

  test('imports only downwards', () => {
    const wrong = files.flatMap((file) => {
      const layer = layerOf(file);
      if (layer === 'top') return [];
      return importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => relative(src, join(src, dirname(file), name)))
        .filter((target) => {
          const other = layerOf(target);
          if (other === layer || target === contract) return false;
          return !below[layer]?.includes(other);
        })
        .map((target) => `${file} → ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  test('never reaches into the engine’s internals', () => {
    const wrong = files.filter((file) =>
      importsOf(file).some((name) => name.startsWith('oidc-provider/')),
    );
    expect(wrong).toEqual([]);
  });

  test('lets each outside package in through its own folder', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((name) => Object.hasOwn(owners, name))
        .filter((name) => !owners[name]?.split(',').includes(layerOf(file)))
        .map((name) => `${file} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test('reads process in main.ts alone', () => {
    const wrong = files.filter(
      (file) => file !== 'main.ts' && /\bprocess\.\w|from 'node:process'/.test(read(file)),
    );
    expect(wrong).toEqual([]);
  });

  test('imports by relative paths that end in .ts, or by package', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith('.') && !/\.(ts|js)$/.test(name))
        .map((name) => `${file} → ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('a file', () => {
  const lines = (file: string) => read(file).split('\n').length;

  test('is small: the median has at most 130 lines', () => {
    const sizes = files.map(lines).sort((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(130);
  });

  test('is under 260 lines, unless it is a table', () => {
    const tables = ['clients/metadata.ts', 'config/schema.ts'];
    const long = files.filter((file) => lines(file) > 260 && !tables.includes(file));
    expect(long).toEqual([]);
  });
});
