/** How a change of all clients would go, without making it. */
import { mergePatch } from '../lib/merge-patch.ts';
import { createPace } from '../lib/pace.ts';
import type { Entry } from '../store/store.ts';
import type { Client } from './client.ts';
import type { Clients } from './clients.ts';
import { type Repair, repair } from './compliance.ts';
import type { DryRunParts, Outcome } from './dry-run.ts';
import { ClientMetadata } from './metadata.ts';
import { stopsOf } from './stops.ts';

/** A client that would be refused, or where something in use would stop. */
export type Affected = Pick<Outcome, 'accepted' | 'refused' | 'stops'> & {
  client_id: string;
  client_name?: string;
  repair: Repair;
};

export interface FleetOutcome {
  /** Clients that were looked at. */
  clients: number;
  refused: number;
  /** Those that are affected; no more than a thousand. */
  items: Affected[];
  /** Give it as `after` to look on; absent when all were looked at. */
  next?: string;
}

/** Which clients to look at, in the order of their ids. */
export interface Span {
  after?: string;
  /** Absent: all. */
  limit?: number;
}

const SHOWN = 1000;
/** Clients that the store is asked for at once: reading them takes a millisecond or two. */
const PAGE = 50;

/** Judges one client and adds it to the outcome. */
async function tryOn(
  parts: DryRunParts,
  patch: unknown,
  { id, value }: Entry<Client>,
  outcome: FleetOutcome,
): Promise<void> {
  const { validator } = parts.clients;
  const wanted = validator.complete(mergePatch(value.metadata, patch), false) as ClientMetadata;
  const refused = validator.violations(wanted);
  const known = ClientMetadata.safeParse(wanted);
  const stops = known.success ? await stopsOf(parts, id, value, known.data) : [];
  outcome.clients += 1;
  if (refused.length > 0) outcome.refused += 1;
  if ((refused.length === 0 && stops.length === 0) || outcome.items.length >= SHOWN) return;
  const { client_name } = value.metadata;
  outcome.items.push({
    client_id: id,
    ...(client_name !== undefined && { client_name }),
    accepted: refused.length === 0,
    refused,
    stops,
    repair: repair(validator.rulesOf(wanted), wanted),
  });
}

/**
 * The same patch for every client, judged by today's rules alone: what was tolerated so far counts.
 * An empty patch so tells which stored clients a stricter rule has overtaken. Everybody else is served
 * meanwhile; after each fifty clients it tells how far it has come.
 */
export async function* tryOnAll(
  parts: DryRunParts,
  patch: unknown,
  { after: start = '', limit = Number.POSITIVE_INFINITY }: Span = {},
): AsyncGenerator<FleetOutcome, void> {
  const outcome: FleetOutcome = { clients: 0, refused: 0, items: [] };
  const pause = createPace();
  let after: string | undefined = start;
  do {
    const page: Awaited<ReturnType<Clients['list']>> = await parts.clients.list({
      ...(after && { after }),
      limit: Math.min(PAGE, limit - outcome.clients),
    });
    for (const entry of page.entries) {
      await pause();
      await tryOn(parts, patch, entry, outcome);
    }
    after = page.next;
    yield { ...outcome, ...(after !== undefined && { next: after }) };
  } while (after !== undefined && outcome.clients < limit);
}

/** The same, told when it is done. */
export async function dryRunAll(...asked: Parameters<typeof tryOnAll>): Promise<FleetOutcome> {
  let last: FleetOutcome | undefined;
  for await (const outcome of tryOnAll(...asked)) last = outcome;
  return last as FleetOutcome;
}
