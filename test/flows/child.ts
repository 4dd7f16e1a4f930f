/** The program as an operator starts it: a process of its own, spoken to over its port and its signals. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../../src/lib/ids.ts';
import { type Requests, speakTo } from '../support/op.ts';

const root = join(import.meta.dirname, '../..');

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

export interface Running {
  child: ChildProcess;
  /** Everything printed so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves with the exit code when the process has ended. */
  ended: Promise<number | null>;
}

/** Starts the program with nothing of this process's environment but PATH. */
export function start(env: Record<string, string>): Running {
  const child = spawn(process.execPath, ['--import', './src/preload.js', 'src/main.ts'], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  }
  return {
    child,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    ended: once(child, 'close').then(([code]) => code as number | null),
  };
}

export interface Served extends Running, Requests {
  issuer: string;
  stop(): Promise<number | null>;
}

/** Starts the program on a free port, unless `env` names one, and waits until it serves. */
export async function serve(env: Record<string, string> = {}): Promise<Served> {
  const port = env.PORT ?? (await freePort());
  const issuer = `http://127.0.0.1:${port}`;
  const admin = { client_id: 'automation', client_secret: newId(256) };
  const mail = temporaryFolder();
  const running = start({
    PORT: String(port),
    ISSUER: issuer,
    ADMIN_CLIENT_ID: admin.client_id,
    ADMIN_CLIENT_SECRET: admin.client_secret,
    MAIL_FOLDER: mail.path,
    ...env,
  });
  void running.ended.then(mail.remove);
  for (let tries = 0; !running.stdout().includes('Clientele serves'); tries += 1) {
    if (running.child.exitCode !== null || tries > 400) {
      running.child.kill('SIGKILL');
      throw new Error(`it does not serve: ${running.stdout()}${running.stderr()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    ...running,
    ...speakTo(issuer, admin),
    issuer,
    stop() {
      running.child.kill('SIGTERM');
      return running.ended;
    },
  };
}

/** A folder of one's own, and how to be rid of it. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'clientele-'));
  return {
    path,
    files: () => (existsSync(path) ? readdirSync(path, { recursive: true }) : []),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
