/** What can be done with many clients at once: a change of each, one after the other, each told of. */
import type { Violation } from '../../../lib/problem.ts';
import { DASHBOARD_CLIENT } from '../../own-client.ts';
import { Refused, type Rest } from '../../rest.ts';

interface Tagged {
  client_id: string;
  client_name?: string;
  tags?: string[];
}

type Act = (rest: Rest, path: string, tag: string) => Promise<unknown>;

/** Reads the tags and writes others; once more when somebody else wrote in between. */
const retag =
  (change: (tags: string[], tag: string) => string[]): Act =>
  async (rest, path, tag) => {
    for (let attempt = 1; ; attempt += 1) {
      const { body, version } = await rest.call<Tagged>('GET', path);
      const before = body.tags ?? [];
      const tags = change(before, tag);
      if (tags.length === before.length) return;
      try {
        await rest.call('PATCH', path, { body: { tags }, version });
        return;
      } catch (error) {
        const raced = error instanceof Refused && error.code === 'precondition_failed';
        if (!raced || attempt === 2) throw error;
      }
    }
  };

/** One property of each, which nobody else's change of another property undoes: no version needed. */
const set =
  (body: object): Act =>
  (rest, path) =>
    rest.call('PATCH', path, { body });

export const acts = {
  disable: set({ disabled: true }),
  enable: set({ disabled: false }),
  tag: retag((tags, tag) => (tags.includes(tag) ? tags : [...tags, tag])),
  untag: retag((tags, tag) => tags.filter((one) => one !== tag)),
  delete: (rest, path) => rest.call('DELETE', path),
} as const satisfies Record<string, Act>;

export type ActName = keyof typeof acts;
export const isAct = (name: string | null): name is ActName =>
  name !== null && Object.hasOwn(acts, name);

/** As much of a violation as it takes to say it. */
type Reason = Partial<Omit<Violation, 'spec' | 'patch'>> & { detail: string };

/** What came of it. */
export interface Results {
  act: ActName;
  tag: string;
  done: number;
  refused: { client_id: string; reasons: Reason[] }[];
}

/** The clients that were ticked: each once, no more than a page could hold, not the dashboard itself. */
export const chosen = (fields: URLSearchParams): string[] =>
  [...new Set(fields.getAll('id'))].filter((id) => id && id !== DASHBOARD_CLIENT).slice(0, 100);

export const pathOf = (clientId: string) => `/clients/${encodeURIComponent(clientId)}`;

/** Why, in as many words as fit into a line of a list. */
const reasonsOf = ({ message, errors }: Refused): Reason[] =>
  errors.length === 0
    ? [{ detail: message }]
    : errors.slice(0, 3).map(({ spec: _, patch: __, fix: ___, ...said }) => said);

/** One after the other, so that many changes leave room for what people do at the same time. */
export async function actOn(
  rest: Rest,
  act: ActName,
  clientIds: readonly string[],
  tag = '',
): Promise<Results> {
  const results: Results = { act, tag, done: 0, refused: [] };
  for (const client_id of clientIds) {
    try {
      await acts[act](rest, pathOf(client_id), tag);
      results.done += 1;
    } catch (error) {
      // The person is no longer signed in: that is of none of them.
      if (!(error instanceof Refused) || error.status === 401) throw error;
      results.refused.push({ client_id, reasons: reasonsOf(error) });
    }
  }
  return results;
}
