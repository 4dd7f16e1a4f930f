import { Refused, type Rest } from '../rest.ts';

/** Something that a list is narrowed to. */
interface Found {
  id: string;
  /** What it is called in the field. */
  label: string;
  /** What tells it from others that are called alike. */
  note: string;
}

/** What was typed into a field, and what it means. */
export interface Wanted {
  typed: string;
  found?: Found;
  /** Absent: it is one, or nothing was typed. */
  choices?: Found[];
}

interface Kind<T> {
  path: string;
  show(item: T): Found;
}

const accounts: Kind<{ id: string; email: string; name?: string }> = {
  path: '/accounts',
  show: ({ id, email, name }) => ({ id, label: email, note: name ?? id }),
};

const clients: Kind<{ client_id: string; client_name?: string }> = {
  path: '/clients',
  show: ({ client_id, client_name }) => ({
    id: client_id,
    label: client_name ?? client_id,
    note: client_id,
  }),
};

/** So many are offered when several are meant. */
const CHOICES = 10;

/** An id is as good as what people know: a part of a name, of an e-mail. */
async function wantedOf<T>({ path, show }: Kind<T>, given: string, rest: Rest): Promise<Wanted> {
  const typed = given.trim().slice(0, 254);
  if (typed === '') return { typed };
  const one = await rest.get<T>(`${path}/${encodeURIComponent(typed)}`).catch((error) => {
    if (error instanceof Refused && error.status === 404) return undefined;
    throw error;
  });
  if (one) {
    const found = show(one);
    return { typed: found.label, found };
  }
  const { items } = await rest.get<{ items: T[] }>(path, { q: typed, limit: String(CHOICES) });
  const choices = items.map(show);
  const same = choices.filter(({ label }) => label.toLowerCase() === typed.toLowerCase());
  const [only, ...others] = same.length > 0 ? same : choices;
  return only && others.length === 0 ? { typed, found: only } : { typed, choices };
}

/** What a list of sessions or grants is narrowed to. */
export interface Filters {
  account: Wanted;
  client: Wanted;
}

export async function filtersOf(query: URLSearchParams, rest: Rest): Promise<Filters> {
  const [account, client] = await Promise.all([
    wantedOf(accounts, query.get('account') ?? '', rest),
    wantedOf(clients, query.get('client') ?? '', rest),
  ]);
  return { account, client };
}

/** Whether each field means one, or nothing. */
export const areClear = ({ account, client }: Filters): boolean =>
  !account.choices && !client.choices;

/** The query of the API. */
export const asked = ({ account, client }: Filters) => ({
  account: account.found?.id,
  client: client.found?.id,
});

/** As a query string for links; empty when nothing is asked for. */
export function linkTo(filters: Filters, more: Readonly<Record<string, string>> = {}): string {
  const all = Object.entries({ ...asked(filters), ...more }).filter(([, value]) => value);
  return all.length > 0 ? `?${new URLSearchParams(all as [string, string][])}` : '';
}

/** What may be meant, each with the address of the list that it leads to. */
export function choicesOf(filters: Filters) {
  const { account, client } = filters;
  const to = (change: Partial<Filters>) => linkTo({ ...filters, ...change });
  return {
    accounts: account.choices?.map((found) => ({
      ...found,
      href: to({ account: { typed: '', found } }),
    })),
    clients: client.choices?.map((found) => ({
      ...found,
      href: to({ client: { typed: '', found } }),
    })),
  };
}
