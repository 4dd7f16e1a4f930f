/**
 * When a client, and what of it, was last used: to tell what can go. Uses are gathered in memory and
 * written every half a minute, so a flow waits for nothing; a process that is killed forgets that
 * much. Kept beside the clients, whose versions only grow when somebody changes them.
 */
import { epoch } from '../lib/time.ts';
import { gather } from '../store/gathered.ts';
import { compareIds } from '../store/id.ts';
import type { CollectionSpec, Page, Store } from '../store/store.ts';

export const usageCollection: CollectionSpec = { name: 'client_usage' };

const kinds = ['secrets', 'redirect_uris', 'grant_types'] as const;
type Kind = (typeof kinds)[number];

/** Times of last use, seconds since the epoch. */
export interface ClientUsage extends Partial<Record<Kind, Record<string, number>>> {
  last_used?: number;
}

export interface Usage {
  /** Notes a use of a client, and what of it was used. */
  note(clientId: string, used?: Partial<Record<Kind, string>>): void;
  /** What is known, what this process has not written yet included. */
  get(clientId: string): Promise<ClientUsage>;
  /** The same of many, whose ids are in the order of ids and close together, such as a page of a list. */
  among(clientIds: readonly string[]): Promise<ReadonlyMap<string, ClientUsage>>;
  /** Writes what was gathered. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Of each kind, so many are remembered, the last used: more than a client has at a time. */
const REMEMBERED = 100;

const later = (one: Record<string, number> = {}, other: Record<string, number> = {}) => {
  const merged = new Map(Object.entries(one));
  for (const [name, at] of Object.entries(other))
    merged.set(name, Math.max(at, merged.get(name) ?? 0));
  if (merged.size <= REMEMBERED) return Object.fromEntries(merged);
  const newest = [...merged].sort(([, one], [, other]) => other - one);
  return Object.fromEntries(newest.slice(0, REMEMBERED));
};

const merge = (one: ClientUsage, other: ClientUsage): ClientUsage => ({
  last_used: Math.max(one.last_used ?? 0, other.last_used ?? 0),
  ...Object.fromEntries(
    kinds.flatMap((kind) =>
      one[kind] || other[kind] ? [[kind, later(one[kind], other[kind])]] : [],
    ),
  ),
});

/** Clients whose uses are gathered before they are written early. */
const GATHERED = 5_000;

/** @param every milliseconds between two writes; @param failed told of a write that did not work */
export function createUsage(store: Store, failed: (error: unknown) => void, every = 30_000): Usage {
  const collection = store.collection<ClientUsage>(usageCollection);
  const gathered = gather(collection, { add: merge, every, failed });

  return {
    note(clientId, used = {}) {
      const now = epoch();
      let usage = gathered.get(clientId);
      if (!usage) {
        usage = {};
        gathered.set(clientId, usage);
        if (gathered.size() >= GATHERED) void gathered.flush();
      }
      usage.last_used = now;
      for (const kind of kinds) {
        const value = used[kind];
        if (value === undefined) continue;
        const times = usage[kind] ?? {};
        times[value] = now;
        usage[kind] = times;
      }
    },
    async get(clientId) {
      const stored = await collection.get(clientId);
      return merge(stored?.value ?? {}, gathered.get(clientId) ?? {});
    },
    async among(clientIds) {
      const [first = ''] = clientIds;
      const last = clientIds.at(-1) ?? '';
      const stored = new Map([[first, (await collection.get(first))?.value]]);
      for (let after: string | undefined = first; after !== undefined; ) {
        if (compareIds(after, last) >= 0) break;
        const page: Page<ClientUsage> = await collection.list({ after, limit: clientIds.length });
        for (const { id, value } of page.entries) stored.set(id, value);
        after = page.next && page.entries.at(-1)?.id;
      }
      return new Map(
        clientIds.map((id) => [id, merge(stored.get(id) ?? {}, gathered.get(id) ?? {})]),
      );
    },
    flush: gathered.flush,
    close: gathered.close,
  };
}
