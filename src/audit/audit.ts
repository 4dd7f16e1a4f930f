/**
 * Who changed what, and when. An event of a client is written before the change that it tells of and
 * withdrawn when that fails: after a crash between the two there may be an event without its change,
 * never a change without its event. Secrets are never part of one.
 */
import { newId } from '../lib/ids.ts';
import type { CollectionSpec, Condition, Page, Store } from '../store/store.ts';
import type { Action } from './actions.ts';
import { type Change, differences } from './differences.ts';

/**
 * Who acts: a person through a client, a client for itself, a file, a registration, the server; or
 * somebody for their own account, on its pages.
 */
export interface Actor {
  via: 'account' | 'api' | 'file' | 'registration' | 'server';
  client_id?: string;
  account_id?: string;
  /** The correlation id of the request in the log. */
  request?: string;
}

export interface AuditEvent {
  /** Milliseconds since the epoch. */
  at: number;
  actor: Actor;
  /** Such as `client.update`. */
  action: string;
  /** Such as `client:abc`. */
  target: string;
  changes: Change[];
  /** The document as it became, without secrets; absent when it is gone. */
  document?: unknown;
}

/** What an event is found by. */
interface Stored extends AuditEvent {
  who: string;
  /** RFC 3339, in UTC: found by its beginning. */
  time: string;
}

export const auditCollection: CollectionSpec = {
  name: 'audit_events',
  indexes: { target: 'plain', action: 'plain', who: 'plain', time: 'plain' },
};

export interface AuditQuery {
  target?: string;
  action?: string;
  /** An account's or client's id. */
  actor?: string;
  /** The beginning of the time in UTC: `2026-11`, `2026-11-24`, `2026-11-24T09`. */
  time?: string;
  after?: string;
  limit?: number;
}

/** A change as it is told; documents come without secrets. */
export interface Told {
  actor: Actor;
  action: Action;
  target: string;
  before?: unknown;
  after?: unknown;
}

export interface Audit {
  /** Writes the event, then makes the change. */
  record<T>(told: Told, change: () => Promise<T>): Promise<T>;
  /** Tells of a change that was made. */
  note(told: Told): Promise<void>;
  /** Newest first. */
  list(query: AuditQuery): Promise<Page<AuditEvent>>;
  get(id: string): Promise<AuditEvent | undefined>;
}

/** Ids in the order of time: 11 digits of base 36 hold milliseconds for 4,000 years. */
const timedId = (at: number) => `${at.toString(36).padStart(11, '0')}-${newId(64)}`;

/** @param keep seconds that events are kept */
export function createAudit(store: Store, keep: number): Audit {
  const collection = store.collection<Stored>(auditCollection);
  const bare = ({ who: _who, time: _time, ...event }: Stored): AuditEvent => event;

  async function write({ actor, action, target, before, after }: Told): Promise<string> {
    const at = Date.now();
    const id = timedId(at);
    const event: Stored = {
      at,
      actor,
      action,
      target,
      changes: differences(before, after),
      ...(after !== undefined && { document: after }),
      who: actor.account_id ?? actor.client_id ?? actor.via,
      time: new Date(at).toISOString(),
    };
    await collection.insert(id, event, { ttl: keep });
    return id;
  }

  return {
    async record(told, change) {
      const id = await write(told);
      try {
        return await change();
      } catch (error) {
        // When the store is what failed, the event stays: what was asked for may have been done.
        await collection.delete(id).catch(() => {});
        throw error;
      }
    },

    async note(told) {
      await write(told);
    },

    async list({ target, action, actor, time, after, limit }) {
      const where: Condition[] = [
        ...(target === undefined ? [] : [{ index: 'target', is: target }]),
        ...(action === undefined ? [] : [{ index: 'action', is: action }]),
        ...(actor === undefined ? [] : [{ index: 'who', is: actor }]),
        ...(time === undefined ? [] : [{ index: 'time', begins: time }]),
      ];
      const page = await collection.query({
        where,
        // The same order; by time the search begins where that time is, and ends there.
        order: { by: time === undefined ? 'id' : 'time', descending: true },
        ...(after !== undefined && { after }),
        ...(limit !== undefined && { limit }),
      });
      return {
        ...page,
        entries: page.entries.map((entry) => ({ ...entry, value: bare(entry.value) })),
      };
    },

    async get(id) {
      const entry = await collection.get(id);
      return entry && bare(entry.value);
    },
  };
}
