/** How a change of all clients would go, without making it. */
import { mergePatch } from '../lib/merge-patch.ts';
import type { Clients } from './clients.ts';
import { type Repair, repair } from './compliance.ts';
import type { DryRunParts, Outcome } from './dry-run.ts';
import { ClientMetadata } from './metadata.ts';
import { stopsOf } from './stops.ts';

export interface FleetOutcome {
  clients: number;
  refused: number;
  /** Those that would be refused, or where something in use would stop; no more than a thousand. */
  items: (Pick<Outcome, 'accepted' | 'refused' | 'stops'> & {
    client_id: string;
    client_name?: string;
    repair: Repair;
  })[];
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

/**
 * The same patch for every client, judged by today's rules alone: what was tolerated so far counts.
 * An empty patch so tells which stored clients a stricter rule has overtaken.
 */
export async function dryRunAll(
  parts: DryRunParts,
  patch: unknown,
  { after: start = '', limit = Number.POSITIVE_INFINITY }: Span = {},
): Promise<FleetOutcome> {
  const { clients } = parts;
  const { validator } = clients;
  const outcome: FleetOutcome = { clients: 0, refused: 0, items: [] };
  for (let after: string | undefined = start; after !== undefined; ) {
    const page: Awaited<ReturnType<Clients['list']>> = await clients.list({
      ...(after && { after }),
      limit: Math.min(200, limit - outcome.clients),
    });
    for (const { id, value } of page.entries) {
      const wanted = validator.complete(mergePatch(value.metadata, patch), false) as ClientMetadata;
      const refused = validator.violations(wanted);
      const known = ClientMetadata.safeParse(wanted);
      const stops = known.success ? await stopsOf(parts, id, value, known.data) : [];
      outcome.clients += 1;
      if (refused.length > 0) outcome.refused += 1;
      if ((refused.length === 0 && stops.length === 0) || outcome.items.length >= SHOWN) continue;
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
    after = page.next;
    if (after === undefined || outcome.clients < limit) continue;
    outcome.next = after;
    break;
  }
  return outcome;
}
