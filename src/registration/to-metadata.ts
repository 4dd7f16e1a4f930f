import { clientProperties, registrable } from '../clients/metadata.ts';
import { DEVICE_CODE, JWT_BEARER, TOKEN_EXCHANGE } from '../clients/values.ts';
import type { Violation } from '../lib/problem.ts';
import type { RegistrationPolicy } from './policy.ts';

type Values = Record<string, unknown>;

/** Of ours, and nobody's to say here; the server's own words beside them, which could be taken for such. */
const administrators: ReadonlySet<string> = new Set([
  ...clientProperties.filter((name) => !registrable.has(name)),
  ...['owner', 'roles', 'origin', 'quarantined', 'registration', 'secrets'],
]);

/**
 * What a request names although only an administrator may. It is refused, not ignored: who asks to
 * be first party must learn that it is not. In whatever language (`first_party#de`, RFC 7591, 2.2).
 */
export const forbidden = (request: Values): Violation[] =>
  Object.keys(request)
    .filter((name) => administrators.has(name.split('#', 1)[0] as string))
    .map((name) => ({
      pointer: `/${name}`,
      rule: 'administrator-only',
      detail: 'is for administrators to set',
      fix: 'remove it',
      spec: 'Clientele',
    }));

/**
 * What of a request concerns a client: properties that may be registered and have a value. Null and
 * empty are as if omitted (RFC 7592, section 2.2); what this server does not know is ignored, as
 * RFC 7591, section 2, demands. Grants it does not know are a value of a property that it does know
 * and are refused: a client that silently lacks one fails only once people use it.
 */
export const registrableOf = (request: Values): Values =>
  Object.fromEntries(
    Object.entries(request).filter(
      ([name, value]) => registrable.has(name) && value !== null && value !== '',
    ),
  );

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** Whether this grant is asked for, and beside it no other than these. */
const only = (grants: readonly string[], main: string, ...beside: string[]) =>
  grants.includes(main) && grants.every((one) => one === main || beside.includes(one));

type Type = RegistrationPolicy['types'][number];

/** A type is never chosen but follows from the rest; the first row that fits. */
const types: readonly [type: Type, fits: (given: Values, grants: readonly string[]) => boolean][] =
  [
    ['native', (given) => given.application_type === 'native'],
    ['device', (_, grants) => only(grants, DEVICE_CODE, 'refresh_token')],
    [
      'server-to-server',
      (_, grants) => only(grants, 'client_credentials', JWT_BEARER, TOKEN_EXCHANGE),
    ],
    ['single-page-application', (given) => given.token_endpoint_auth_method === 'none'],
    ['web', () => true],
  ];

function typeOf(given: Values, policy: RegistrationPolicy): Type {
  const grants = texts(given.grant_types);
  const type = types.find(([, fits]) => fits(given, grants))?.[0] ?? 'web';
  const held = policy.fapi_profile !== undefined && policy.types.includes('financial');
  return held && type === 'web' ? 'financial' : type;
}

/** The grants that response types need, when a request names these alone. */
const grantsFor = (responses: readonly string[]): string[] => [
  ...(responses.length === 0 || responses.some((one) => /code/.test(one))
    ? ['authorization_code']
    : []),
  ...(responses.some((one) => /token/.test(one)) ? ['implicit'] : []),
];

/** @source RFC 7591, section 2: what a client is that does not say */
function defaults(given: Values, type: Type): Values {
  const grants = given.grant_types ?? grantsFor(texts(given.response_types));
  return {
    grant_types: grants,
    response_types: texts(grants).includes('authorization_code') ? ['code'] : [],
    // A native application has no secret to keep (RFC 8252, section 8.4).
    token_endpoint_auth_method: type === 'native' ? 'none' : 'client_secret_basic',
  };
}

const isConfidential = ({ token_endpoint_auth_method: method }: Values, type: Type) =>
  method === undefined ? type !== 'native' : method !== 'none';

/** The words of a response type in the order of OAuth 2.0 Multiple Response Types: `token code` is `code token`. */
const ordered = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map((one) => (typeof one === 'string' ? one.split(' ').sort().join(' ') : one))
    : value;

/**
 * The client that a request asks for, as our own rules look at it. Under a FAPI profile the defaults
 * are the profile's (RFC 7591, section 2, lets a server replace what a client leaves out).
 */
export function toMetadata(request: Values, policy: RegistrationPolicy): Values {
  const given = registrableOf(request);
  if (given.response_types !== undefined) given.response_types = ordered(given.response_types);
  const type = typeOf(given, policy);
  return {
    ...(policy.fapi_profile === undefined && defaults(given, type)),
    ...(policy.scopes?.length && { scope: policy.scopes.join(' ') }),
    ...given,
    type,
    first_party: false,
    ...(!policy.require_pkce && isConfidential(given, type) && { require_pkce: false }),
    ...(policy.openid_conformance && { openid_conformance: true }),
    ...(policy.fapi_profile !== undefined && { fapi_profile: policy.fapi_profile }),
  };
}
