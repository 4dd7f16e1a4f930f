/**
 * Security profiles as data: which rules each names, by which clause, and what it asks of requests.
 * `fapi_profile` holds a client to one of the first four; every profile can be reported on.
 */
import { type Held, hold } from './held.ts';
import type { ClientMetadata, ClientMetadataInput } from './metadata.ts';
import { allowedGrants } from './rules/allowed-grants.ts';
import { allowedResponseTypes } from './rules/allowed-response-types.ts';
import { clientKeys } from './rules/client-keys.ts';
import { confidentialClient } from './rules/confidential-client.ts';
import { explicitConsent } from './rules/explicit-consent.ts';
import { httpsAddresses } from './rules/https-addresses.ts';
import { jwtResponses } from './rules/jwt-responses.ts';
import { pushedRequests } from './rules/pushed-requests.ts';
import { redirectUris } from './rules/redirect-uris.ts';
import { type AppliedRule, apply } from './rules/rule.ts';
import { senderConstrained } from './rules/sender-constrained.ts';
import { signedRequests } from './rules/signed-requests.ts';
import { signingAlgorithms } from './rules/signing-algorithms.ts';
import { strongAuthentication } from './rules/strong-authentication.ts';
import { type authMethods, CIBA, DEVICE_CODE, type profileNames } from './values.ts';

export interface Profile {
  title: string;
  rules: readonly AppliedRule[];
  /** What the server holds every request of such a client to, with the clause. */
  enforced: readonly Held[];
  /** What a client of this profile begins with. @param given what the caller said */
  initial(given: object): Omit<ClientMetadataInput, 'type'>;
  /** The request rules of the protocol engine. */
  engine?: '1.0 Final' | '2.0';
  /** The longest life of an authorization code, seconds. */
  code_ttl?: number;
  /** Refresh tokens stay as they are: rotation is not used. */
  keepsRefreshTokens?: true;
  /** Algorithms that client assertions may be signed with. */
  assertionAlgs?: readonly string[];
  /** An authorization request needs a nonce (with openid) or a state. */
  nonceOrState?: true;
  /** Introspection is answered as a signed JWT alone. */
  signedIntrospection?: true;
}

export type ReportProfile = (typeof profileNames)[number] | 'oauth-security-bcp';

const B1 = (clause: string) => `FAPI 1.0 Part 1 Baseline (Final), ${clause}`;
const A1 = (clause: string) => `FAPI 1.0 Part 2 Advanced (Final), ${clause}`;
const SP = (clause: string) => `FAPI 2.0 Security Profile (Final), ${clause}`;
const MS = (clause: string) => `FAPI 2.0 Message Signing (Final), ${clause}`;
const BCP = (clause: string) => `RFC 9700, ${clause}`;

type Method = (typeof authMethods)[number];
const keysOrCertificates: readonly Method[] = [
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
];

const fapi1Algs = ['PS256', 'ES256'];
const fapi2Algs = ['PS256', 'ES256', 'Ed25519', 'EdDSA'];

const noPassword = { because: 'profile' } as const;
const has = (given: object, name: keyof ClientMetadata) =>
  (given as Record<string, unknown>)[name] === true;

const flow = {
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'private_key_jwt',
} satisfies Partial<ClientMetadataInput>;

const securityProfileRules: readonly AppliedRule[] = [
  apply(confidentialClient, SP('5.3.2.1')),
  apply(strongAuthentication, SP('5.3.2.1'), { allowed: keysOrCertificates }),
  apply(signingAlgorithms, SP('5.4.1'), { allowed: fapi2Algs }),
  apply(clientKeys, SP('5.4.1')),
  apply(allowedResponseTypes, SP('5.3.2.2'), { allowed: ['code'] }),
  apply(allowedGrants, SP('5.3.2.1'), {
    allowed: ['authorization_code', 'refresh_token', 'client_credentials', DEVICE_CODE],
    ...noPassword,
  }),
  apply(pushedRequests, SP('5.3.2.2')),
  apply(senderConstrained, SP('5.3.2.1'), { by: ['mtls', 'dpop'] }),
  apply(httpsAddresses, SP('5.3.2.2'), { nativeLoopback: true }),
  apply(redirectUris, SP('5.3.2.2')),
];

const securityProfileRequests = [
  hold('pkce', SP('5.3.2.2')),
  hold('code_life', SP('5.3.2.1')),
  hold('assertion_audience', SP('5.3.2.1')),
  hold('refresh_kept', SP('5.3.2.1')),
  hold('issuer', SP('5.3.2.2')),
];

const securityProfileInitial = (given: object): Omit<ClientMetadataInput, 'type'> => ({
  ...flow,
  id_token_signed_response_alg: 'PS256',
  require_pushed_authorization_requests: true,
  dpop_bound_access_tokens: !has(given, 'tls_client_certificate_bound_access_tokens'),
});

export const profiles: Readonly<Record<ReportProfile, Profile>> = {
  'fapi1-baseline': {
    title: 'FAPI 1.0 Baseline',
    rules: [
      apply(strongAuthentication, B1('5.2.2-4'), {
        allowed: ['client_secret_jwt', ...keysOrCertificates],
      }),
      apply(clientKeys, B1('5.2.2-5, 5.2.2-6')),
      apply(redirectUris, B1('5.2.2-8, 5.2.2-10')),
      apply(httpsAddresses, B1('5.2.2-20, 7.5'), { nativeLoopback: false }),
      apply(explicitConsent, B1('5.2.2-12')),
    ],
    enforced: [
      hold('pkce', B1('5.2.2-7')),
      hold('redirect_sent', B1('5.2.2-9')),
      hold('nonce_or_state', B1('5.2.2.2, 5.2.2.3')),
    ],
    initial: () => ({ ...flow, first_party: false }),
    nonceOrState: true,
  },
  'fapi1-advanced': {
    title: 'FAPI 1.0 Advanced',
    rules: [
      apply(confidentialClient, A1('5.2.2-16')),
      apply(strongAuthentication, A1('5.2.2-14'), { allowed: keysOrCertificates }),
      apply(signingAlgorithms, A1('8.6'), {
        allowed: fapi1Algs,
        required: ['authorization_signed_response_alg'],
      }),
      apply(clientKeys, B1('5.2.2-5, 5.2.2-6')),
      apply(allowedResponseTypes, A1('5.2.2-2'), { allowed: ['code', 'code id_token'] }),
      apply(jwtResponses, A1('5.2.2-2')),
      apply(allowedGrants, A1('5.2.2'), {
        allowed: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials', CIBA],
        ...noPassword,
      }),
      apply(signedRequests, A1('5.2.2-1')),
      apply(senderConstrained, A1('5.2.2-5, 5.2.2-6'), { by: ['mtls'] }),
      apply(httpsAddresses, B1('5.2.2-20, 7.5'), { nativeLoopback: false }),
      apply(redirectUris, B1('5.2.2-8, 5.2.2-10')),
      apply(explicitConsent, B1('5.2.2-12')),
    ],
    enforced: [
      hold('pkce_pushed', A1('5.2.2-18')),
      hold('nonce_or_state', B1('5.2.2.2, 5.2.2.3')),
      hold('s_hash', A1('5.2.2.1-5')),
      hold('request_life', A1('5.2.2-13, 5.2.2-17')),
    ],
    initial: () => ({
      ...flow,
      first_party: false,
      response_modes: ['jwt'],
      authorization_signed_response_alg: 'PS256',
      id_token_signed_response_alg: 'PS256',
      require_signed_request_object: true,
      tls_client_certificate_bound_access_tokens: true,
    }),
    engine: '1.0 Final',
    assertionAlgs: fapi1Algs,
  },
  'fapi2-security-profile': {
    title: 'FAPI 2.0 Security Profile',
    rules: securityProfileRules,
    enforced: securityProfileRequests,
    initial: securityProfileInitial,
    engine: '2.0',
    code_ttl: 60,
    keepsRefreshTokens: true,
    assertionAlgs: fapi2Algs,
  },
  'fapi2-message-signing': {
    title: 'FAPI 2.0 Message Signing',
    rules: [
      ...securityProfileRules.filter(({ id }) => id !== 'signing-algorithms'),
      apply(signingAlgorithms, SP('5.4.1'), {
        allowed: fapi2Algs,
        required: ['authorization_signed_response_alg', 'introspection_signed_response_alg'],
      }),
      apply(signedRequests, MS('5.3.1')),
      apply(jwtResponses, MS('5.4.1')),
    ],
    enforced: [...securityProfileRequests, hold('introspection_signed', MS('5.5.1'))],
    initial: (given) => ({
      ...securityProfileInitial(given),
      response_modes: ['jwt'],
      require_signed_request_object: true,
      authorization_signed_response_alg: 'PS256',
      introspection_signed_response_alg: 'PS256',
    }),
    engine: '2.0',
    code_ttl: 60,
    keepsRefreshTokens: true,
    assertionAlgs: fapi2Algs,
    signedIntrospection: true,
  },
  'oauth-security-bcp': {
    title: 'OAuth 2.0 Security Best Current Practice',
    rules: [
      apply(redirectUris, BCP('section 2.1')),
      apply(httpsAddresses, BCP('section 2.6'), { nativeLoopback: true }),
      apply(allowedResponseTypes, BCP('section 2.1.2'), {
        allowed: ['code', 'id_token', 'code id_token', 'none'],
      }),
      apply(strongAuthentication, BCP('section 2.5'), {
        allowed: ['client_secret_jwt', ...keysOrCertificates],
      }),
      apply(clientKeys, BCP('section 2.5')),
    ],
    enforced: [
      hold('pkce', BCP('section 2.1.1')),
      hold('exact_redirects', BCP('section 2.1')),
      hold('refresh_bound', BCP('section 2.2.2')),
      hold('one_audience', BCP('section 2.3')),
    ],
    initial: () => ({}),
  },
};

/** Of a client's `fapi_profile`; undefined when it has none. */
export const profileOf = (client: { fapi_profile?: string | undefined }): Profile | undefined =>
  client.fapi_profile !== undefined && Object.hasOwn(profiles, client.fapi_profile)
    ? profiles[client.fapi_profile as ReportProfile]
    : undefined;
