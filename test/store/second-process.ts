import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process with the store open, waiting at the start line. */
export interface SecondProcess {
  /** Lets it begin; answers what it prints at the end. */
  run(): Promise<unknown>;
  /** Lets it begin; kills it with SIGKILL when it has printed so many lines. Answers them all. */
  runUntilKilled(lines: number): Promise<string[]>;
}

/** Starts a process that opens the store at a URL for one of the jobs of `worker.ts`. */
export async function secondProcess(url: string, ...job: string[]): Promise<SecondProcess> {
  const script = new URL('worker.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, url, ...job], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => (await lines.next()).value ?? 'null';
  if ((await line()) !== 'ready') throw new Error('the second process did not start');

  return {
    async run() {
      child.stdin.write('go\n');
      const result = await line();
      await once(child, 'exit');
      return JSON.parse(result);
    },
    async runUntilKilled(count) {
      child.stdin.write('go\n');
      const printed: string[] = [];
      for (let next = await lines.next(); !next.done; next = await lines.next()) {
        printed.push(next.value);
        if (printed.length === count) child.kill('SIGKILL');
      }
      return printed;
    },
  };
}
