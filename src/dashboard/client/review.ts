import type { Violation } from '../../lib/problem.ts';
import type { Rest } from '../rest.ts';
import { type Difference, differences } from './differences.ts';
import type { Shown } from './found.ts';

/** What is there, perhaps in use, and would stop working. */
export interface Stop {
  kind: string;
  value: string;
  detail: string;
  last_used?: number;
}

interface Outcome {
  accepted: boolean;
  result?: Record<string, unknown>;
  refused: Violation[];
  warnings: Violation[];
  stops: Stop[];
}

/** What a change would do, before it is made. */
export interface Review {
  /** Whether it may be saved. */
  ready: boolean;
  changes: Difference[];
  refused: Violation[];
  warnings: Violation[];
  stops: Stop[];
  /** What the client would be. */
  result?: Record<string, unknown>;
}

/**
 * Asks the API what a change would do.
 * @param change as in `POST /clients/dry-run`, without the client's id
 * @param wanted shown as the change where it would be refused
 */
export async function review(
  rest: Rest,
  client: Shown,
  change: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>> = client,
): Promise<Review> {
  const body = { client_id: client.client_id, ...change };
  const { body: outcome } = await rest.call<Outcome>('POST', '/clients/dry-run', { body });
  const changes = differences(client, outcome.result ?? wanted);
  return {
    ready: outcome.accepted && changes.length > 0,
    changes,
    refused: outcome.refused,
    warnings: outcome.warnings,
    stops: outcome.stops,
    ...(outcome.result && { result: outcome.result }),
  };
}
