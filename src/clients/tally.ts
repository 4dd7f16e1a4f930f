/** How the clients stand to every profile, counted. */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { epoch } from '../lib/time.ts';
import type { Client } from './client.ts';
import type { Clients } from './clients.ts';
import { profiles, type ReportProfile } from './profiles.ts';
import { filled, wrongProperties } from './property-violations.ts';
import { judge } from './rules/rule.ts';

/** One client in a list of those that a count stands for. */
export interface Counted {
  client_id: string;
  client_name?: string;
}

interface Group {
  count: number;
  /** The first of them, by id; no more than `SHOWN`. */
  first: Counted[];
}

interface Standing {
  meets: Group;
  /** Those that are held to it. */
  set: number;
  /** By rule: those that it stops. */
  rules: ReadonlyMap<string, Group>;
}

export interface Tally {
  /** Clients that were looked at. */
  clients: number;
  /** False while the sweep goes on: the numbers are those so far. */
  complete: boolean;
  /** When the sweep ended, or how it stood when asked; seconds since the epoch. */
  at: number;
  profiles: ReadonlyMap<ReportProfile, Standing>;
}

/** Clients that the store is asked for at once. */
const PAGE = 200;
/** Clients of one slice: looking at them keeps others waiting for a millisecond or two. */
const SLICE = 10;
/** Of each count so many clients are kept by name. */
const SHOWN = 1000;
/** Milliseconds from its beginning that callers wait for a sweep to end; most servers' sweeps do. */
const PATIENCE = 25;
/** A sweep is good for so many times the work that it was: looking costs a tenth of a core at most. */
const WORTH = 10;

const nobody = (): Group => ({ count: 0, first: [] });

const fresh = () => ({
  clients: 0,
  complete: false,
  at: epoch(),
  profiles: new Map(
    (Object.keys(profiles) as ReportProfile[]).map((name) => [
      name,
      {
        meets: nobody(),
        set: 0,
        rules: new Map(profiles[name].rules.map(({ id }) => [id, nobody()])),
      },
    ]),
  ),
});

function enter(group: Group | undefined, client: Counted): void {
  if (!group) return;
  group.count += 1;
  if (group.first.length < SHOWN) group.first.push(client);
}

function count(tally: ReturnType<typeof fresh>, client_id: string, { metadata }: Client): void {
  const { client_name } = metadata;
  const client = { client_id, ...(client_name !== undefined && { client_name }) };
  const wrong = wrongProperties(metadata);
  const whole = filled(metadata);
  for (const [name, standing] of tally.profiles) {
    const broken = profiles[name].rules.filter((rule) => judge(rule, whole, wrong).length > 0);
    for (const { id } of broken) enter(standing.rules.get(id), client);
    if (broken.length === 0) enter(standing.meets, client);
    if (metadata.fapi_profile === name) standing.set += 1;
  }
  tally.clients += 1;
}

/**
 * Looks at all clients in slices, between which everybody else is served, and keeps the numbers. With
 * few clients they are those of this moment; with many those of the last sweep, or, of the first, how
 * far it has come. Each process counts for itself, and only when somebody asks.
 */
export function createTally(clients: Pick<Clients, 'list'>): () => Promise<Tally> {
  let last: { tally: Tally; until: number } | undefined;
  let running: { tally: Tally; patience: Promise<unknown> } | undefined;

  async function sweep(tally: ReturnType<typeof fresh>): Promise<void> {
    let work = 0;
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page: Awaited<ReturnType<Clients['list']>> = await clients.list({
        ...(after && { after }),
        limit: PAGE,
      });
      for (let from = 0; from < page.entries.length; from += SLICE) {
        await setImmediate();
        const begun = performance.now();
        for (const { id, value } of page.entries.slice(from, from + SLICE)) count(tally, id, value);
        work += performance.now() - begun;
      }
      after = page.next;
    }
    Object.assign(tally, { complete: true, at: epoch() });
    last = { tally, until: performance.now() + work * WORTH };
  }

  function begin(): NonNullable<typeof running> {
    const tally = fresh();
    const end = sweep(tally).finally(() => {
      running = undefined;
    });
    // Whoever still waits is told that it failed; who does not, asks again.
    end.catch(() => {});
    const patience = Promise.race([end, setTimeout(PATIENCE, undefined, { ref: false })]);
    running = { tally, patience };
    return running;
  }

  return async () => {
    if (last && performance.now() < last.until) return last.tally;
    const { tally, patience } = running ?? begin();
    await patience;
    if (tally.complete) return tally;
    return last?.tally ?? { ...tally, at: epoch() };
  };
}
