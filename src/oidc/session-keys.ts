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
