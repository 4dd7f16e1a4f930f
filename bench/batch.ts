import type { Lane } from './operations.ts';
import { cpuSeconds } from './proc.ts';
import type { Target } from './target.ts';

/** How often something was done, and what it cost the server. */
export interface Batch {
  count: number;
  /** CPU time of the server process, seconds. */
  cpu: number;
}

/** Operations per CPU-second of the server. */
export const rate = ({ count, cpu }: Batch): number => count / cpu;

/** Runs every lane again and again until the time is over. */
export async function runBatch(
  { child, http }: Target,
  lanes: readonly Lane[],
  seconds: number,
): Promise<Batch> {
  const before = cpuSeconds(child.pid);
  const end = performance.now() + seconds * 1000;
  let count = 0;
  const turns = lanes.map(async (lane) => {
    while (performance.now() < end) {
      await lane();
      count += 1;
    }
  });
  await Promise.all(turns);
  const cpu = cpuSeconds(child.pid) - before;
  // The server would close them anyway while the other one has its turn.
  http.rest();
  return { count, cpu };
}
