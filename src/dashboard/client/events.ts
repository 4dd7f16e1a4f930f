import { isDeepStrictEqual } from 'node:util';
import { namesOf } from '../audit/names.ts';
import type { Visit } from '../page.ts';
import { difference } from './differences.ts';
import { pathOf } from './found.ts';

interface Event {
  id: string;
  /** RFC 3339. */
  at: string;
  actor: { via: string; client_id?: string; account_id?: string };
  action: string;
  changes: { pointer: string; before?: unknown; after?: unknown }[];
}

interface Events {
  items: Event[];
  next?: string;
}

/** Of a secret: what it is called and when it ends; how it begins is not for everybody to see. */
function ofSecret(value: unknown, name = ''): unknown {
  if (name === 'expires') return new Date(Number(value) * 1000).toISOString();
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([member]) => member !== 'prefix');
  return Object.fromEntries(members.map(([member, inner]) => [member, ofSecret(inner, member)]));
}

function shown({ pointer, before, after }: Event['changes'][number]) {
  const [, property = '', , member] = pointer.split('/');
  const clear = (value: unknown) =>
    property === 'secrets' && value !== undefined ? ofSecret(value, member) : value;
  return { name: pointer, ...difference(clear(before), clear(after)) };
}

const seconds = (at: string) => Math.floor(Date.parse(at) / 1000);

/** An event as pages show it. @param name the e-mail of who did it, if it can be told */
const told = ({ id, at, actor, action, changes }: Event, name: string | undefined) => ({
  id,
  at: seconds(at),
  actor,
  name,
  action,
  changes: changes.filter(({ before, after }) => !isDeepStrictEqual(before, after)).map(shown),
});

export type Told = ReturnType<typeof told>;

/** What was done to a client, newest first. @param after where the page before ended */
export async function eventsOf(
  { rest }: Visit,
  id: string,
  limit: number,
  after?: string,
): Promise<{ events: Told[]; next?: string | undefined }> {
  const query = { limit: String(limit), after };
  const { items, next } = await rest.get<Events>(`${pathOf(id)}/history`, query);
  const names = await namesOf(
    items.map(({ actor }) => actor.account_id),
    rest,
  );
  return { events: items.map((item) => told(item, names.get(item.actor.account_id ?? ''))), next };
}
