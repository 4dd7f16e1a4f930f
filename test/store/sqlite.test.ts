import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { openSqlite } from '../../src/store/sqlite.ts';
import { storeContract } from '../store.contract.ts';
import { specs } from './subject.ts';

const directory = mkdtempSync(join(tmpdir(), 'clientele-sqlite-'));
const url = `sqlite:${join(directory, 'store.db')}`;
afterAll(() => rmSync(directory, { recursive: true }));

storeContract(
  'sqlite',
  () => openSqlite(url, specs),
  () => url,
);
