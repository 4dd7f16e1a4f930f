/** The program, and the only file that reads `process`: everything else is told. */
import './preload.js';
import type { Worker } from 'node:cluster';
import { once } from 'node:events';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Shell } from './shell.ts';

// Not a static import: those are compiled before the first one of them has run.
const { run } = await import('./commands.ts');

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** The first signal asks, the second one ends the process at once. */
const ended = new Promise<void>((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      resolve();
      process.once(signal, () => process.exit(1));
    });
  }
});

/** This process as one of several, if it is one; others need nothing of what that takes. */
const worker: Worker | undefined = process.channel && (await import('node:cluster')).default.worker;

/** Keeps `workers` processes running until asked to end; one that fails at start ends them all. */
async function fork(workers: number): Promise<void> {
  const { default: cluster } = await import('node:cluster');
  let ending = false;
  const exits: Promise<unknown>[] = [];
  const start = () => {
    const worker = cluster.fork();
    let ready = false;
    worker.once('listening', () => {
      ready = true;
    });
    const exit = once(worker, 'exit').then(() => {
      if (ending) return;
      if (ready) return start();
      process.exitCode = 1;
      end();
    });
    exits.push(exit);
  };
  const end = () => {
    ending = true;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
  };
  for (let count = 0; count < workers; count += 1) start();
  void ended.then(end);
  while (exits.length > 0) await exits.shift();
}

/** Gives the memory back that only starting needed; V8 would keep it for a load that may never come. */
function settle(): void {
  setFlagsFromString('--expose-gc');
  const gc: NodeJS.GCFunction = runInNewContext('gc');
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

const root = join(import.meta.dirname, '..');
const shell: Shell = {
  env: process.env,
  args: process.argv.slice(2),
  stdin: process.stdin,
  say,
  ended,
  folders: { views: join(root, 'views'), locales: join(root, 'locales') },
  fork,
  settle,
  isWorker: worker !== undefined,
};

/** Errors whose message is written for the operator; anything else is a fault of ours. */
const forOperators = new Set(['config', 'store_open', 'usage', 'client_file']);

function explain(error: unknown): string {
  const { code, message, stack } = error as { code?: string; message?: string; stack?: string };
  return code !== undefined && forOperators.has(code) ? String(message) : String(stack ?? error);
}

try {
  const code = await run(shell);
  // What a worker's end has set stays.
  if (code !== 0) process.exitCode = code;
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
// The channel to the process that forked this one would keep it running; that one may be gone first.
worker?.on('error', () => {});
if (worker?.isConnected()) worker.disconnect();
