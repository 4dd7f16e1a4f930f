import { folded } from '../lib/words.ts';
import type { Condition, QueryOptions } from '../store/store.ts';
import { type clientStates, filterTerm, MAX_TERM, sortable } from './client.ts';
import type { clientTypes, profileNames } from './values.ts';

/** What clients are looked for by; all of it must hold. */
export interface ClientSearch {
  /** Words of the name, the beginning of an id, a tag or a redirect host. */
  q?: string | undefined;
  type?: (typeof clientTypes)[number] | undefined;
  profile?: (typeof profileNames)[number] | 'none' | undefined;
  party?: 'first' | 'third' | undefined;
  origin?: string | undefined;
  tag?: string | undefined;
  redirect_host?: string | undefined;
  state?: (typeof clientStates)[number] | undefined;
  /** Seconds since the epoch; those that have ended already are before it too. */
  credentials_expire_before?: number | undefined;
  sort?: ClientSort | undefined;
  after?: string | undefined;
  limit?: number | undefined;
}

const orders = {
  name: { by: 'name' },
  '-name': { by: 'name', descending: true },
  created: { by: 'made' },
  '-created': { by: 'made', descending: true },
  updated: { by: 'changed' },
  '-updated': { by: 'changed', descending: true },
  client_id: { by: 'id' },
  '-client_id': { by: 'id', descending: true },
  credentials_expire: { by: 'ends' },
} as const;

export type ClientSort = keyof typeof orders;
export const clientSorts = Object.keys(orders) as [ClientSort, ...ClientSort[]];

/** More words than anyone types; each costs a look into the index. */
const MAX_WORDS = 8;

const terms = (q: string): Condition[] =>
  [...new Set(folded(q).split(/\s+/).filter(Boolean))]
    .slice(0, MAX_WORDS)
    .map((word) => ({ index: 'terms', begins: word.slice(0, MAX_TERM) }));

const is = (index: string, value: string | undefined): Condition[] =>
  value === undefined ? [] : [{ index, is: value }];

const below = (index: string, seconds: number | undefined): Condition[] =>
  seconds === undefined ? [] : [{ index, below: sortable(seconds) }];

export const toQuery = (search: ClientSearch): QueryOptions => ({
  where: [
    ...terms(search.q ?? ''),
    ...is('type', search.type),
    ...is('profile', search.profile),
    ...is('party', search.party),
    ...is('from', search.origin),
    ...is('terms', search.tag && filterTerm('tag', search.tag)),
    ...is('terms', search.redirect_host && filterTerm('host', folded(search.redirect_host))),
    ...is('terms', search.state && filterTerm('state', search.state)),
    ...below('ends', search.credentials_expire_before),
  ],
  order: orders[search.sort ?? 'client_id'],
  ...(search.after !== undefined && { after: search.after }),
  ...(search.limit !== undefined && { limit: search.limit }),
});
