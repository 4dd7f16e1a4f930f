/** The program, and the only file that reads `process`: everything else is told. */
import './node-version.js';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { join } from 'node:path';
import { run, type Shell } from './commands.ts';
import { Problem } from './lib/problem.ts';

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

/** Keeps `workers` processes running until asked to end; one that fails at start ends them all. */
async function fork(workers: number): Promise<void> {
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

const root = join(import.meta.dirname, '..');
const shell: Shell = {
  env: process.env,
  args: process.argv.slice(2),
  stdin: process.stdin,
  say,
  ended,
  folders: { views: join(root, 'views'), locales: join(root, 'locales') },
  fork,
  isWorker: cluster.isWorker,
};

/** Errors whose message is written for the operator; anything else is a fault of ours. */
const forOperators = new Set(['config', 'store_open', 'usage']);

function explain(error: unknown): string {
  if (error instanceof Problem) {
    const details =
      error.errors?.map(({ pointer, detail }) => `\n  ${pointer || '/'}: ${detail}`) ?? [];
    return error.message + details.join('');
  }
  const { code, message, stack } = error as { code?: string; message?: string; stack?: string };
  return code !== undefined && forOperators.has(code) ? String(message) : String(stack ?? error);
}

try {
  await run(shell);
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
