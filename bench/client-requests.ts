/** What administrators and their programs ask the API about clients, with many of them. */
import { randomInt } from 'node:crypto';
import type { Ask } from './client.ts';
import { clientIdOf } from './client-population.ts';

/** One kind of request; each call makes the next one. */
export interface ClientRequest {
  name: string;
  ask(): Ask;
  /** Items that every answer must hold, so that what is timed is what it is called. */
  items?: number;
}

/** Clients that are changed, over and over, so that some have a history. */
const CHANGED = 100;

/**
 * In the order of the table; the history comes after the changes that make it.
 * @param count clients that there are
 * @param cursors of pages by name, from the beginning to the middle
 */
export function clientRequests(count: number, cursors: readonly string[]): ClientRequest[] {
  const list = (query: Readonly<Record<string, string>>) => () => ({
    to: `/api/v1/clients?${new URLSearchParams({ limit: '50', ...query })}`,
  });
  const one = (n: number, rest = '') => `/api/v1/clients/${clientIdOf(n)}${rest}`;
  const share = (part: number) => (count * part).toLocaleString('en');
  const byName = { sort: 'name' };
  let change = 0;
  return [
    { name: 'list, 50 by name', ask: list(byName), items: 50 },
    {
      name: 'list, 50 by name, a page further on',
      ask: () => list({ ...byName, after: cursors[randomInt(cursors.length)] as string })(),
      items: 50,
    },
    {
      name: 'list, 50 of a type, newest first',
      ask: list({ type: 'native', sort: '-created' }),
      items: 50,
    },
    {
      name: 'list, 50 with a tag and a profile',
      ask: () => list({ tag: `tier${randomInt(3)}`, profile: 'fapi1-baseline', ...byName })(),
      items: 50,
    },
    { name: 'search, 1 has it', ask: list({ q: 'quokka', ...byName }), items: 1 },
    { name: 'search, 100 have it, 50 by name', ask: list({ q: 'heron', ...byName }), items: 50 },
    {
      name: `search, ${share(0.2)} have it, 50 by name`,
      ask: list({ q: 'mobile', ...byName }),
      items: 50,
    },
    { name: 'read one', ask: () => ({ to: one(randomInt(count)) }) },
    {
      name: 'change one',
      ask: () => ({
        to: one(change++ % CHANGED),
        method: 'PATCH',
        json: { description: `Changed for the ${change}. time` },
      }),
    },
    { name: 'history of one', ask: () => ({ to: one(randomInt(CHANGED), '/history') }) },
  ];
}
