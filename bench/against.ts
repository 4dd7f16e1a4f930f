/**
 * This checkout beside another one, an earlier state of it for instance: four servers, ours and the plain
 * one of each, take turns at the same operations. V8 optimizes a program a little differently each time
 * it runs, so all are started several times, and what counts is the middle of those.
 */
import { mkdtemp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isWanted, type Options } from './options.ts';
import { type Spread, spreadOf } from './spread.ts';
import { loadTree, operationsOf, type Side, startSide, type Tree } from './tree.ts';

/** A figure of both. */
export interface Change {
  figure: string;
  before: Spread;
  now: Spread;
  /** How many times as good it is now, by each start. */
  gain: Spread;
}

/** What was found at each start: the other checkout's, and this one's. */
type Pairs = [before: number, now: number][];

/** Batches that do not count: V8 optimizes, and its heap grows, for some seconds of work. */
const WARM_UPS = 8;

const inTurn = async <T>(both: readonly [T, T], measure: (one: T) => Promise<number>) =>
  [await measure(both[0]), await measure(both[1])] as [number, number];

/** Operations of our server for each that the plain one does in the same CPU time. */
async function ratios(name: string, sides: [Side, Side], options: Options) {
  const rounds: Pairs = [];
  for (let round = 0; round < WARM_UPS + options.rounds; round += 1) {
    const pair = await inTurn(sides, async ({ tree, ours, plain }) => {
      const operation = operationsOf(tree).find((one) => one.name === name);
      if (!operation) throw new Error(`${tree.folder} knows no ${name}`);
      const { prepare, counterpart = prepare } = operation;
      const batch = async (target: Side['ours'], make: typeof prepare) =>
        tree.rate(await tree.runBatch(target, await make(target, options.lanes), options.seconds));
      const reference = await batch(plain, counterpart);
      return (await batch(ours, prepare)) / reference;
    });
    if (round >= WARM_UPS) rounds.push(pair);
  }
  return [0, 1].map((side) => spreadOf(rounds.map((pair) => pair[side] as number)).median);
}

const READY = 'ready, ms';
const MEMORY = 'idle memory, MiB';
const lessIsBetter = new Set([READY, MEMORY]);

const toChange = (figure: string, pairs: Pairs): Change => ({
  figure,
  before: spreadOf(pairs.map(([before]) => before)),
  now: spreadOf(pairs.map(([, now]) => now)),
  gain: spreadOf(
    pairs.map(([before, now]) => (lessIsBetter.has(figure) ? before / now : now / before)),
  ),
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
  const found = new Map<string, Pairs>();
  const note = (figure: string, pair: number[]) => {
    tell(`${figure}: ${pair.map((one) => one.toFixed(2)).join(' → ')}`);
    found.set(figure, [...(found.get(figure) ?? []), pair as [number, number]]);
  };

  async function measureStarts(): Promise<void> {
    const memory: number[] = [];
    const ready = await inTurn(trees, async (tree) => {
      const own = await mkdtemp(join(folder, 'start-'));
      const { ready, idle } = await tree.measureStartup(tree.createOurs(own));
      memory.push(idle);
      return ready.median;
    });
    note(READY, ready);
    note(MEMORY, memory);
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
      note('logins to hashes', logins);
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
