/** What a client may do, as sentences for people. */
import { CIBA, DEVICE_CODE, JWT_BEARER, TOKEN_EXCHANGE } from '../../clients/values.ts';
import type { Shown } from './found.ts';

export interface Sentence {
  /** A text below `dashboard.client.words`. */
  key: string;
  parameters?: Record<string, string>;
}

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** Where people are sent back to: hosts, and schemes of applications. */
const destinations = (client: Shown): string[] => [
  ...new Set(
    list(client.redirect_uris).map((uri) => {
      const url = URL.parse(uri);
      return url?.host || url?.protocol || uri;
    }),
  ),
];

/** Hosts that are named; of more, the number tells enough. */
const NAMED = 4;

const named = (places: string[]): string =>
  places.length > NAMED
    ? `${places.slice(0, NAMED).join(', ')} … (${places.length})`
    : places.join(', ');

/** By grant type, in the order in which they are told. */
const grants: readonly (readonly [grant: string, key: string])[] = [
  ['implicit', 'implicit'],
  ['refresh_token', 'refresh'],
  [DEVICE_CODE, 'device'],
  [CIBA, 'ciba'],
  ['client_credentials', 'itself'],
  [TOKEN_EXCHANGE, 'exchange'],
  [JWT_BEARER, 'assertion'],
];

/** What of the metadata makes requests and tokens harder to steal, with the value that does. */
const protections: readonly (readonly [property: string, value: unknown, key: string])[] = [
  ['require_pkce', true, 'pkce'],
  ['require_pushed_authorization_requests', true, 'par'],
  ['require_signed_request_object', true, 'signed_requests'],
  ['dpop_bound_access_tokens', true, 'dpop'],
  ['tls_client_certificate_bound_access_tokens', true, 'mtls'],
  ['subject_type', 'pairwise', 'pairwise'],
];

export function sentencesOf(client: Shown): Sentence[] {
  const types = list(client.grant_types);
  const people = types.includes('authorization_code') || types.includes('implicit');
  const told = grants.filter(([grant]) => types.includes(grant)).map(([, key]) => ({ key }));
  const places = named(destinations(client));
  const { scope, token_endpoint_auth_method: method } = client;
  return [
    ...(people ? [{ key: places ? 'sign_in' : 'sign_in_nowhere', parameters: { places } }] : []),
    ...told,
    { key: `method.${String(method)}` },
    ...(people || types.includes(DEVICE_CODE) || types.includes(CIBA)
      ? [{ key: client.first_party === false ? 'third_party' : 'first_party' }]
      : []),
    typeof scope === 'string'
      ? { key: 'scope', parameters: { scope: scope.split(' ').join(', ') } }
      : { key: 'every_scope' },
    ...protections
      .filter(([property, value, key]) => client[property] === value && (people || key !== 'pkce'))
      .map(([, , key]) => ({ key })),
    ...(typeof client.fapi_profile === 'string'
      ? [{ key: 'profile', parameters: { profile: client.fapi_profile } }]
      : []),
  ];
}
