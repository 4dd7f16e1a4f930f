import type { Page } from '../page.ts';
import type { EventView } from './event.ts';
import { auditQuery, filtersOf, linkTo } from './filters.ts';
import { namesOf } from './names.ts';
import { createTelling } from './telling.ts';

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
    const names = await namesOf(
      items.map(({ actor }) => actor.account_id),
      rest,
    );
    const tell = createTelling();
    const events = items.map((event) => ({
      ...event,
      at: Date.parse(event.at) / 1000,
      who: names.get(event.actor.account_id ?? '') ?? event.actor.account_id,
      about: targetOf(event.target, event.action),
      ...tell(event),
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
