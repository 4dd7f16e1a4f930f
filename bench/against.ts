/**
 * This checkout beside another one, an earlier state of it for instance: four servers, ours and the plain
 * one of each, take turns at the same operations. V8 optimizes a program a little differently each time
 * it runs, so all are started several times, and what counts is the middle of those.
 */
import { mkdtemp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Batch, rate } from './batch.ts';
import { isWanted, type Options } from './options.ts';
import { type Spread, spreadOf } from './spread.ts';
import type { Target } from './target.ts';
import { loadTree, operationsOf, type Side, startSide, type Tree } from './tree.ts';

/** A figure of both. */
export interface Change {
  figure: string;
  before: Spread;
  now: Spread;
  /** How many times as good it is now, of ratios how much more our own server does in the same CPU time. */
  gain: Spread;
}

/** What was found at one start: the other checkout's, this one's, and the gain. */
type Found = [before: number, now: number, gain: number];

const median = (values: number[]): number => spreadOf(values).median;

/** Rounds that do not count: V8 optimizes, and its heap grows, for some seconds of work. */
const WARM_UPS = 8;
/** Seconds of a turn: a machine that others use as well is now faster, now slower, for seconds at a time. */
const TURN = 0.25;

const inTurn = async <T, R>(both: readonly [T, T], measure: (one: T) => Promise<R>) =>
  [await measure(both[0]), await measure(both[1])] as [R, R];

/** What one server did of an operation in its turns. */
interface Player {
  total: Batch;
  play(): Promise<void>;
}

/** Both servers of a side, ours first. */
async function playersOf({ tree, ours, plain }: Side, name: string, lanes: number) {
  const operation = operationsOf(tree).find((one) => one.name === name);
  if (!operation) throw new Error(`${tree.folder} knows no ${name}`);
  const { prepare, counterpart = prepare } = operation;
  const player = async (target: Target, make: typeof prepare): Promise<Player> => {
    const prepared = await make(target, lanes);
    const total = { count: 0, cpu: 0 };
    return {
      total,
      async play() {
        const { count, cpu } = await tree.runBatch(target, prepared, TURN);
        total.count += count;
        total.cpu += cpu;
      },
    };
  };
  return [await player(ours, prepare), await player(plain, counterpart)] as const;
}

/** Operations of our server for each that the plain one does in the same CPU time, of both sides. */
async function ratios(
  name: string,
  sides: [Side, Side],
  { rounds, seconds, lanes }: Options,
): Promise<Found> {
  const found: Found[] = [];
  for (let round = 0; round < WARM_UPS + rounds; round += 1) {
    const both = await inTurn(sides, (side) => playersOf(side, name, lanes));
    for (let turn = 0; turn * TURN < seconds; turn += 1) {
      const players = both.flat();
      for (const { play } of turn % 2 === 0 ? players : players.reverse()) await play();
    }
    if (round < WARM_UPS) continue;
    const [before, now] = both.map(([ours, plain]) => rate(ours.total) / rate(plain.total));
    const [mine, theirs] = [rate(both[1][0].total), rate(both[0][0].total)];
    found.push([before as number, now as number, mine / theirs]);
  }
  return [0, 1, 2].map((place) => median(found.map((one) => one[place] as number))) as Found;
}

const READY = 'ready, ms';
const MEMORY = 'idle memory, MiB';

const toChange = (figure: string, found: Found[]): Change => ({
  figure,
  before: spreadOf(found.map(([before]) => before)),
  now: spreadOf(found.map(([, now]) => now)),
  gain: spreadOf(found.map(([, , gain]) => gain)),
});

/** @param other the folder of the other checkout, with its packages installed; @param folder for files */
export async function measureAgainst(
  other: string,
  folder: string,
  options: Options,
  tell: (line: string) => void,
): Promise<Change[]> {
  const trees: [Tree, Tree] = [
    await loadTree(resolve(other)),
    await loadTree(join(import.meta.dirname, '..')),
  ];
  const known = new Set(operationsOf(trees[0]).map(({ name }) => name));
  const shared = operationsOf(trees[1]).filter(({ name }) => known.has(name));
  const found = new Map<string, Found[]>();
  const note = (figure: string, one: Found) => {
    const [before, now, gain] = one.map((value) => value.toFixed(2));
    tell(`${figure}: ${before} → ${now}, gain ${gain}`);
    found.set(figure, [...(found.get(figure) ?? []), one]);
  };

  async function measureStarts(): Promise<void> {
    const memory: number[] = [];
    const ready = await inTurn(trees, async (tree) => {
      const own = await mkdtemp(join(folder, 'start-'));
      const { ready, idle } = await tree.measureStartup(tree.createOurs(own));
      memory.push(idle);
      return ready.median;
    });
    const [before, now] = memory as [number, number];
    note(READY, [...ready, ready[0] / ready[1]]);
    note(MEMORY, [before, now, before / now]);
  }

  async function measureFlows(): Promise<void> {
    const sides: Side[] = [];
    try {
      for (const tree of trees) sides.push(await startSide(tree, folder));
      const both = sides as [Side, Side];
      for (const { name } of shared.filter(({ name }) => isWanted(options, name))) {
        note(name, await ratios(name, both, options));
      }
      if (!isWanted(options, 'password logins')) return;
      const logins = await inTurn(both, async ({ tree, ours }) => {
        return (await tree.compareLogins(ours, options)).ratio.median;
      });
      note('logins to hashes', [...logins, logins[1] / logins[0]]);
    } finally {
      await Promise.all(sides.map((side) => side.stop()));
    }
  }

  for (let start = 1; start <= options.starts; start += 1) {
    tell(`start ${start} of ${options.starts} …`);
    if (isWanted(options, 'start and memory')) await measureStarts();
    await measureFlows();
  }
  return [...found].map(([figure, pairs]) => toChange(figure, pairs));
}
