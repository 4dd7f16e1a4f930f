import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aligned } from './aligned.ts';
import { runBatch } from './batch.ts';
import { attachProfiler, type Profiler } from './inspector.ts';
import { type Operation, prepare } from './operations.ts';
import type { Options } from './options.ts';
import { mainThreadSeconds } from './proc.ts';
import { selfTimes, type Times } from './profile.ts';
import type { Target } from './target.ts';

/** Functions that are listed of each server. */
const TOP = 40;

/** Microseconds for one operation. */
interface Profiled {
  cpu: Times;
  /** On the main thread, by the clock on the wall: waiting inside a call counts. */
  groups: Times;
  functions: Times;
}

/** Profiles one batch after a warm-up, and writes the profile into a file. */
async function profileBatch(
  operation: Operation,
  target: Target,
  profiler: Profiler,
  { seconds, lanes }: Options,
  file: string,
): Promise<Profiled> {
  await runBatch(target, await prepare(operation, target, lanes), seconds);
  const prepared = await prepare(operation, target, lanes);
  await profiler.start();
  const before = mainThreadSeconds(target.child.pid);
  const { count, cpu } = await runBatch(target, prepared, seconds);
  const main = mainThreadSeconds(target.child.pid) - before;
  const profile = await profiler.stop();
  await writeFile(file, JSON.stringify(profile));

  const { groups, functions, total } = selfTimes(profile);
  const each = (times: Iterable<[string, number]>): Times =>
    new Map([...times].map(([name, time]) => [name, time / count]));
  return {
    cpu: each([
      ['CPU time of the process', cpu * 1e6],
      ['of that, the main thread', main * 1e6],
      ['of that, other threads', (cpu - main) * 1e6],
      ['waiting inside calls (disk, a busy machine)', total - main * 1e6],
    ]),
    groups: each(groups),
    functions: each(functions),
  };
}

/** Profiles operations of both servers, one after another, and keeps the profiles in a folder. */
export async function profileAll(
  operations: readonly Operation[],
  { plain, ours }: { plain: Target; ours: Target },
  options: Options,
  tell: (line: string) => void,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'clientele-profiles-'));
  const profilers = {
    plain: await attachProfiler(plain.child),
    ours: await attachProfiler(ours.child),
  };
  try {
    for (const operation of operations) {
      const file = (server: string) =>
        join(folder, `${operation.name.replaceAll(/\W+/g, '-')}.${server}.cpuprofile`);
      const both = {
        plain: await profileBatch(operation, plain, profilers.plain, options, file('plain')),
        ours: await profileBatch(operation, ours, profilers.ours, options, file('ours')),
      };
      tell(print(operation.name, both));
    }
  } finally {
    // A process does not end while somebody looks into it.
    for (const profiler of Object.values(profilers)) profiler.close();
  }
  tell(`The profiles are in ${folder}, for the developer tools of a browser.`);
}

/**
 * Profiles one server while it is asked the same again and again.
 * @param run asks; answers how often
 */
export async function profileAlone(
  name: string,
  profiler: Profiler,
  run: () => Promise<number>,
): Promise<string> {
  await profiler.start();
  const count = await run();
  const { groups, functions } = selfTimes(await profiler.stop());
  const rows = (times: Times) =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, TOP)
      .map(([row, time]) => [row, microseconds(time / count)]);
  return [
    `${name}, µs for one on the main thread`,
    aligned([['by group', ''], ...rows(groups)]),
    aligned([['by function', ''], ...rows(functions)]),
    '',
  ].join('\n\n');
}

const microseconds = (time: number | undefined) => (time === undefined ? '' : time.toFixed(1));

function table(title: string, plain: Times, ours: Times, limit = Number.POSITIVE_INFINITY): string {
  const names = [...new Set([...plain.keys(), ...ours.keys()])];
  const extra = (name: string) => (ours.get(name) ?? 0) - (plain.get(name) ?? 0);
  const rows = names
    .toSorted((a, b) => Math.abs(extra(b)) - Math.abs(extra(a)))
    .slice(0, limit)
    .toSorted((a, b) => extra(b) - extra(a))
    .map((name) => [
      name,
      microseconds(plain.get(name)),
      microseconds(ours.get(name)),
      microseconds(extra(name)),
    ]);
  return aligned([[title, 'plain', 'ours', 'more'], ...rows]);
}

function print(operation: string, { plain, ours }: { plain: Profiled; ours: Profiled }): string {
  return [
    `${operation}, µs for one operation`,
    table('', plain.cpu, ours.cpu),
    table('by group', plain.groups, ours.groups),
    table('by function, the greatest differences', plain.functions, ours.functions, TOP),
    '',
  ].join('\n\n');
}
