/**
 * What a change would do, without doing it: what would be refused, and what would stop working
 * although somebody uses it.
 */
import { newId } from '../lib/ids.ts';
import { mergePatch } from '../lib/merge-patch.ts';
import { Problem, type Violation } from '../lib/problem.ts';
import { checkClientId, replaceMetadata } from './checks.ts';
import type { Clients } from './clients.ts';
import { convertType } from './convert.ts';
import type { ClientMetadata } from './metadata.ts';
import { refusals } from './refusals.ts';
import { type Stop, type StopParts, stopsOf } from './stops.ts';
import { acceptChange, refuse } from './writer.ts';

export interface Outcome {
  accepted: boolean;
  /** What the client would be; absent when it would be refused. */
  result?: ClientMetadata;
  refused: readonly Violation[];
  warnings: readonly Violation[];
  stops: Stop[];
}

/** One change, on one client or on none yet. */
export type Proposal =
  | { create: unknown; client_id?: string }
  | { client_id: string; patch: unknown }
  | { client_id: string; replace: unknown }
  | { client_id: string; convert: { type: string; changes?: unknown } };

export interface DryRunParts extends StopParts {
  clients: Clients;
}

function propose(clients: Clients, proposal: Proposal, before: ClientMetadata | undefined) {
  const { validator } = clients;
  if ('create' in proposal) return validator.check(proposal.create);
  if ('convert' in proposal) {
    const { type, changes } = proposal.convert;
    return convertType(validator, before as ClientMetadata, type, changes);
  }
  const wanted =
    'patch' in proposal ? mergePatch(before, proposal.patch) : (proposal.replace as object);
  return replaceMetadata(validator, before as ClientMetadata, wanted);
}

/** @throws {Problem} `invalid` when no client can be created under this id */
async function checkNewId(clients: Clients, clientId: string): Promise<void> {
  checkClientId(clientId);
  if (!(await clients.find(clientId))) return;
  throw refuse('/client_id', 'client-id', refusals['client-id'].in_use());
}

const nobody = { origin: { via: 'api' }, created: 0, updated: 0 } as const;

/** @throws {Problem} `not_found` */
export async function dryRun(parts: DryRunParts, proposal: Proposal): Promise<Outcome> {
  const { clients } = parts;
  const { validator } = clients;
  const { client_id: id = newId() } = proposal;
  const before = 'create' in proposal ? undefined : (await clients.get(id)).value;
  try {
    if (!before) await checkNewId(clients, id);
    const result = propose(clients, proposal, before?.metadata);
    const after = { ...(before ?? nobody), metadata: result, secrets: [] };
    await (before
      ? acceptChange(clients.accepts, id, { ...before, secrets: [] }, after)
      : clients.accepts(id, after));
    const stops = before ? await stopsOf(parts, id, before, result) : [];
    return {
      accepted: true,
      result,
      refused: [],
      warnings: validator.violations(result).length > 0 ? [] : validator.warnings(result),
      stops,
    };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'invalid') throw error;
    return { accepted: false, refused: error.errors ?? [], warnings: [], stops: [] };
  }
}
