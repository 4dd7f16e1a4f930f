import { readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { plans, select } from '../scripts/conformance/plans.ts';

const read = (file: string) => readFileSync(join(import.meta.dirname, '..', file), 'utf8');
const names = plans.map(({ name }) => name).sort();

describe('the plans of the conformance suite', () => {
  test('have a name each', () => {
    expect(new Set(names).size).toBe(names.length);
  });

  test('are those whose results docs/conformance.md tells', () => {
    const told = [...read('docs/conformance.md').matchAll(/^\| `([\w-]+)` \| \d+ \|/gm)];
    expect(told.map(([, name]) => name).sort()).toEqual(names);
  });

  test('run once on each store in the workflow', () => {
    const { jobs } = parse(read('.github/workflows/conformance.yml'));
    const { matrix } = jobs.plans.strategy;
    const parts: { globs: string }[] = matrix.plans;
    const run = parts.flatMap(({ globs }) => select(globs.split(' ')).map(({ name }) => name));
    expect(run.sort()).toEqual(names);
  });

  test('are chosen by name or glob, and a name that there is not is told', () => {
    const chosen = select(['config', 'basic-*']).map(({ name }) => name);
    expect(chosen).toEqual(
      plans.map(({ name }) => name).filter((name) => matchesGlob(name, '{config,basic-*}')),
    );
    expect(() => select(['basic'])).toThrow('no plan is basic:');
  });
});
