import { isDeepStrictEqual } from 'node:util';
import type { Page, Visit } from '../page.ts';
import { difference } from './differences.ts';
import { find, idOf, pathOf, placeOf, versionOf } from './found.ts';
import { review } from './review.ts';

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

const LIMIT = 25;

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

/** An event as the page shows it. `last`: what it led to is how things are. */
const told = ({ id, at, actor, action, changes }: Event, last: boolean) => ({
  id,
  at: seconds(at),
  actor,
  action,
  last,
  changes: changes.filter(({ before, after }) => !isDeepStrictEqual(before, after)).map(shown),
});

const historyOf = ({ rest, query }: Visit, id: string, limit = LIMIT) =>
  rest.get<Events>(`${pathOf(id)}/history`, {
    limit: String(limit),
    after: query.get('after') ?? undefined,
  });

export const historyPages: readonly Page[] = [
  {
    method: 'get',
    path: '/clients/:id/history',
    scope: 'clients:read',
    async handle(visit) {
      const id = idOf(visit);
      const [{ client }, { items, next }] = await Promise.all([
        find(visit.rest, id),
        historyOf(visit, id),
      ]);
      const first = !visit.query.has('after');
      return {
        view: 'client/history',
        model: {
          client,
          events: items.map((event, index) => told(event, first && index === 0)),
          next: next && `?after=${encodeURIComponent(next)}`,
        },
      };
    },
  },
  {
    method: 'get',
    path: '/clients/:id/history/:event',
    scope: 'clients:write',
    async handle(visit) {
      const { event } = visit.params;
      const { client, version } = await find(visit.rest, idOf(visit));
      const made = await review(visit.rest, client, { restore: event });
      return { view: 'client/restore', model: { client, version, made, event } };
    },
  },
  {
    method: 'post',
    path: '/clients/:id/history/:event',
    scope: 'clients:write',
    async handle(visit) {
      const [id, { event }] = [idOf(visit), visit.params];
      await visit.rest.call('POST', `${pathOf(id)}/restore`, {
        body: { event },
        version: versionOf(visit.form),
      });
      return { go: placeOf(id), flash: { key: 'client.history.restored' } };
    },
  },
];
