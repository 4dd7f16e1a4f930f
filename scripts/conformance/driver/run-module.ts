/** One module of a plan: begun, waited for, and what its log says in the end. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Entry, Module, Suite } from './suite.ts';

export type Verdict = 'PASSED' | 'FAILED' | 'WARNING' | 'SKIPPED' | 'REVIEW' | 'INTERRUPTED';

export interface Problem {
  level: string;
  source: string;
  message: string;
  requirements: readonly string[];
}

export interface Outcome {
  module: Module;
  /** Absent when the suite did not even make it. */
  id?: string;
  verdict: Verdict;
  seconds: number;
  problems: readonly Problem[];
  /** What the run itself did or missed. */
  notes: readonly string[];
  /** The suite's, for what did not end well. */
  log?: readonly Entry[];
}

export interface ModuleRun {
  suite: Suite;
  plan: string;
  module: Module;
  /** Seconds. */
  limit: number;
  /** What the server's operator does while the module waits for its start. */
  hook?: (() => Promise<unknown>) | undefined;
}

/** One pixel, where a person would upload a picture of the page; the suite then asks for a review. */
const PICTURE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** Looks, some seconds each, in which no browser did anything. */
const IDLE = 3;
/** Looks at a finished module whose result is not there yet. */
const SETTLING = 5;
/** Seconds that a cancelled module has to end. */
const FAREWELL = 30;

const over = ['FINISHED', 'INTERRUPTED'];
const grave = ['FAILURE', 'INTERRUPTED', 'ERROR'];
const told = [...grave, 'WARNING', 'SKIPPED'];

export const hasFailed = (verdict: Verdict): boolean =>
  verdict === 'FAILED' || verdict === 'INTERRUPTED';

const problemsIn = (log: readonly Entry[]): Problem[] =>
  log
    .map((entry) => ({
      level: entry.result ?? (entry.error && entry.stacktrace ? 'ERROR' : ''),
      source: entry.src,
      message: entry.msg ?? entry.error ?? '',
      requirements: entry.requirements ?? [],
    }))
    .filter(({ level }) => told.includes(level));

/** Gives a module that waits for pictures of pages what it waits for. */
async function fillPlaceholders(suite: Suite, id: string): Promise<string[]> {
  const placeholders = await suite.placeholders(id);
  for (const one of placeholders) await suite.upload(id, one, PICTURE);
  return placeholders.map((one) => `no script filled the picture ${one}`);
}

/** Follows a module until it is over, or its time is. */
async function follow({ suite, limit, hook }: ModuleRun, id: string, notes: string[]) {
  const end = Date.now() + limit * 1000;
  let started = false;
  let cancelled = false;
  let idle = 0;
  let settling = 0;
  for (;;) {
    const look = await suite.look(id, started ? over : ['CONFIGURED', 'WAITING', ...over]);
    const { status, result } = look;
    if (status === 'INTERRUPTED' || (status === 'FINISHED' && (result || cancelled))) return look;
    if (status === 'FINISHED') {
      settling += 1;
      if (settling > SETTLING) return look;
      await wait(500);
    }
    if (status === 'CONFIGURED' && !started && hook) {
      started = true;
      await hook();
      await suite.start(id);
    }
    if (status === 'WAITING') {
      started = true;
      const { urls, busy } = await suite.visits(id);
      idle = busy > 0 ? 0 : idle + 1;
      if (idle === IDLE && urls.length > 0) notes.push(`nobody visits ${urls.join(' ')}`);
      if (idle >= IDLE) notes.push(...(await fillPlaceholders(suite, id)));
    }
    if (Date.now() > end && !cancelled) {
      cancelled = true;
      notes.push(`cancelled after ${limit} s in the state ${status}`);
      await suite.cancel(id);
    }
    if (Date.now() > end + FAREWELL * 1000) return look;
    await wait(200);
  }
}

const verdictOf = (status: string, result?: string): Verdict =>
  status === 'FINISHED' && result ? (result as Verdict) : 'INTERRUPTED';

/** Never fails: what went wrong is the outcome. */
export async function runModule(run: ModuleRun): Promise<Outcome> {
  const begin = Date.now();
  const { suite, module } = run;
  const notes: string[] = [];
  const since = () => Math.round((Date.now() - begin) / 1000);
  let id: string | undefined;
  try {
    id = await suite.create(run.plan, module);
    const { status, result } = await follow(run, id, notes);
    const verdict = verdictOf(status, result);
    const log = await suite.log(id);
    const problems = problemsIn(log);
    const keep = hasFailed(verdict) || problems.some(({ level }) => grave.includes(level));
    return { module, id, verdict, seconds: since(), problems, notes, ...(keep && { log }) };
  } catch (error) {
    notes.push((error as Error).message);
    const made = id === undefined ? {} : { id };
    return { module, ...made, verdict: 'INTERRUPTED', seconds: since(), problems: [], notes };
  }
}
