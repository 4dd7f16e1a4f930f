import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { signInThrough } from './program.ts';

const root = join(import.meta.dirname, '../..');

/** A Python that has Authlib: the one named, or the one that .ci/run makes. */
const python = [process.env.AUTHLIB_PYTHON, join(root, '.cache/secantus/bin/python')].find(
  (path) =>
    path !== undefined &&
    existsSync(path) &&
    spawnSync(path, ['-c', 'import authlib, joserfc, requests']).status === 0,
);
if (!python) console.log('no Authlib: install it and set AUTHLIB_PYTHON to its python');

(python ? test : test.skip)(
  'a relying party in Python (Authlib) signs a person in by discovery alone',
  () =>
    signInThrough(python as string, [join(import.meta.dirname, 'authlib_rp.py')], {
      AUTHLIB_INSECURE_TRANSPORT: '1',
    }),
);
