import type { Go, Page } from '../../page.ts';
import { Refused } from '../../rest.ts';
import { actOn, chosen, isAct, pathOf, type Results } from './acts.ts';
import { filtersOf, toQuery } from './search.ts';

/** The list that the person came from, with its filters; nothing else of what the form says. */
const listOf = (back: string | null) => {
  const query = toQuery(filtersOf(new URLSearchParams(back ?? ''))).toString();
  return `/dashboard/clients${query && `?${query}`}`;
};

const warn = (go: string, key: string): Go => ({
  go,
  flash: { key: `clients.bulk.${key}`, kind: 'warning' },
});

const told = (go: string, results: Results): Go => ({
  go,
  once: { bulk: JSON.stringify(results) },
});

/** The whole selection travels in the address, through a sign-in if need be, which is a cookie long. */
const LONGEST = 1800;

const bulk: Page = {
  method: 'post',
  path: '/clients/bulk',
  scope: 'clients:write',
  async handle({ rest, form }) {
    const go = listOf(form.get('back'));
    const clientIds = chosen(form);
    const act = form.get('act');
    const tag = (form.get('tag') ?? '').trim();
    if (clientIds.length === 0) return warn(go, 'none_chosen');
    if (!isAct(act)) return warn(go, 'no_act');
    if (act === 'delete') {
      const query = new URLSearchParams(
        clientIds.map((id): [string, string] => ['id', id]),
      ).toString();
      if (query.length > LONGEST) return warn(go, 'too_many');
      return { go: `/dashboard/clients/bulk?${query}` };
    }
    if (!tag && (act === 'tag' || act === 'untag')) return warn(go, 'no_tag');
    return told(go, await actOn(rest, act, clientIds, tag));
  },
};

interface Named {
  client_id: string;
  client_name?: string;
  last_used_at?: number;
}

const confirm: Page = {
  method: 'get',
  path: '/clients/bulk',
  scope: 'clients:write',
  fresh: true,
  async handle({ rest, query }) {
    const found = await Promise.all(
      chosen(query).map((id) =>
        rest.get<Named>(pathOf(id)).catch((error) => {
          if (error instanceof Refused && error.status === 404) return undefined;
          throw error;
        }),
      ),
    );
    const clients = found
      .filter((client) => client !== undefined)
      .map(({ client_id, client_name, last_used_at }) => ({
        client_id,
        client_name,
        last_used_at,
      }));
    if (clients.length === 0) return warn(listOf(null), 'none_chosen');
    return { view: 'clients/bulk-delete', model: { clients } };
  },
};

const deletion: Page = {
  method: 'post',
  path: '/clients/bulk/delete',
  scope: 'clients:write',
  fresh: true,
  handle: async ({ rest, form }) => told(listOf(null), await actOn(rest, 'delete', chosen(form))),
};

export const bulkPages: readonly Page[] = [bulk, confirm, deletion];
