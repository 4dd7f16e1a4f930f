import { epoch } from '../../../lib/time.ts';
import { DASHBOARD_CLIENT } from '../../own-client.ts';

/** Of a client as the API lists it, what a row is made of. */
export interface Listed {
  client_id: string;
  client_name?: string;
  type: string;
  logo_uri?: string;
  disabled?: boolean;
  fapi_profile?: string | null;
  first_party?: boolean;
  tags?: unknown;
  conforming: boolean;
  origin: { via: string };
  quarantined_at?: number;
  last_used_at?: number;
  /** Of the last secret or certificate. */
  credentials_expire_at?: number;
}

/** Seconds before their end at which credentials are worth a word. */
const SOON = 30 * 86_400;
/** Tags that a row shows; the client's own page has all. */
const TAGS = 3;

/** What is worth knowing at a glance, most urgent first; each has its text under `clients.badge`. */
const badges: readonly [name: string, kind: string, holds: (client: Listed) => boolean][] = [
  ['disabled', 'bad', ({ disabled }) => disabled === true],
  ['quarantined', 'warn', ({ quarantined_at }) => quarantined_at !== undefined],
  ['breaks_rules', 'warn', ({ conforming }) => !conforming],
  [
    'credentials_expired',
    'bad',
    ({ credentials_expire_at: at }) => at !== undefined && at <= epoch(),
  ],
  [
    'credentials_expire',
    'warn',
    ({ credentials_expire_at: at }) => at !== undefined && at > epoch() && at <= epoch() + SOON,
  ],
];

export const rowOf = (client: Listed) => {
  const { client_id, client_name, type, logo_uri, fapi_profile, tags, last_used_at } = client;
  return {
    client_id,
    path: encodeURIComponent(client_id),
    name: client_name,
    type,
    logo: logo_uri !== undefined,
    badges: badges.filter(([, , holds]) => holds(client)).map(([name, kind]) => ({ name, kind })),
    profile: fapi_profile,
    tags: Array.isArray(tags) ? tags.slice(0, TAGS).map(String) : [],
    last_used_at,
    ends: client.credentials_expire_at,
    /** Not the dashboard itself: what is done to it in passing shuts everybody out. */
    choosable: client_id !== DASHBOARD_CLIENT,
  };
};
