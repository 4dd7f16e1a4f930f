import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { signInThrough } from './program.ts';

const go = process.env.GO;
if (!go) console.log('no Go: set GO to its command; it fetches two modules the first time');

const folder = go && mkdtempSync(join(tmpdir(), 'clientele-go-'));
afterAll(() => {
  if (folder) rmSync(folder, { recursive: true, force: true });
});

(go ? test : test.skip)(
  'a relying party in Go (go-oidc, x/oauth2) signs a person in by discovery alone',
  async () => {
    const program = join(String(folder), 'rp');
    const built = spawnSync(String(go), ['build', '-o', program, '.'], {
      cwd: join(import.meta.dirname, 'go'),
      encoding: 'utf8',
    });
    expect(built).toMatchObject({ status: 0, stderr: expect.any(String) });
    await signInThrough(program, []);
  },
  240_000,
);
