/** Lists clients that nobody has used for long, or not with all that is registered: what may go. */
import type { Entry, Page } from '../store/store.ts';
import type { Client } from './client.ts';
import type { Clients } from './clients.ts';
import { unusedRedirectUris } from './redirect-use.ts';
import type { ClientSearch } from './search.ts';
import type { ClientUsage, Usage } from './usage.ts';

/** Clients looked at for one answer. */
const LOOKED_AT = 1000;
const PAGE = 50;

/** What is known of a client's use, judged. */
export type Judge = (client: Client, usage: ClientUsage) => boolean;

/** Neither used since `since` (seconds since the epoch) nor made since. */
export const unusedSince =
  (since: number): Judge =>
  ({ created }, { last_used = 0 }) =>
    created < since && last_used < since;

/** Used since, and of its redirect URIs one was not. */
export const redirectUrisUnusedSince =
  (since: number): Judge =>
  (client, usage) =>
    (usage.last_used ?? 0) >= since && unusedRedirectUris(client, usage, since).length > 0;

/**
 * A page of those that `search` finds and all of `judges` pick. Uses are kept beside the clients, so
 * each one is looked at: a page may hold fewer than asked for, or none, and still have a next one.
 */
export async function listUnused(
  { clients, usage }: { clients: Pick<Clients, 'list'>; usage: Pick<Usage, 'get'> },
  { limit = PAGE, ...search }: ClientSearch,
  judges: readonly Judge[],
): Promise<Page<Client>> {
  const isUnused = async ({ id, value }: Entry<Client>) => {
    const used = await usage.get(id);
    return judges.every((judge) => judge(value, used));
  };

  async function pageFrom(after: string | undefined, limit: number) {
    const page = await clients.list({ ...search, after, limit });
    const unused = await Promise.all(page.entries.map(isUnused));
    return { ...page, unused };
  }

  const entries: Entry<Client>[] = [];
  let after = search.after;
  for (let looked = 0; looked < LOOKED_AT; looked += limit) {
    const left = limit - entries.length;
    let page = await pageFrom(after, limit);
    const places = page.unused.flatMap((unused, place) => (unused ? [place] : []));
    // As far as the last one that still fits, so that the next page begins behind it.
    if (places.length > left) page = await pageFrom(after, (places[left - 1] as number) + 1);
    entries.push(...page.entries.filter((_, place) => page.unused[place]));
    after = page.next;
    if (after === undefined || entries.length >= limit) break;
  }
  return { entries, ...(after !== undefined && { next: after }) };
}
