import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { createAgent, leftFor } from '../support/agent.ts';
import { startOp } from '../support/op.ts';

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
  async () => {
    const op = await startOp();
    const [client, person] = [await op.createClient(), await op.createAccount()];
    const child = spawn(python as string, [join(import.meta.dirname, 'authlib_rp.py')], {
      env: { ...process.env, AUTHLIB_INSECURE_TRANSPORT: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      const say = (value: object) => child.stdin.write(`${JSON.stringify(value)}\n`);
      const hear = async () => JSON.parse((await lines.next()).value ?? '{}');
      const { client_id, client_secret, redirect_uris } = client;
      say({ issuer: op.issuer, client_id, client_secret, redirect_uri: redirect_uris[0] });
      const { url } = await hear();
      const callback = leftFor(await createAgent(op.issuer).authorize(url, person));
      say({ callback: callback.href });
      const user = { sub: person.id, name: 'Ada Lovelace', email: person.email };
      expect(await hear()).toEqual({
        sub: person.id,
        user: expect.objectContaining(user),
        rotated: true,
        refreshed_user: expect.objectContaining(user),
      });
    } finally {
      child.kill();
      await op.close();
    }
  },
);
