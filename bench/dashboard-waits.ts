/** What looks at every client, and how long everybody else waits meanwhile. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Child } from './child.ts';
import type { HttpClient } from './client.ts';
import { land, type Visitor } from './dashboard-visitor.ts';
import { percentiles } from './filled.ts';
import { cpuSeconds } from './proc.ts';

/** What somebody else waited meanwhile for the least that the server does. */
export interface Wait {
  meanwhile: string;
  /** Until it was done. */
  seconds: number;
  /** CPU time of the server process, seconds; that for whoever waited included. */
  cpu: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  max: number;
}

/** Asks for the least, over and over, while something else is done. */
export async function waitMeanwhile(
  http: HttpClient,
  { pid }: Child,
  meanwhile: string,
  act: () => Promise<unknown>,
): Promise<Wait> {
  const times: number[] = [];
  const [begun, before] = [performance.now(), cpuSeconds(pid)];
  const acting = { ends: false };
  const end = act().finally(() => {
    acting.ends = true;
  });
  while (!acting.ends) {
    const asked = performance.now();
    await http.send({ to: '/health/live' }, 200);
    times.push(performance.now() - asked);
    await pause(1);
  }
  await end;
  const seconds = (performance.now() - begun) / 1000;
  const cpu = cpuSeconds(pid) - before;
  return { meanwhile, seconds, cpu, ...percentiles(times), max: Math.max(...times) };
}

/** Opens a page until the server is no longer looking at clients for it. */
const untilLooked = (visitor: Visitor, path: string) => async () => {
  while ((await land(visitor, path)).body.includes('class="notice warning"')) await pause(500);
};

/** What looks at every client, and nothing for comparison. */
export const long = (visitor: Visitor): Readonly<Record<string, () => Promise<unknown>>> => ({
  'nothing else': () => pause(3000),
  'all clients are counted for the fleet view': untilLooked(visitor, '/compliance'),
  'a profile is tried on all': untilLooked(
    visitor,
    '/compliance/try?profile=fapi2-security-profile',
  ),
});
