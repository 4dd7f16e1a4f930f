import type { Page } from '../page.ts';
import { areClear, asked, choicesOf, filtersOf, linkTo } from './filters.ts';
import { allowedOf, type GrantView } from './grant.ts';

/** Which account has allowed which client what. */
export const grants: Page = {
  method: 'get',
  path: '/sessions/grants',
  scope: 'accounts:read',
  async handle({ rest, query }) {
    const filters = await filtersOf(query, rest);
    const { items, next } = areClear(filters)
      ? await rest.get<{ items: GrantView[]; next?: string }>('/grants', {
          ...asked(filters),
          limit: '50',
          after: query.get('after') ?? undefined,
        })
      : { items: [] };
    return {
      view: 'grants/list',
      model: {
        items: items.map((grant) => ({ ...grant, allowed: allowedOf(grant) })),
        filters,
        choices: choicesOf(filters),
        narrowed: linkTo(filters),
        more: next && linkTo(filters, { after: next }),
      },
    };
  },
};
