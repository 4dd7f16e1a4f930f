/**
 * Dynamic client registration (RFC 7591, RFC 7592, OpenID Connect Dynamic Client Registration 1.0).
 * What a stranger may register is a policy, and this is one: an initial access token carries it, and
 * each client keeps the one that it came in by, so its own changes pass the same gate. `to-metadata.ts`
 * makes a request into a client, `registration.ts` and `management.ts` are the two RFCs.
 */
import { z } from 'zod';
import { detailTypeName } from '../clients/detail-type.ts';
import { authMethods, clientTypes, grantTypes, profileNames, setOf } from '../clients/values.ts';
import { Problem, type Violation } from '../lib/problem.ts';
import { schemaViolations } from '../lib/schema-violations.ts';
import { valueTexts } from '../lib/value-words.ts';
import { wordings } from '../lib/wording.ts';
import { canonicalHost, registrableDomain } from './hosts.ts';

const YEAR = 31_536_000;

const domain = z.string().refine((value) => registrableDomain(value) === value, {
  error:
    'a registrable domain in lower case, such as example.com or example.co.uk (hosts go to redirect_hosts)',
});
const host = z.string().refine((value) => canonicalHost(value) === value, {
  error: valueTexts.host,
});
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, valueTexts.scope);

/** What may be registered. A change of it concerns future registrations alone. */
export const RegistrationPolicy = z.strictObject({
  types: setOf(z.enum(clientTypes), 10)
    .min(1)
    .default(['web', 'single-page-application', 'native'])
    .describe('The types of clients; each is derived from what a client asks for'),
  redirect_domains: z
    .array(domain)
    .max(100)
    .optional()
    .describe('Registrable domains: people may be sent to any host of one of them'),
  redirect_hosts: z
    .array(host)
    .max(100)
    .optional()
    .describe('Hosts, each alone; without hosts and domains: any'),
  loopback: z.boolean().default(false).describe('Whether people may be sent to their own machine'),
  scopes: setOf(scope, 100)
    .optional()
    .describe('The most that a client may ask for, and what it gets that names none'),
  grant_types: setOf(z.enum(grantTypes), 10).optional(),
  token_endpoint_auth_methods: setOf(z.enum(authMethods), 10).optional(),
  authorization_details_types: setOf(detailTypeName, 100)
    .default([])
    .describe('Types of authorization details (RFC 9396) that a client may register'),
  fapi_profile: z
    .enum(profileNames)
    .optional()
    .describe('Every client is held to it, as type financial where types has that'),
  require_pkce: z
    .boolean()
    .default(true)
    .describe('Whether confidential clients too must use PKCE'),
  openid_conformance: z
    .boolean()
    .default(false)
    .describe('Whether profile claims come from UserInfo alone; clients cannot say so themselves'),
  software_statement: z
    .boolean()
    .default(false)
    .describe('Whether a software statement of a trust anchor is needed'),
  lifetime: z
    .int()
    .min(60)
    .max(10 * YEAR)
    .optional()
    .describe('Of a client, seconds'),
  secret_lifetime: z
    .int()
    .min(60)
    .max(10 * YEAR)
    .optional()
    .describe('Of its secret, seconds'),
  quota: z
    .strictObject({ clients: z.int().min(1).max(1_000_000), per: z.int().min(1).max(YEAR) })
    .optional()
    .describe('At most so many registrations in so many seconds'),
});
export type RegistrationPolicy = z.output<typeof RegistrationPolicy>;

/** Of those who register without a token where the configuration names no policy: people's applications. */
export const builtInPolicy: RegistrationPolicy = RegistrationPolicy.parse({
  grant_types: ['authorization_code', 'refresh_token'],
});

/**
 * A policy that an administrator gives.
 * @param offered the scopes of this server; a policy with another one could never be met
 * @param at pointer to it
 * @throws {Problem} `invalid`, with all mistakes at once
 */
export function readPolicy(
  input: unknown,
  offered: ReadonlySet<string>,
  at = '',
): RegistrationPolicy {
  const parsed = RegistrationPolicy.safeParse(input);
  const errors = parsed.success
    ? [...flawsOf(parsed.data, offered, at)]
    : violationsOf(parsed.error, at);
  if (!parsed.success || errors.length > 0) {
    throw new Problem('invalid', 'The policy has mistakes; each is listed.', { errors });
  }
  return parsed.data;
}

/** What is said of policies beyond what their schema says, by rule. */
export const policyWordings = {
  'server-offers': wordings({
    scope_unknown: { detail: 'this server has no scope {scope}', fix: 'one of {scopes}' },
  }),
  'financial-needs-profile': wordings({
    missing: {
      detail: 'clients become financial by the profile that they are held to',
      fix: 'name one, or leave financial out of types',
    },
  }),
};

/** What could never be met. */
function* flawsOf(
  { scopes = [], types, fapi_profile }: RegistrationPolicy,
  offered: ReadonlySet<string>,
  at: string,
): Iterable<Violation> {
  for (const [index, name] of scopes.entries()) {
    if (offered.has(name)) continue;
    yield {
      pointer: `${at}/scopes/${index}`,
      rule: 'server-offers',
      ...policyWordings['server-offers'].scope_unknown({
        scope: name,
        scopes: [...offered].join(', '),
      }),
    };
  }
  if (types.includes('financial') && fapi_profile === undefined) {
    yield {
      pointer: `${at}/fapi_profile`,
      rule: 'financial-needs-profile',
      ...policyWordings['financial-needs-profile'].missing(),
    };
  }
}

/** What a schema finds wrong, as callers of the API are told. */
export const violationsOf = ({ issues }: z.ZodError, at = ''): Violation[] =>
  schemaViolations(issues).map((found) => ({ ...found, pointer: at + found.pointer }));
