/** What is asked of each page of the dashboard: where there is much to show, that much. */
import { allPages } from '../src/dashboard/pages.ts';
import { clientIdOf } from './client-population.ts';
import type { Shown } from './dashboard-fixture.ts';
import { accountIdOf, CHANGED } from './dashboard-population.ts';

/** One request of a page. */
export interface PageRow {
  /** As the page is declared. */
  path: string;
  /** What of it, where it is asked in several ways. */
  what?: string;
  /** Below `/dashboard`. */
  address: string;
  /** Present: it is posted with the fields of the form at this page, and these. */
  form?: { at: string; fields: Readonly<Record<string, string>> };
}

const query = (address: string, parameters: Readonly<Record<string, string>>) =>
  `${address}?${new URLSearchParams(parameters)}`;

const SP = 'fapi2-security-profile';

/** By declared path: one address, or several by what they show. */
function addresses(
  shown: Shown,
): Readonly<Record<string, string | Readonly<Record<string, string>>>> {
  const { large, secret, resource, policy, token, event, session, cursors } = shown;
  const client = (rest = '') => `/clients/${large}${rest}`;
  const account = (rest = '') => `/accounts/${accountIdOf(7)}${rest}`;
  const list = (parameters: Readonly<Record<string, string>>) => query('/clients', parameters);
  const tried = { fapi_profile: SP, require_pushed_authorization_requests: true };
  return {
    '': { '': '', 'a month': '?span=month' },
    '/accounts': {
      '': '/accounts',
      search: '/accounts?q=person12',
      'further on': query('/accounts', { after: cursors.accounts }),
    },
    '/accounts/:id': account(),
    '/accounts/:id/delete': account('/delete'),
    '/accounts/:id/disable': account('/disable'),
    '/accounts/:id/edit': account('/edit'),
    '/accounts/:id/enable': account('/enable'),
    '/accounts/:id/grants/:client/revoke': account(`/grants/${clientIdOf(3)}/revoke`),
    '/accounts/:id/password': account('/password'),
    '/accounts/:id/reset-email': account('/reset-email'),
    '/accounts/:id/sessions/end': account('/sessions/end'),
    '/accounts/new': '/accounts/new',
    '/audit': {
      '': '/audit',
      'by a person': query('/audit', { who: 'person7@example.org' }),
      'of a kind, by a person, in a month': query('/audit', {
        who: accountIdOf(3),
        action: 'client.create',
        time: new Date(Date.now() - 60 * 86_400_000).toISOString().slice(0, 7),
      }),
      'of a client': query('/audit', { target: CHANGED }),
      'found by nothing': query('/audit', { action: 'client.delete', time: '2020-01' }),
      'further on': query('/audit', { after: cursors.audit }),
    },
    '/clients': {
      '': '/clients',
      'further on': list({ after: cursors.clients }),
      'search, 1 has it': list({ q: 'quokka' }),
      'search, a fifth has it': list({ q: 'mobile', sort: '-updated' }),
      'search for two words': list({ q: 'mobile graz' }),
      'search, nobody has it': list({ q: 'nobody has this' }),
      'of a type, a profile and a tag': list({
        type: 'web',
        profile: 'fapi1-baseline',
        tag: 'tier1',
        sort: '-created',
      }),
      'third parties by registration': list({ party: 'third', origin: 'registration' }),
      'unused for a year': list({ unused: '365' }),
      'unused, nobody is': list({ unused: '365', origin: 'file' }),
    },
    '/clients/:id': { '': `/clients/${clientIdOf(12)}`, 'the largest': client() },
    '/clients/:id/code': client('/code'),
    '/clients/:id/compliance': client('/compliance'),
    '/clients/:id/compliance/fix': client(`/compliance/fix?profile=${SP}&what=all`),
    '/clients/:id/convert': client('/convert'),
    '/clients/:id/delete': client('/delete'),
    '/clients/:id/disable': client('/disable'),
    '/clients/:id/edit': { '': `/clients/${clientIdOf(12)}/edit`, 'the largest': client('/edit') },
    '/clients/:id/failures': `/clients/${CHANGED}/failures`,
    '/clients/:id/failures/:request/add': `/clients/${CHANGED}/failures/failed-1998/add`,
    '/clients/:id/history': `/clients/${CHANGED}/history`,
    '/clients/:id/history/:event': `/clients/${CHANGED}/history/${event}`,
    '/clients/:id/secrets': client('/secrets'),
    '/clients/:id/secrets/:secret/remove': client(`/secrets/${secret}/remove`),
    '/clients/:id/secrets/new': client('/secrets/new'),
    '/clients/:id/try': client('/try'),
    '/clients/bulk': `/clients/bulk?${Array.from({ length: 50 }, (_, n) => `id=${clientIdOf(n)}`).join('&')}`,
    '/clients/new': '/clients/new',
    '/clients/new/:type': '/clients/new/web',
    '/failures': { '': '/failures', 'one by its id': '/failures?id=failed-1999' },
    '/keys': '/keys',
    '/keys/rotate': '/keys/rotate',
    '/registration': '/registration',
    '/registration/policies/:name/delete': `/registration/policies/${policy}/delete`,
    '/registration/policies/:name/edit': `/registration/policies/${policy}/edit`,
    '/registration/policies/new': '/registration/policies/new',
    '/registration/tokens/:id/revoke': `/registration/tokens/${token}/revoke`,
    '/registration/tokens/new': '/registration/tokens/new',
    '/resources': '/resources',
    '/resources/:id': `/resources/${resource}`,
    '/resources/:id/delete': `/resources/${resource}/delete`,
    '/resources/:id/edit': `/resources/${resource}/edit`,
    '/resources/new': '/resources/new',
    '/sessions': {
      '': '/sessions',
      'of a client': query('/sessions', { client: clientIdOf(3) }),
    },
    '/sessions/grants': '/sessions/grants',
    '/sessions/:id/end': `/sessions/${session}/end`,
    '/settings': '/settings',
    '/compliance': '/compliance',
    '/compliance/clients': {
      'who meets': '/compliance/clients?profile=fapi1-baseline',
      'who breaks a rule': query('/compliance/clients', {
        profile: SP,
        rule: 'strong-authentication',
      }),
    },
    '/compliance/try': {
      'nothing yet': '/compliance/try',
      'a profile on all': query('/compliance/try', { profile: SP }),
      'a patch on all': query('/compliance/try', { profile: '', patch: JSON.stringify(tried) }),
      'today’s rules on all': '/compliance/try?profile=&patch=',
    },
  };
}

/** What is posted and changes nothing. */
const posted = ({ large }: Shown): readonly PageRow[] => [
  {
    path: '/clients/:id/edit/review',
    address: `/clients/${large}/edit/review`,
    form: { at: `/clients/${large}/edit`, fields: { client_name: 'Another name' } },
  },
  {
    path: '/clients/new/:type/check',
    address: '/clients/new/web/check',
    form: {
      at: '/clients/new/web',
      fields: { client_name: 'New', redirect_uris: 'https://a.example/cb' },
    },
  },
];

/** All that is measured, in the order of the table: what wants a fresh sign-in soon after that. */
export function pageRows(shown: Shown): PageRow[] {
  const rows = Object.entries(addresses(shown)).flatMap(([path, ways]): PageRow[] =>
    typeof ways === 'string'
      ? [{ path, address: ways }]
      : Object.entries(ways).map(([what, address]) => ({ path, what, address })),
  );
  const fresh = new Set(allPages().flatMap((page) => (page.fresh ? [page.path] : [])));
  const soon = rows.filter(({ path }) => fresh.has(path));
  return [...soon, ...rows.filter((row) => !soon.includes(row)), ...posted(shown)];
}

/** Not pages but what pages load, or what is kept. */
const files: ReadonlySet<string> = new Set(['/clients/:id/logo', '/audit/export']);

/** Pages that are declared and that no row stands for; what is posted for good is none of them. */
export function notMeasured(rows: readonly PageRow[]): string[] {
  const measured = new Set(rows.map(({ path }) => path));
  return allPages()
    .filter(({ method, path }) => method === 'get' && !files.has(path))
    .map(({ path }) => path)
    .filter((path) => !measured.has(path));
}
