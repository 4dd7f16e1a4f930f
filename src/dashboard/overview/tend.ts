/** What of the clients somebody should look after, as the API counts it, and the list of each. */
export interface Attention {
  clients: number;
  /** Whether the server has looked at all of them. */
  complete: boolean;
  expiring: Bounded;
  expired: Bounded;
  unused: number;
  redirect_uris_unused: number;
  quarantined: number;
}

interface Bounded {
  count: number;
  more: boolean;
}

/** A line of the list; its texts are `overview.NAME` and `overview.NAME_lead`. */
export interface Task {
  name: string;
  count: number;
  /** There are more than are counted. */
  more: boolean;
  kind: 'bad' | 'warn' | 'plain';
  /** Below `/dashboard/clients`. */
  query: string;
}

const all = (count: number): Bounded => ({ count, more: false });

const tasks: readonly [
  name: string,
  kind: Task['kind'],
  query: string,
  of: (found: Attention) => Bounded,
][] = [
  ['expired', 'bad', 'expires=0&state=enabled&sort=credentials_expire', ({ expired }) => expired],
  [
    'expiring',
    'warn',
    'expires=30&state=enabled&sort=credentials_expire',
    ({ expiring }) => expiring,
  ],
  ['quarantined', 'warn', 'state=quarantined', ({ quarantined }) => all(quarantined)],
  ['unused', 'warn', 'unused=90&state=enabled', ({ unused }) => all(unused)],
  [
    'returns',
    'warn',
    'returns=90&state=enabled',
    ({ redirect_uris_unused }) => all(redirect_uris_unused),
  ],
];

/** Most urgent first; those of which there are none are last. */
export const tasksOf = (found: Attention): Task[] =>
  tasks
    .map(([name, kind, query, of]) => {
      const { count, more } = of(found);
      return { name, count, more, kind: count > 0 ? kind : ('plain' as const), query };
    })
    .toSorted((one, other) => Number(one.count === 0) - Number(other.count === 0));
