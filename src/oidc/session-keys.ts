import { isDeepStrictEqual } from 'node:util';
import type { AdapterPayload } from 'oidc-provider';
import { epoch } from '../lib/time.ts';

/** What a session of somebody who is signed in is found by, and what is known of it without opening it. */
export interface SessionKeys {
  /** When the person signed in; sorts as the time does. Absent while nobody is. */
  since?: string;
  /** The clients that the session was used for; one alone is no list, which costs a store less. */
  clients?: string | string[];
  /** When it was last used, seconds since the epoch. */
  seen?: number;
}

/** A session is found by these too; `uid` is digested. */
export const sessionIndexes = {
  uid: 'plain',
  account: 'plain',
  since: 'plain',
  clients: 'many',
} as const;

/** Sorts as the number does. */
const sortable = (seconds: number): string => String(seconds).padStart(12, '0');

export function sessionKeys(payload: AdapterPayload): SessionKeys {
  const { accountId, loginTs, authorizations = {} } = payload;
  if (typeof accountId !== 'string') return {};
  const now = epoch();
  const clients = Object.keys(authorizations);
  return {
    since: sortable(loginTs ?? now),
    ...(clients.length > 0 && { clients: clients.length === 1 ? clients[0]! : clients }),
    seen: now,
  };
}

/** Seconds until a use of a session counts as another one; of a short session a part of its time. */
const USE = 60;

/**
 * Whether all that writing a session again would say is that it was used again, within the same minute.
 * The engine writes it at every request that finds it. One that opens the next application, or asks
 * whether somebody is still signed in, then costs no write, and takes nothing back that others wrote
 * meanwhile.
 * @param written what was read or written before
 */
export function isSameUse(written: AdapterPayload, next: AdapterPayload): boolean {
  const { exp = 0 } = next;
  const later = exp - (written.exp ?? 0);
  if (later < 0 || later >= Math.min(USE, (exp - epoch()) / USE)) return false;
  // The engine's members come in another order, and some are undefined.
  return isDeepStrictEqual({ ...written, exp }, JSON.parse(JSON.stringify(next)));
}
