import type { Rest } from '../rest.ts';

/** What a form of the audit asks for, as it was typed. */
export interface Filters {
  who: string;
  target: string;
  action: string;
  time: string;
}

export const filtersOf = (query: URLSearchParams): Filters => {
  const typed = (name: string, most: number) => query.get(name)?.trim().slice(0, most) ?? '';
  return {
    who: typed('who', 256),
    target: typed('target', 300),
    action: typed('action', 64),
    time: typed('time', 24),
  };
};

/** The kinds of targets; whatever else is typed is the id of a client, which may be a URL. */
const kinds = /^(client|account|resource|registration-policy|registration-token|key|keys):/;

/** An account can be named by its e-mail; the API knows it by its id. */
async function actorOf(who: string, rest: Rest): Promise<string> {
  if (!who.includes('@')) return who;
  const { items } = await rest.get<{ items: { id: string; email: string }[] }>('/accounts', {
    q: who.slice(0, 254),
    limit: '20',
  });
  return items.find(({ email }) => email.toLowerCase() === who.toLowerCase())?.id ?? who;
}

/** The query of the API. */
export async function auditQuery({ who, target, action, time }: Filters, rest: Rest) {
  return {
    actor: who && (await actorOf(who, rest)),
    target: target && (kinds.test(target) ? target : `client:${target}`),
    action,
    time: time.replace(' ', 'T'),
  };
}

/** As a query string for links; empty when nothing is asked for. */
export const linkTo = (filters: Filters, more: Record<string, string> = {}): string => {
  const asked = Object.entries({ ...filters, ...more }).filter(([, value]) => value);
  return `?${new URLSearchParams(asked)}`;
};
