import type { Page, View, Visit } from '../page.ts';
import { eventsOf } from './events.ts';
import { find, idOf, pathOf, placeOf, versionOf } from './found.ts';
import { actOrAsk } from './overtaken.ts';
import { review } from './review.ts';

const LIMIT = 25;

/** What the client would be again. */
async function ask(visit: Visit): Promise<View> {
  const { event } = visit.params;
  const { client, version } = await find(visit.rest, idOf(visit));
  const made = await review(visit.rest, client, { restore: event });
  return { view: 'client/restore', model: { client, version, made, event } };
}

export const historyPages: readonly Page[] = [
  {
    method: 'get',
    path: '/clients/:id/history',
    scope: 'clients:read',
    async handle(visit) {
      const id = idOf(visit);
      const after = visit.query.get('after') ?? undefined;
      const [{ client }, { events, next }] = await Promise.all([
        find(visit.rest, id),
        eventsOf(visit, id, LIMIT, after),
      ]);
      return {
        view: 'client/history',
        model: {
          client,
          // What the newest led to is how things are.
          events: events.map((event, index) => ({ ...event, last: !after && index === 0 })),
          next: next && `?after=${encodeURIComponent(next)}`,
        },
      };
    },
  },
  {
    method: 'get',
    path: '/clients/:id/history/:event',
    scope: 'clients:write',
    handle: ask,
  },
  {
    method: 'post',
    path: '/clients/:id/history/:event',
    scope: 'clients:write',
    async handle(visit) {
      const [id, { event }] = [idOf(visit), visit.params];
      const act = async () => {
        await visit.rest.call('POST', `${pathOf(id)}/restore`, {
          body: { event },
          version: versionOf(visit.form),
        });
        return { go: placeOf(id), flash: { key: 'client.history.restored' } };
      };
      return actOrAsk(visit, act, () => ask(visit));
    },
  },
];
