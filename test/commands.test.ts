import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { newId } from '../src/lib/ids.ts';

const root = join(import.meta.dirname, '..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clientele-commands-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const environment = (more: Record<string, string> = {}) => ({
  PATH: process.env.PATH ?? '',
  STORE_URL: `sqlite:${join(folder, 'store.db')}`,
  ...more,
});

/** Runs the program to its end. */
const run = (args: string[], env: Record<string, string> = {}, input = '') => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/main.ts', ...args], {
    cwd: root,
    env: environment(env),
    input,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Starts the server and waits until it serves. */
async function serve(env: Record<string, string> = {}) {
  const port = await freePort();
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: root,
    env: environment({ PORT: String(port), ...env }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const at = `http://127.0.0.1:${port}`;
  const ready = async () => {
    for (;;) {
      const answer = await fetch(`${at}/health/ready`).catch(() => undefined);
      if (answer?.ok) return;
      if (child.exitCode !== null) throw new Error(`it ended: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await ready();
  const stop = () => {
    child.kill();
    return exit;
  };
  return { at, output: () => output, stop };
}

describe('accounts create', () => {
  test('makes an account with the password on standard input', () => {
    const made = run(
      ['accounts', 'create', 'ada@example.com', 'Ada'],
      {},
      'correct horse battery\n',
    );
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(made.stdout).toMatch(/^Created account [\w-]{22} for ada@example\.com\.\n$/);
    const again = run(['accounts', 'create', 'ADA@example.com'], {}, 'correct horse battery');
    expect(again).toEqual({
      status: 1,
      stdout: '',
      stderr: 'There is an account with this e-mail already.\n',
    });
  });

  test('says what is wrong, without a stack', () => {
    const { status, stderr } = run(['accounts', 'create', 'nobody'], {}, 'x');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        /^The account breaks rules; each is listed\.\n {2}\/email: .+\n$/,
      ),
    });
    expect(run(['accounts', 'create']).stderr).toMatch(/^accounts create EMAIL/);
    expect(run(['nonsense']).stderr).toMatch(/^There is no command "nonsense" – known: /);
  });

  test('makes a password when none is given, and prints it once', () => {
    expect(run(['accounts', 'create', 'eve@example.com']).stdout).toMatch(
      /Its password is \S{22} – /,
    );
  });
});

describe('starting', () => {
  test('announces the first administrator once, with a password when none was given', async () => {
    const first = await serve();
    expect(await first.stop()).toBe(0);
    expect(first.output()).toMatch(
      /The first administrator is \S+ with the password \S{22} – it is shown this once\./,
    );
    const second = await serve();
    expect(await second.stop()).toBe(0);
    expect(second.output()).not.toContain('administrator');
  });

  test('keeps its keys, and refuses to go on with another SECRETS_KEY', async () => {
    const SECRETS_KEY = newId(256);
    const jwks = async (env: Record<string, string>) => {
      const server = await serve(env);
      const text = await (await fetch(`${server.at}/jwks`)).text();
      await server.stop();
      return text;
    };
    const first = await jwks({ SECRETS_KEY });
    expect(await jwks({ SECRETS_KEY })).toBe(first);
    expect(await jwks({ SECRETS_KEY: `${newId(256)},${SECRETS_KEY}` })).toBe(first);
    const { status, stderr } = run([], { SECRETS_KEY: newId(256), PORT: String(await freePort()) });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^SECRETS_KEY does not open this store: .+\n$/),
    });
  });

  test('runs several processes on one port and one store, all with the same keys, and ends them all', async () => {
    const server = await serve({ WORKERS: '3' });
    const answers = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const response = await fetch(`${server.at}/jwks`, { headers: { connection: 'close' } });
        return response.text();
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect(await server.stop()).toBe(0);
    expect(server.output().match(/The first administrator/g)).toHaveLength(1);
    await expect(fetch(`${server.at}/jwks`)).rejects.toThrow();
  });
});

/** A Node on this machine that is older than what the project needs. */
const old = (process.env.PATH ?? '')
  .split(':')
  .filter((path) => !path.includes('node_modules'))
  .map((path) => join(path, 'node'))
  .find((node) => {
    const { stdout } = spawnSync(node, ['-p', 'process.versions.node.split(".")[0]'], {
      encoding: 'utf8',
    });
    return Number(stdout) > 0 && Number(stdout) < 24;
  });
if (!old) console.log('no Node older than 24 on PATH to try');

(old ? test : test.skip)('on a Node that is too old, the start ends with one sentence', () => {
  const { status, stderr } = spawnSync(
    old as string,
    ['--import', './src/preload.js', 'src/main.ts'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/^Clientele needs Node\.js 24 or newer, this is [\d.]+: [^\n]+\.\n$/);
});
