import { clientTypes, profileNames } from '../../../clients/values.ts';
import { epoch } from '../../../lib/time.ts';

/** The filters that are lists of values, by their name in the address; the first stands for "any". */
export const choices = {
  type: ['', ...clientTypes],
  state: ['', 'enabled', 'disabled', 'quarantined'],
  profile: ['', ...profileNames, 'none'],
  party: ['', 'first', 'third'],
  origin: ['', 'api', 'registration', 'file', 'server'],
  /** Days. */
  unused: ['', '30', '90', '365'],
  /** Days for which a redirect URI of a client that is used was not. */
  returns: ['', '30', '90', '365'],
  /** Days until the credentials end. */
  expires: ['', '0', '30', '90'],
  sort: ['name', '-name', '-updated', '-created', 'created', 'client_id', 'credentials_expire'],
} as const;

type Choice = keyof typeof choices;
export const choiceNames = Object.keys(choices) as Choice[];
/** Those that are behind "More filters". */
export const rare: readonly string[] = ['party', 'origin', 'tag', 'unused', 'returns', 'expires'];

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

/** Seconds since the epoch, as a parameter. */
const daysFromNow = (days: number) => String(epoch() + days * 86_400);

/** What the API is asked for. */
export const searchOf = ({ unused, returns, expires, ...filters }: Filters) => ({
  ...filters,
  ...(unused && { unused_since: daysFromNow(-unused) }),
  ...(returns && { redirect_uris_unused_since: daysFromNow(-returns) }),
  ...(expires && { credentials_expire_before: daysFromNow(Number(expires)) }),
});

/** The address's query for a list, without what is as it is by default. */
export const toQuery = (filters: Filters): URLSearchParams =>
  new URLSearchParams(
    Object.entries(filters).filter(
      ([name, value]) => value !== '' && (name !== 'sort' || value !== choices.sort[0]),
    ),
  );
