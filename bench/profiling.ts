import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBatch } from './batch.ts';
import { attachProfiler } from './inspector.ts';
import type { Operation } from './operations.ts';
import type { Options } from './options.ts';
import { mainThreadSeconds } from './proc.ts';
import { selfTimes, type Times } from './profile.ts';
import { aligned } from './report.ts';
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

/** Where to the two servers' time goes in one operation, by group and by function, per operation. */
export interface ProfiledOperation {
  operation: string;
  plain: Profiled;
  ours: Profiled;
}

/** Profiles operations, one after another, and keeps the profiles in a folder. */
export async function profileAll(
  operations: readonly Operation[],
  targets: readonly Target[],
  { seconds, lanes }: Options,
  tell: (line: string) => void,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'clientele-profiles-'));
  const profilers = await Promise.all(targets.map(({ child }) => attachProfiler(child)));
  try {
    for (const operation of operations) {
      const profiled: Record<string, Profiled> = {};
      for (const [index, target] of targets.entries()) {
        const { name } = target.child;
        await runBatch(target, await operation.prepare(target, lanes), seconds);
        const prepared = await operation.prepare(target, lanes);
        const profiler = profilers[index];
        await profiler?.start();
        const before = mainThreadSeconds(target.child.pid);
        const batch = await runBatch(target, prepared, seconds);
        const main = mainThreadSeconds(target.child.pid) - before;
        const profile = await profiler?.stop();
        if (!profile) continue;
        const file = `${operation.name.replaceAll(/\W+/g, '-')}.${name}.cpuprofile`;
        await writeFile(join(folder, file), JSON.stringify(profile));
        const { groups, functions, total } = selfTimes(profile);
        profiled[name] = {
          ...batch,
          groups: perOperation(batch, groups, total),
          functions: new Map([...functions].map(([key, time]) => [key, time / batch.count])),
        };
      }
      const { plain, ours } = profiled;
      if (plain && ours) tell(print({ operation: operation.name, plain, ours }));
    }
  } finally {
    // A process does not end while somebody looks into it.
    for (const profiler of profilers) profiler.close();
  }
  tell(`The profiles are in ${folder}, for the developer tools of a browser.`);
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

function print({ operation, plain, ours }: ProfiledOperation): string {
  return [
    `${operation}, µs for one operation`,
    table('', plain.cpu, ours.cpu),
    table('by group', plain.groups, ours.groups),
    table('by function, the greatest differences', plain.functions, ours.functions, TOP),
    '',
  ].join('\n\n');
}
