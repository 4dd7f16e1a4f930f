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

const ending = (expires: unknown) => new Date(Number(expires) * 1000).toISOString();

/** Of a secret: what it is called, and when it ends; of a member, that member. */
function ofSecret(value: unknown, id: string, member?: string): unknown {
  if (member === 'expires') return ending(value);
  if (typeof value !== 'object' || value === null) return value;
  const { name = id, expires } = value as { name?: string; expires?: number };
  return expires === undefined ? name : `${name}, ${ending(expires)}`;
}

function shown({ pointer, before, after }: Event['changes'][number]) {
  const [, property, id, member] = pointer.split('/');
  const clear = (value: unknown) =>
    property === 'secrets' && id && value !== undefined ? ofSecret(value, id, member) : value;
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
