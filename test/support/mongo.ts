/**
 * A server that speaks MongoDB, for tests. With `MONGODB_URI` that one, in a database of the test's
 * own; else one started here (SecantusDB: see docs), found by `SECANTUS`, on PATH, or where `.ci/run`
 * installs it. Everything it writes is gone afterwards.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MongoClient } from 'mongodb';

/** A server, or a database of one. */
export interface Mongo {
  /** Connection string with a database. */
  readonly url: string;
  /** Whether this test started it, and so may kill it. */
  readonly owned: boolean;
  /** Ends it and removes what it holds. */
  stop(): Promise<void>;
  /** Ends it as a power cut would (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same port with the same data. */
  restart(): Promise<void>;
}

/** Why `startMongo` answers `undefined`. */
export const NO_MONGO =
  'no MongoDB: set MONGODB_URI, or install SecantusDB and set SECANTUS to its secantusd-py';

/**
 * @param flags for a server started here, such as `--standalone`, which `MONGODB_URI` cannot give
 * @returns `undefined` where there is neither a server nor a program to start
 */
export async function startMongo(flags: readonly string[] = []): Promise<Mongo | undefined> {
  const given = process.env.MONGODB_URI;
  if (given && flags.length === 0) return databaseOf(given);
  const program = findProgram();
  return program === undefined ? undefined : startProgram(program, flags);
}

function databaseOf(uri: string): Mongo {
  const name = `clientele_test_${randomBytes(6).toString('hex')}`;
  const url = uri.replace(/^([^/]*\/\/[^/?]*)(\/[^?]*)?/, `$1/${name}`);
  const refuse = async () => {
    throw new Error('a server that was not started here is not ended here');
  };
  return {
    url,
    owned: false,
    async stop() {
      const client = new MongoClient(url);
      await client.db(name).dropDatabase();
      await client.close();
    },
    kill: refuse,
    restart: refuse,
  };
}

function findProgram(): string | undefined {
  const path = (process.env.PATH ?? '').split(delimiter).map((dir) => join(dir, 'secantusd-py'));
  const places = process.env.SECANTUS
    ? [process.env.SECANTUS]
    : [...path, resolve('.cache/secantus/bin/secantusd-py')];
  return places.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function startProgram(program: string, flags: readonly string[]): Promise<Mongo> {
  const data = mkdtempSync(join(tmpdir(), 'clientele-mongo-'));
  const port = await freePort();
  const args = ['--port', `${port}`, '--storage-path', data, '--sync-on-commit', ...flags];
  let server: ChildProcess;

  const start = async (): Promise<void> => {
    server = spawn(program, args, { cwd: data, stdio: 'ignore' });
    process.once('exit', () => server.kill('SIGKILL'));
    await answers(server, port);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, 'exit');
    server.kill(signal);
    await exit;
  };

  await start();
  return {
    url: `mongodb://127.0.0.1:${port}/clientele`,
    owned: true,
    async stop() {
      await end('SIGKILL');
      rmSync(data, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
    restart: start,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(server: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (server.exitCode !== null) throw new Error(`${server.spawnfile} ended: ${server.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const [event] = await Promise.race([
      once(socket, 'connect').then(() => ['connect']),
      once(socket, 'close').then(() => ['close']),
    ]).catch(() => ['close']);
    socket.destroy();
    if (event === 'connect') return;
    await pause(100);
  }
  throw new Error(`${server.spawnfile} does not answer`);
}
