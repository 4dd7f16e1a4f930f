/**
 * How much the server did, hour by hour: people signed in, tokens issued, requests refused. Counted in
 * memory and written every few seconds as additions to the hour's record, so a flow waits for nothing;
 * a process that is killed forgets that much. Nothing in it says who or for which client.
 */
import type { Provider } from 'oidc-provider';
import { epoch } from '../lib/time.ts';
import { gather } from '../store/gathered.ts';
import type { CollectionSpec, Store } from '../store/store.ts';

export const statisticsCollection: CollectionSpec = { name: 'statistics' };

export const counters = ['sign_ins', 'tokens', 'failures'] as const;
export type Counts = Record<(typeof counters)[number], number>;

/** What happened in the hour that begins at `at`, seconds since the epoch. */
export interface Hour extends Counts {
  at: number;
}

export interface Statistics {
  note(counter: keyof Counts): void;
  /** The hours of a span (seconds since the epoch) in which something happened, oldest first. */
  between(from: number, to: number): Promise<Hour[]>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export const HOUR = 3600;
/** Seconds that an hour's record is kept. */
export const KEPT = 30 * 24 * HOUR;

const none = (): Counts => ({ sign_ins: 0, tokens: 0, failures: 0 });
const sum = (one: Counts, other: Counts): Counts => ({
  sign_ins: one.sign_ins + other.sign_ins,
  tokens: one.tokens + other.tokens,
  failures: one.failures + other.failures,
});

const hourOf = (time: number) => time - (time % HOUR);
/** In the order of time. */
const idOf = (hour: number) => String(hour).padStart(12, '0');

/** @param every milliseconds between two writes; @param failed told of a write that did not work */
export function createStatistics(
  store: Store,
  failed: (error: unknown) => void,
  every = 10_000,
): Statistics {
  const collection = store.collection<Counts>(statisticsCollection);
  const gathered = gather(collection, { add: sum, every, failed, options: { ttl: KEPT } });

  return {
    note(counter) {
      const id = idOf(hourOf(epoch()));
      let counts = gathered.get(id);
      if (!counts) {
        counts = none();
        gathered.set(id, counts);
      }
      counts[counter] += 1;
    },
    async between(from, to) {
      // What this process knows already is part of the answer.
      await gathered.flush();
      const { entries } = await collection.list({
        // Just before the hour in which the span begins.
        after: idOf(Math.max(hourOf(from), hourOf(epoch()) - KEPT) - 1),
        limit: KEPT / HOUR + 1,
      });
      return entries
        .map(({ id, value }) => ({ at: Number(id), ...value }))
        .filter(({ at }) => at < to);
    },
    flush: gathered.flush,
    close: gathered.close,
  };
}

/** Requests of people and clients that the engine refused. */
const refusals = [
  'authorization.error',
  'grant.error',
  'pushed_authorization_request.error',
  'device_authorization.error',
  'backchannel_authentication.error',
] as const;

/** Polling is told so, and is no failure (RFC 8628, section 3.5; CIBA Core 1.0, section 11). */
const waiting = new Set(['authorization_pending', 'slow_down']);

/** Counts what the engine tells. */
export function countEvents(provider: Provider, statistics: Statistics): void {
  provider.on('authorization.success', () => statistics.note('sign_ins'));
  provider.on('grant.success', () => statistics.note('tokens'));
  for (const event of refusals) {
    provider.on(event as 'grant.error', (_ctx, error) => {
      if (!waiting.has(error.error)) statistics.note('failures');
    });
  }
  provider.on('server_error', () => statistics.note('failures'));
}
