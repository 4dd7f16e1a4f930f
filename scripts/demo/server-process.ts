import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server of its own process, as an operator would start it. */
export interface ServerProcess {
  issuer: string;
  admin: { id: string; secret: string };
  store: string;
  /** What the operator should know. */
  notice?: string;
  /** The last lines that it wrote. */
  lastWords(): string[];
  /** Ends it and removes what was made for it; may be called twice. */
  stop(): Promise<void>;
}

const main = join(import.meta.dirname, '../../src/main.ts');
const secret = () => randomBytes(32).toString('base64url');

/** What would make this server another one than the walk expects. */
const unset = [
  'CONFIG_FILE',
  'ISSUER',
  'HOST',
  'TLS_CERT',
  'TLS_KEY',
  'TRUST_PROXY',
  'METRICS_PORT',
];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when the server says that it serves; rejects when it ends or takes too long. */
function ready(child: ChildProcess, words: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error([why, ...words.slice(-8)].join('\n  ')));
    };
    const timer = setTimeout(fail, 30_000, 'the server is not ready after 30 s');
    child.once('exit', (code, signal) => fail(`the server ended (${signal ?? code}) at its start`));
    child.once('error', (error) => fail(`the server cannot be started: ${error.message}`));
    child.stdout?.on('data', () => {
      if (!words.some((line) => line.startsWith('Clientele serves '))) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

const kind = (url: string) => `${url.split(':', 1)[0]}`;

/**
 * @param env the environment; its STORE_URL and SECRETS_KEY are used when they are set
 */
export async function startServer(
  env: Readonly<Record<string, string | undefined>>,
): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'clientele-demo-'));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', remove);

  const port = await freePort();
  const given = env.STORE_URL;
  const key = env.SECRETS_KEY ?? secret();
  const admin = { id: `demo-${randomBytes(4).toString('hex')}`, secret: secret() };
  const inherited = Object.entries(env).filter(([name]) => !unset.includes(name));
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      LOG_LEVEL: 'warn',
      ...Object.fromEntries(inherited),
      PORT: String(port),
      STORE_URL: given ?? `sqlite:${join(folder, 'demo.db')}`,
      ...((env.SECRETS_KEY || !given?.startsWith('sqlite:')) && { SECRETS_KEY: key }),
      MAIL_FOLDER: join(folder, 'mail'),
      ADMIN_CLIENT_ID: admin.id,
      ADMIN_CLIENT_SECRET: admin.secret,
      ADMIN_EMAIL: 'admin@demo.example',
      ADMIN_PASSWORD: secret(),
    },
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);

  const words: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      words.push(...text.split('\n').filter(Boolean));
      words.splice(0, Math.max(0, words.length - 200));
    });
  }

  const ended = once(child, 'exit').catch(() => undefined);
  const running = () => child.pid !== undefined && child.exitCode === null && !child.signalCode;
  const stop = async () => {
    if (running()) {
      child.kill('SIGTERM');
      const timer = setTimeout(kill, 10_000);
      await ended;
      clearTimeout(timer);
    }
    remove();
    process.off('exit', remove);
    process.off('exit', kill);
  };

  try {
    await ready(child, words);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    issuer: `http://localhost:${port}`,
    admin,
    store: given ? kind(given) : 'sqlite, temporary',
    // Only a store that outlives the walk needs its key again; an embedded one keeps it in a file.
    ...(given?.startsWith('mongodb') &&
      !env.SECRETS_KEY && {
        notice: `A key was made for this store; the next run on it needs SECRETS_KEY=${key}`,
      }),
    lastWords: () => words.slice(-12),
    stop,
  };
}
