import { setTimeout as pause } from 'node:timers/promises';
import type { Ours } from './ours.ts';
import { residentMiB } from './proc.ts';
import { type Spread, spreadOf } from './spread.ts';

/** How soon our server is ready and how much memory it then holds. */
export interface Startup {
  /** From start to ready on a store that is there, milliseconds. */
  ready: Spread;
  /** The same at the very first start, which makes the tables and the keys. */
  first: number;
  /** Resident memory of the idle process, MiB. */
  idle: number;
  readyCeiling: number;
  idleCeiling: number;
}

const STARTS = 5;
/** Milliseconds after it is ready, when what a start leaves behind has been let go. */
const IDLE = 2_000;

export async function measureStartup(ours: Ours): Promise<Startup> {
  const once = async () => {
    const child = await ours.start();
    await child.stop();
    return child.startup;
  };
  const first = await once();
  const times: number[] = [];
  for (let start = 1; start < STARTS; start += 1) times.push(await once());

  const last = await ours.start();
  await pause(IDLE);
  const idle = residentMiB(last.pid);
  await last.stop();
  return {
    ready: spreadOf([...times, last.startup]),
    first,
    idle,
    readyCeiling: 1500,
    idleCeiling: 120,
  };
}
