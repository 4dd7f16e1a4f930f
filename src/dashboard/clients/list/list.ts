import type { Go, Page, View } from '../../page.ts';
import { Refused } from '../../rest.ts';
import { type Listed, rowOf } from './row.ts';
import { choiceNames, choices, filtersOf, rare, searchOf, toQuery } from './search.ts';

const PER_PAGE = 50;

interface Found {
  items: Listed[];
  next?: string;
}

/** The address of a list. */
const place = (query: URLSearchParams) => {
  const search = query.toString();
  return `/dashboard/clients${search && `?${search}`}`;
};

export const list: Page = {
  method: 'get',
  path: '/clients',
  scope: 'clients:read',
  async handle({ rest, query, once }): Promise<View | Go> {
    const filters = filtersOf(query);
    const here = toQuery(filters);
    const after = query.get('after') ?? undefined;
    let found: Found;
    try {
      found = await rest.get<Found>('/clients', {
        ...searchOf(filters),
        limit: String(PER_PAGE),
        include: 'last_used',
        after,
      });
    } catch (error) {
      // A page of another list, or of a server before this one: the list begins again.
      if (error instanceof Refused && error.status === 400 && after) return { go: place(here) };
      throw error;
    }
    const next = new URLSearchParams(here);
    if (found.next !== undefined) next.set('after', found.next);
    return {
      view: 'clients/list',
      model: {
        filters,
        choices: choiceNames.map((name) => ({
          name,
          values: choices[name],
          rare: rare.includes(name),
        })),
        filtered: [...here.keys()].some((name) => name !== 'sort'),
        rareUsed: [...here.keys()].some((name) => rare.includes(name)),
        // The server's own clients are always there; the first one that somebody makes is not.
        fresh: !after && found.items.every(({ origin }) => origin.via === 'server'),
        rows: found.items.map(rowOf),
        next: found.next !== undefined && place(next),
        back: here.toString(),
        results: once.bulk && JSON.parse(once.bulk),
      },
    };
  },
};
