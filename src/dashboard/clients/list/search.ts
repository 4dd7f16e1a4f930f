import { clientTypes, profileNames } from '../../../clients/values.ts';
import { epoch } from '../../../lib/time.ts';

/** The filters that are lists of values, by their name in the address; the first stands for "any". */
export const choices = {
  type: ['', ...clientTypes],
  state: ['', 'enabled', 'disabled'],
  profile: ['', ...profileNames, 'none'],
  party: ['', 'first', 'third'],
  origin: ['', 'api', 'registration', 'file', 'server'],
  /** Days. */
  unused: ['', '30', '90', '365'],
  sort: ['name', '-name', '-updated', '-created', 'created', 'client_id'],
} as const;

type Choice = keyof typeof choices;
export const choiceNames = Object.keys(choices) as Choice[];
/** Those that are behind "More filters". */
export const rare: readonly string[] = ['party', 'origin', 'tag', 'unused'];

export type Filters = Record<Choice | 'q' | 'tag', string>;

/** As the API bounds them. */
const LONGEST = 256;

/** What an address asks for; what it cannot mean is taken for "any". */
export function filtersOf(query: URLSearchParams): Filters {
  const text = (name: string) => (query.get(name) ?? '').trim().slice(0, LONGEST);
  const chosen = choiceNames.map((name) => {
    const values: readonly string[] = choices[name];
    const value = query.get(name) ?? '';
    return [name, values.includes(value) ? value : values[0]];
  });
  return { ...Object.fromEntries(chosen), q: text('q'), tag: text('tag') };
}

/** What the API is asked for. */
export const searchOf = ({ unused, ...filters }: Filters) => ({
  ...filters,
  ...(unused && { unused_since: String(epoch() - Number(unused) * 86_400) }),
});

/** The address's query for a list, without what is as it is by default. */
export const toQuery = (filters: Filters): URLSearchParams =>
  new URLSearchParams(
    Object.entries(filters).filter(
      ([name, value]) => value !== '' && (name !== 'sort' || value !== choices.sort[0]),
    ),
  );
