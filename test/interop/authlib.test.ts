import { join } from 'node:path';
import { test } from '@jest/globals';
import { findPython } from '../support/languages.ts';
import { signInThrough } from './program.ts';

const python = findPython('authlib', 'joserfc', 'requests');
if (!python) console.log('no Authlib: install it and set AUTHLIB_PYTHON to its python');

(python ? test : test.skip)(
  'a relying party in Python (Authlib) signs a person in by discovery alone',
  () =>
    signInThrough(python as string, [join(import.meta.dirname, 'authlib_rp.py')], {
      AUTHLIB_INSECURE_TRANSPORT: '1',
    }),
);
