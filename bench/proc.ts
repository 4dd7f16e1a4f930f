/** What Linux tells of another process. */
import { existsSync, readFileSync } from 'node:fs';

/** USER_HZ, the same on every architecture that Node runs on. */
const TICKS = 100;

/** @throws {Error} where there is no `/proc`, which everything here is measured with */
export function requireProc(): void {
  if (existsSync('/proc/self/stat')) return;
  throw new Error('The CPU time of a process is read from /proc: run the benchmark on Linux.');
}

function secondsIn(file: string): number {
  const stat = readFileSync(file, 'utf8');
  // The second field is the command in brackets and may hold anything; utime and stime are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** CPU time that a process and all its threads have used, seconds. */
export const cpuSeconds = (pid: number): number => secondsIn(`/proc/${pid}/stat`);

/** The same of its first thread, which runs the JavaScript. */
export const mainThreadSeconds = (pid: number): number =>
  secondsIn(`/proc/${pid}/task/${pid}/stat`);

/** Resident memory of a process, MiB. */
export function residentMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}
