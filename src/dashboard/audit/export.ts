import type { File, Page } from '../page.ts';
import type { Rest } from '../rest.ts';
import type { EventView } from './event.ts';
import { auditQuery, type Filters, filtersOf } from './filters.ts';

/** The newest so many; the page says so. */
const PAGES = 20;

async function eventsOf(filters: Filters, rest: Rest): Promise<EventView[]> {
  const query = await auditQuery(filters, rest);
  const events: EventView[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const found = await rest.get<{ items: EventView[]; next?: string }>('/audit', {
      ...query,
      limit: '500',
      after,
    });
    events.push(...found.items);
    after = found.next;
    if (!after) break;
  }
  return events;
}

const columns: readonly [name: string, of: (event: EventView) => string | undefined][] = [
  ['id', ({ id }) => id],
  ['at', ({ at }) => at],
  ['via', ({ actor }) => actor.via],
  ['account_id', ({ actor }) => actor.account_id],
  ['client_id', ({ actor }) => actor.client_id],
  ['request', ({ actor }) => actor.request],
  ['action', ({ action }) => action],
  ['target', ({ target }) => target],
  ['changes', ({ changes }) => JSON.stringify(changes)],
];

/**
 * A cell (RFC 4180). What a spreadsheet would take for a formula begins with an apostrophe, since
 * names in it were chosen by strangers.
 */
export function cell(value = ''): string {
  const safe = /^[\s]*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const formats: Readonly<Record<string, { type: string; write(events: EventView[]): string }>> = {
  jsonl: {
    type: 'application/jsonl; charset=utf-8',
    write: (events) => events.map((event) => `${JSON.stringify(event)}\n`).join(''),
  },
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    write: (events) =>
      [columns.map(([name]) => name), ...events.map((event) => columns.map(([, of]) => of(event)))]
        .map((row) => `${row.map(cell).join(',')}\r\n`)
        .join(''),
  },
};

export const download: Page = {
  method: 'get',
  path: '/audit/export',
  scope: 'audit:read',
  async handle({ rest, query }): Promise<File> {
    const name = query.get('format') === 'csv' ? 'csv' : 'jsonl';
    const { type, write } = formats[name] as (typeof formats)[string];
    const body = write(await eventsOf(filtersOf(query), rest));
    return { type, body, name: `audit-${new Date().toISOString().slice(0, 10)}.${name}` };
  },
};
