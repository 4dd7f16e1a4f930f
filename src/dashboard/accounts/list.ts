import type { Page } from '../page.ts';
import type { AccountView } from './account.ts';

/** Accounts by e-mail, or those whose e-mail begins with what was typed. */
export const list: Page = {
  method: 'get',
  path: '/accounts',
  scope: 'accounts:read',
  async handle({ rest, query }) {
    const q = query.get('q')?.trim().slice(0, 254) ?? '';
    const { items, next } = await rest.get<{ items: AccountView[]; next?: string }>('/accounts', {
      q,
      limit: '50',
      after: query.get('after') ?? undefined,
    });
    const more = next && `?${new URLSearchParams({ ...(q && { q }), after: next })}`;
    return { view: 'accounts/list', model: { items, q, more } };
  },
};
