import { detailTypeName } from '../clients/detail-type.ts';
import type { Violation } from '../lib/problem.ts';
import { isAllowedHost, placeOf } from './hosts.ts';
import type { RegistrationPolicy } from './policy.ts';

/** A client as it would become. Its properties are looked at elsewhere too: what is no text is no text here. */
type Client = Readonly<Record<string, unknown>>;

interface Found {
  pointer: string;
  detail: string;
  fix: string;
}

/** Looks at a client with what the policy says; not asked where it says nothing. */
type Check<Value> = (value: Value, client: Client, policy: RegistrationPolicy) => Iterable<Found>;

const texts = (value: unknown): string[] =>
  [value].flat().filter((item): item is string => typeof item === 'string');

/** Where people are sent. */
const addresses = ['redirect_uris', 'post_logout_redirect_uris', 'initiate_login_uri'] as const;

const placesIn = (client: Client) =>
  addresses.flatMap((name) =>
    texts(client[name]).flatMap((uri, index) => {
      const place = placeOf(uri);
      const pointer = Array.isArray(client[name]) ? `/${name}/${index}` : `/${name}`;
      return place ? [{ pointer, place }] : [];
    }),
  );

/** @param isOne whether a text can be one at all; what cannot is refused as that, and not twice */
const listed = (
  property: string,
  what: string,
  isOne = (_: string) => true,
): Check<readonly string[]> =>
  function* (allowed, client) {
    const given = client[property];
    for (const [index, value] of texts(given).entries()) {
      if (allowed.includes(value) || !isOne(value)) continue;
      yield {
        pointer: Array.isArray(given) ? `/${property}/${index}` : `/${property}`,
        detail: `${what} ${value} is not open to registration here`,
        fix: allowed.length > 0 ? `one of ${allowed.join(', ')}` : 'none is',
      };
    }
  };

const hosts: Check<readonly string[]> = function* (_, client, policy) {
  const { redirect_domains = [], redirect_hosts = [] } = policy;
  for (const { pointer, place } of placesIn(client)) {
    if (place.loopback || isAllowedHost(place.host, policy)) continue;
    yield {
      pointer,
      detail: `the host ${place.host} is not open to registration here`,
      fix: `a host of ${redirect_domains.join(', ') || 'no domain'}${redirect_hosts.length > 0 ? `, or ${redirect_hosts.join(', ')}` : ''}`,
    };
  }
};

type Checks = {
  readonly [K in keyof RegistrationPolicy]?: Check<NonNullable<RegistrationPolicy[K]>>;
};

/**
 * What of a policy can be broken. The rest is imposed (a profile, scopes where a client names none), or
 * is about when and how often.
 */
const checks: Checks = {
  *types(allowed, { type }) {
    if (typeof type !== 'string' || allowed.some((one) => one === type)) return;
    yield {
      pointer: '',
      detail: `what is asked for makes it a ${type} client, which is not open to registration here`,
      fix: `ask for what makes it ${allowed.join(' or ')}`,
    };
  },
  redirect_domains: hosts,
  *redirect_hosts(allowed, client, policy) {
    if (policy.redirect_domains === undefined) yield* hosts(allowed, client, policy);
  },
  *loopback(allowed, client) {
    if (allowed) return;
    for (const { pointer, place } of placesIn(client)) {
      if (!place.loopback) continue;
      const detail = 'addresses on a person’s own machine are not open to registration here';
      yield { pointer, detail, fix: 'an https address, or a private-use scheme' };
    }
  },
  *scopes(allowed, { scope }) {
    const asked = typeof scope === 'string' ? scope.split(' ') : [];
    const beyond = asked.filter((name) => !allowed.includes(name));
    if (beyond.length === 0) return;
    yield {
      pointer: '/scope',
      detail: `${beyond.join(', ')} is not open to registration here`,
      fix: `at most ${allowed.join(' ')}`,
    };
  },
  grant_types: listed('grant_types', 'the grant type'),
  token_endpoint_auth_methods: listed('token_endpoint_auth_method', 'the method'),
  authorization_details_types: listed(
    'authorization_details_types',
    'the type',
    (value) => detailTypeName.safeParse(value).success,
  ),
};

/** What of a policy a client does not meet. */
export const policyViolations = (policy: RegistrationPolicy, client: Client): Violation[] =>
  (Object.keys(checks) as (keyof Checks)[]).flatMap((name) => {
    const value = policy[name];
    if (value === undefined) return [];
    const check = checks[name] as Check<unknown>;
    return [...check(value, client, policy)].map((found) => ({
      ...found,
      rule: `registration-policy-${name.replaceAll('_', '-')}`,
      spec: 'RFC 7591, section 2',
    }));
  });
