import { createHash } from 'node:crypto';
import type { CollectionSpec } from '../src/store/store.ts';

/** Found as the dashboard finds clients. */
export const spec: CollectionSpec = {
  name: 'bench_clients',
  indexes: { name: 'plain', created: 'plain', type: 'plain', party: 'plain', terms: 'many' },
};

/** A document of about 1 KB. */
export interface Listed {
  name: string;
  created: string;
  type: string;
  party: string;
  terms: string[];
  metadata: object;
}

const types = ['web', 'spa', 'native', 'service', 'device', 'bank'];
export const places = ['Aarhus', 'Bergen', 'Cádiz', 'Delft', 'Évora', 'Fulda', 'Graz', 'Zürich'];
export const trades = [
  'Books',
  'Clinic',
  'Garage',
  'Insurance',
  'Payroll',
  'Tickets',
  'Travel',
  'Wine',
];

/** A word that one document has, or one that a hundred have. */
export const rarity = (n: number, count: number): string =>
  n === Math.floor(count / 3) ? 'quokka' : n % (count / 100) === 7 ? 'heron' : '';

/** The same documents each time, in no order. @param count of all of them */
export function documentOf(n: number, count: number): { id: string; value: Listed } {
  const hash = createHash('sha256').update(String(n)).digest();
  const pick = <T>(list: readonly T[], byte: number) =>
    list[(hash[byte] as number) % list.length] as T;
  const id = hash.toString('base64url').slice(0, 22);
  const place = pick(places, 0);
  const trade = pick(trades, 1);
  const common = n % 5 === 0 ? 'mobile' : '';
  const odd = n % 5 === 1 ? 'partner' : '';
  const name = `${place} ${trade} ${n.toString(36)}`;
  const terms = [place, trade, n.toString(36), rarity(n, count), common, odd, id, `team${n % 500}`];
  const host = `https://app-${n}.example.org`;
  return {
    id,
    value: {
      name,
      created: new Date(1.7e12 + hash.readUInt32BE(2) * 20).toISOString(),
      type: pick(types, 6),
      party: pick(['first', 'third', 'third', 'third'], 7),
      terms: terms.filter((term) => term !== '').map((term) => term.toLowerCase()),
      metadata: {
        client_name: name,
        client_uri: host,
        logo_uri: `${host}/logo.svg`,
        policy_uri: `${host}/privacy`,
        redirect_uris: [`${host}/callback`, `${host}/silent`, `${host}/mobile/callback`],
        post_logout_redirect_uris: [`${host}/`],
        contacts: [`team${n % 500}@example.org`],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        scope: 'openid profile email offline_access',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: `${host}/jwks.json`,
        notes: hash.toString('hex').repeat(3),
      },
    },
  };
}
