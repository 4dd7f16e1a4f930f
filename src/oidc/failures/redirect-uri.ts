/** How a URI that was sent differs from the registered one that it most likely was meant to be. */

export type Part =
  | 'scheme'
  | 'host'
  | 'port'
  | 'case'
  | 'trailing slash'
  | 'path'
  | 'query'
  | 'fragment';

const lower = (text: string) => text.toLowerCase();
const withoutSlash = (path: string) => path.replace(/\/+$/, '');

function pathDiffers(one: string, other: string): Part | undefined {
  if (one === other) return undefined;
  if (lower(one) === lower(other)) return 'case';
  return withoutSlash(one) === withoutSlash(other) ? 'trailing slash' : 'path';
}

/** What stands in the way of simple string comparison (RFC 9700, section 2.1). */
export function differing(sent: string, registered: string): Part[] {
  const [one, other] = [URL.parse(sent), URL.parse(registered)];
  if (!one || !other) return ['path'];
  const path = pathDiffers(one.pathname, other.pathname);
  const differences: [Part, boolean][] = [
    ['scheme', one.protocol !== other.protocol],
    ['host', one.hostname !== other.hostname],
    ['port', one.port !== other.port],
    ['query', one.search !== other.search],
    ['fragment', one.hash !== other.hash],
  ];
  const found = differences.filter(([, differs]) => differs).map(([part]) => part);
  const all = path ? [...found, path] : found;
  // The parser made equal what string comparison tells apart: capitals in the host, `https://a` and `https://a/`.
  if (all.length > 0 || sent === registered) return all;
  return [lower(sent) === lower(registered) ? 'case' : 'trailing slash'];
}

/** Another host is further away than anything else, another path further than a slash. */
const weights: Readonly<Record<Part, number>> = {
  host: 16,
  path: 8,
  query: 4,
  scheme: 2,
  port: 2,
  fragment: 1,
  case: 1,
  'trailing slash': 1,
};
const distance = (parts: readonly Part[]) => parts.reduce((sum, part) => sum + weights[part], 0);

/** The registered URI that differs least; the first of several. */
export function nearest(
  sent: string,
  registered: readonly string[],
): { uri: string; differs: Part[] } | undefined {
  return registered
    .map((uri) => ({ uri, differs: differing(sent, uri) }))
    .sort((one, other) => distance(one.differs) - distance(other.differs))[0];
}

/** A URI as it may be kept: who put a token or a password into one did not mean it to be read. */
export function withoutSecrets(uri: string): string {
  const url = URL.parse(uri);
  if (!url) return uri.replace(/[?#].*$/s, '?…');
  const query = [...url.searchParams.keys()].map((name) => `${name}=…`).join('&');
  const user = url.username || url.password ? '…@' : '';
  const bare = uri.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, `$1${user}`);
  return `${bare}${query && `?${query}`}${url.hash && '#…'}`;
}
