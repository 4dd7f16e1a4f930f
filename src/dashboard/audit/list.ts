import type { Page } from '../page.ts';
import { Refused, type Rest } from '../rest.ts';
import { changesOf, type EventView, wordsOf } from './event.ts';
import { auditQuery, filtersOf, linkTo } from './filters.ts';

/** A page has at most so many names; beyond it people are shown by their ids. */
const NAMES = 12;
/** Of one event; the export has all. */
const CHANGES = 12;

/** Who is meant by ids, as far as they are still there and the visitor may read accounts. */
async function namesOf(events: readonly EventView[], rest: Rest): Promise<Map<string, string>> {
  const ids = new Set(events.flatMap(({ actor }) => actor.account_id ?? []));
  const pairs = [...ids].slice(0, NAMES).map(async (id) => {
    const account = await rest
      .get<{ email: string }>(`/accounts/${encodeURIComponent(id)}`)
      .catch((error) => {
        if (error instanceof Refused && [403, 404].includes(error.status)) return undefined;
        throw error;
      });
    return account ? [[id, account.email] as const] : [];
  });
  return new Map((await Promise.all(pairs)).flat());
}

/** Where what was changed is looked at. */
const places: Readonly<Record<string, string>> = {
  client: '/dashboard/clients/',
  account: '/dashboard/accounts/',
  resource: '/dashboard/resources/',
};

function targetOf(target: string, action: string) {
  const [, kind = '', id = ''] = /^([^:]*):?(.*)$/s.exec(target) ?? [];
  const place = action.endsWith('.delete') ? undefined : places[kind];
  return { kind, id, ...(place && { href: place + encodeURIComponent(id) }) };
}

export const list: Page = {
  method: 'get',
  path: '/audit',
  scope: 'audit:read',
  async handle({ rest, query }) {
    const filters = filtersOf(query);
    const { items, next } = await rest.get<{ items: EventView[]; next?: string }>('/audit', {
      ...(await auditQuery(filters, rest)),
      limit: '50',
      after: query.get('after') ?? undefined,
    });
    const names = await namesOf(items, rest);
    const told = items.map((event) => ({ event, changes: changesOf(event) }));
    const events = told.map(({ event, changes }) => ({
      ...event,
      at: Date.parse(event.at) / 1000,
      who: names.get(event.actor.account_id ?? '') ?? event.actor.account_id,
      about: targetOf(event.target, event.action),
      changes: changes.slice(0, CHANGES).map(wordsOf),
      more: Math.max(0, changes.length - CHANGES),
    }));
    return {
      view: 'audit/list',
      model: {
        events,
        filters,
        more: next && linkTo(filters, { after: next }),
        exports: ['jsonl', 'csv'].map((format) => ({ format, href: linkTo(filters, { format }) })),
      },
    };
  },
};
