/** What of the clients somebody should look after, counted. */
import { epoch } from '../lib/time.ts';
import type { Clients } from './clients.ts';
import { createSweep, type Swept } from './sweep.ts';
import { redirectUrisUnusedSince, unusedSince } from './unused.ts';
import type { Usage } from './usage.ts';

const DAY = 86_400;
/** Credentials that end within so many seconds are told of. */
export const SOON = 30 * DAY;
/** What was not used for so many seconds is told of. */
export const UNUSED = 90 * DAY;
/** More are not counted one by one. */
export const COUNTED = 100;

/** No more than `COUNTED`. */
export interface Bounded {
  count: number;
  /** Whether there are more. */
  more: boolean;
}

/** Of the clients that flows know; seconds since the epoch. Those that are disabled are looked after. */
export interface Attention extends Swept {
  /** Credentials end before then. */
  expire_before: number;
  expiring: Bounded;
  /** Of those, the ones that have ended. */
  expired: Bounded;
  unused_since: number;
  unused: number;
  redirect_uris_unused: number;
  /** Registered by themselves, set aside as unused, and soon to be deleted. */
  quarantined: number;
}

/**
 * Credentials are counted in their index, at each call. What depends on uses, which are kept beside
 * the clients, is counted as `createSweep` says.
 */
export function createAttention({
  clients,
  usage,
}: {
  clients: Pick<Clients, 'list'>;
  usage: Pick<Usage, 'among'>;
}): () => Promise<Attention> {
  const swept = createSweep(clients, {
    fresh: () => ({
      unused_since: epoch() - UNUSED,
      unused: 0,
      redirect_uris_unused: 0,
      quarantined: 0,
    }),
    beside: (entries) => usage.among(entries.map(({ id }) => id)),
    look(numbers, { id, value }, uses) {
      const { metadata, registration } = value;
      if (metadata.disabled) return;
      if (registration?.quarantined !== undefined) {
        numbers.quarantined += 1;
        return;
      }
      const used = uses.get(id) ?? {};
      if (unusedSince(numbers.unused_since)(value, used)) numbers.unused += 1;
      if (redirectUrisUnusedSince(numbers.unused_since)(value, used))
        numbers.redirect_uris_unused += 1;
    },
    slice: 50,
  });

  async function expiring(before: number): Promise<Bounded> {
    const { entries } = await clients.list({
      state: 'enabled',
      credentials_expire_before: before,
      sort: 'credentials_expire',
      limit: COUNTED + 1,
    });
    return { count: Math.min(entries.length, COUNTED), more: entries.length > COUNTED };
  }

  return async () => {
    const now = epoch();
    const before = now + SOON;
    const [numbers, soon, already] = await Promise.all([
      swept(),
      expiring(before),
      expiring(now + 1),
    ]);
    return { ...numbers, expire_before: before, expiring: soon, expired: already };
  };
}
