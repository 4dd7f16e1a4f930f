import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** What to start. */
export interface Program {
  name: string;
  /** The arguments of Node, the script among them. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  port: number;
  /** The path that answers 200 as soon as the server does its work. */
  ready: string;
  /** Takes what the program writes, and is its working directory. */
  folder: string;
}

/** A server in a process of its own. */
export interface Child {
  name: string;
  pid: number;
  url: string;
  /** From its start until it was ready, milliseconds. */
  startup: number;
  /** Everything that it wrote to standard error so far. */
  errors(): string;
  stop(): Promise<void>;
}

/** Milliseconds after which a server that is not ready never will be. */
const PATIENCE = 120_000;

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const answers = (url: string) =>
  fetch(url).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status === 200;
    },
    () => false,
  );

/** Starts a program and waits until it is ready. @throws {Error} with what it wrote when it ends */
export async function start(program: Program): Promise<Child> {
  const { name, folder, port } = program;
  const url = `http://127.0.0.1:${port}`;
  const file = (stream: string) => join(folder, `${name}.${stream}`);
  const [out, err] = [openSync(file('out'), 'w'), openSync(file('err'), 'w')];
  const errors = () => readFileSync(file('err'), 'utf8');

  const begun = performance.now();
  const child = spawn(process.execPath, program.args, {
    cwd: folder,
    env: { PATH: process.env.PATH, ...program.env },
    stdio: ['ignore', out, err],
  });
  closeSync(out);
  closeSync(err);
  const exit = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);

  while (!(await answers(url + program.ready))) {
    if (child.exitCode !== null) throw new Error(`${name} ended at its start:\n${errors()}`);
    if (performance.now() - begun > PATIENCE) throw new Error(`${name} is not ready:\n${errors()}`);
    await pause(5);
  }
  return {
    name,
    pid: child.pid as number,
    url,
    startup: performance.now() - begun,
    errors,
    async stop() {
      child.kill('SIGTERM');
      await exit;
      process.off('exit', kill);
    },
  };
}
