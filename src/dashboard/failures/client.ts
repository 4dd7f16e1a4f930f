import type { Page } from '../page.ts';
import { listFailures } from './failure.ts';

export const clientFailures: Page = {
  method: 'get',
  path: '/clients/:id/failures',
  scope: 'clients:read',
  async handle({ rest, params, query, text }) {
    const id = params.id ?? '';
    const [client, { items, next }] = await Promise.all([
      rest.get<object>(`/clients/${encodeURIComponent(id)}`),
      listFailures(rest, { client_id: id, after: query.get('after') ?? undefined }, text),
    ]);
    const more = next && `?${new URLSearchParams({ after: next })}`;
    return { view: 'failures/client', model: { client, items, more } };
  },
};
