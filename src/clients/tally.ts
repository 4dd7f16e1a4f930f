/** How the clients stand to every profile, counted. */
import type { Client } from './client.ts';
import type { Clients } from './clients.ts';
import { profiles, type ReportProfile } from './profiles.ts';
import { filled, wrongProperties } from './property-violations.ts';
import { judge } from './rules/rule.ts';
import { createSweep, type Swept } from './sweep.ts';

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

export interface Tally extends Swept {
  profiles: ReadonlyMap<ReportProfile, Standing>;
}

/** Of each count so many clients are kept by name. */
const SHOWN = 1000;

const nobody = (): Group => ({ count: 0, first: [] });

const fresh = () => ({
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
}

/** Counts all clients, as `createSweep` says. */
export const createTally = (clients: Pick<Clients, 'list'>): (() => Promise<Tally>) =>
  createSweep(clients, {
    fresh,
    beside: async () => undefined,
    look: (tally, { id, value }) => count(tally, id, value),
    slice: 10,
  });
