import { actPages } from '../forms/confirming.ts';
import type { Page, Visit } from '../page.ts';
import { areClear, asked, choicesOf, filtersOf, linkTo } from './filters.ts';

/** A session as the API answers it. */
export interface SessionView {
  id: string;
  account: { id: string; email: string; name?: string };
  signed_in_at: number;
  last_seen_at: number;
  expires_at?: number;
  clients: { client_id: string; client_name?: string }[];
}

/** Clients of one session that a list names. */
const CLIENTS = 4;

export const sessionRow = (session: SessionView) => ({
  ...session,
  clients: session.clients.slice(0, CLIENTS),
  more: Math.max(0, session.clients.length - CLIENTS),
});

const list: Page = {
  method: 'get',
  path: '/sessions',
  scope: 'accounts:read',
  async handle({ rest, query }) {
    const filters = await filtersOf(query, rest);
    const { items, next } = areClear(filters)
      ? await rest.get<{ items: SessionView[]; next?: string }>('/sessions', {
          ...asked(filters),
          limit: '50',
          after: query.get('after') ?? undefined,
        })
      : { items: [] };
    return {
      view: 'sessions/list',
      model: {
        items: items.map(sessionRow),
        filters,
        choices: choicesOf(filters),
        narrowed: linkTo(filters),
        more: next && linkTo(filters, { after: next }),
      },
    };
  },
};

const at = ({ params }: Visit) => `/sessions/${encodeURIComponent(params.id ?? '')}`;

/** Where the list was, which the address of the question says. */
const back = ({ query }: Visit): string => {
  const kept = ['account', 'client'].flatMap((name): [string, string][] => {
    const value = query.get(name);
    return value ? [[name, value]] : [];
  });
  return kept.length > 0 ? `/sessions?${new URLSearchParams(kept)}` : '/sessions';
};

const session = (visit: Visit) => visit.rest.get<SessionView>(at(visit));

const end = actPages({
  topic: 'sessions',
  name: 'end',
  path: '/sessions/:id/end',
  scope: 'accounts:write',
  subject: async (visit) => (await session(visit)).account.email,
  back,
  async act(visit) {
    await visit.rest.call('DELETE', at(visit));
    return { go: `/dashboard${back(visit)}`, flash: { key: 'sessions.ended' } };
  },
});

export const sessions: readonly Page[] = [list, ...end];
