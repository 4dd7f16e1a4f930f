import type { Page } from '../page.ts';
import { listFailures } from './failure.ts';

/** Latest over all clients, or the one whose correlation id somebody read on an error page. */
export const search: Page = {
  method: 'get',
  path: '/failures',
  scope: 'clients:read',
  async handle({ rest, query, text }) {
    // Copied from a header or a page it comes with spaces around it.
    const id = (query.get('id') ?? '').trim().slice(0, 100);
    const { items, next } = await listFailures(
      rest,
      { id: id || undefined, after: query.get('after') ?? undefined },
      text,
    );
    const more = next && `?${new URLSearchParams({ ...(id && { id }), after: next })}`;
    return { view: 'failures/search', model: { id, items, more } };
  },
};
