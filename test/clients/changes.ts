import { JWT_BEARER, TOKEN_EXCHANGE } from '../../src/clients/values.ts';

/**
 * For each rule of each type and profile one change that breaks it. `mend` is what only a person can
 * know; where it is missing the patch that the server offers must be enough.
 */
export interface Change {
  rule: string;
  change: Record<string, unknown>;
  mend?: Record<string, unknown>;
}

const fragment = { redirect_uris: ['https://rp.example/callback#here'] };
const loopback = { redirect_uris: ['http://localhost:8080/callback'] };
const basic = {
  token_endpoint_auth_method: 'client_secret_basic',
  token_endpoint_auth_signing_alg: null,
};
const publicClient = {
  token_endpoint_auth_method: 'none',
  token_endpoint_auth_signing_alg: null,
};
const device = 'urn:ietf:params:oauth:grant-type:device_code';

const common = (weak: object, good: object): Change[] => [
  { rule: 'client-keys', change: { jwks: { keys: [weak] } }, mend: { jwks: good } },
  { rule: 'redirect-uris', change: fragment },
  { rule: 'https-addresses', change: loopback },
];

const fapi2 = (weak: object, good: object): Change[] => [
  ...common(weak, good),
  { rule: 'confidential-client', change: publicClient },
  { rule: 'strong-authentication', change: basic },
  { rule: 'signing-algorithms', change: { id_token_signed_response_alg: 'RS256' } },
  {
    rule: 'allowed-response-types',
    change: {
      response_types: ['code', 'code id_token'],
      grant_types: ['authorization_code', 'implicit'],
    },
  },
  {
    rule: 'allowed-grants',
    change: {
      grant_types: ['authorization_code', 'implicit'],
      response_types: ['code', 'id_token'],
    },
  },
  { rule: 'pushed-requests', change: { require_pushed_authorization_requests: false } },
  { rule: 'sender-constrained', change: { dpop_bound_access_tokens: false } },
];

export const profileChanges = (weak: object, good: object): Record<string, Change[]> => ({
  'fapi1-baseline': [
    ...common(weak, good),
    { rule: 'strong-authentication', change: basic },
    { rule: 'explicit-consent', change: { first_party: true } },
  ],
  'fapi1-advanced': [
    ...common(weak, good),
    { rule: 'confidential-client', change: publicClient },
    { rule: 'strong-authentication', change: basic },
    { rule: 'signing-algorithms', change: { authorization_signed_response_alg: 'RS256' } },
    {
      rule: 'allowed-response-types',
      change: {
        response_types: ['code', 'id_token'],
        grant_types: ['authorization_code', 'implicit'],
      },
    },
    { rule: 'jwt-responses', change: { response_modes: ['query'] } },
    { rule: 'allowed-grants', change: { grant_types: ['authorization_code', device] } },
    { rule: 'signed-requests', change: { require_signed_request_object: false } },
    {
      rule: 'sender-constrained',
      change: { tls_client_certificate_bound_access_tokens: false },
    },
    { rule: 'explicit-consent', change: { first_party: true } },
  ],
  'fapi2-security-profile': fapi2(weak, good),
  'fapi2-message-signing': [
    ...fapi2(weak, good),
    { rule: 'signed-requests', change: { require_signed_request_object: false } },
    { rule: 'jwt-responses', change: { response_modes: ['query'] } },
  ],
});

export const typeChanges: Record<string, Change[]> = {
  web: [{ rule: 'fixed-by-type', change: { application_type: 'native' } }],
  'single-page-application': [
    { rule: 'public-client', change: { token_endpoint_auth_method: 'client_secret_post' } },
    {
      rule: 'allowed-grants',
      change: { grant_types: ['authorization_code', 'client_credentials'] },
    },
    { rule: 'fixed-by-type', change: { application_type: 'native' } },
  ],
  native: [
    { rule: 'public-client', change: { token_endpoint_auth_method: 'client_secret_basic' } },
    {
      rule: 'allowed-grants',
      change: {
        grant_types: ['authorization_code', 'implicit'],
        response_types: ['code', 'id_token'],
      },
    },
    { rule: 'fixed-by-type', change: { application_type: 'web' } },
  ],
  'server-to-server': [
    { rule: 'no-user-flows', change: { post_logout_redirect_uris: ['https://rp.example/'] } },
    { rule: 'confidential-client', change: { token_endpoint_auth_method: 'none' } },
    { rule: 'allowed-grants', change: { grant_types: ['client_credentials', device] } },
  ],
  device: [
    { rule: 'no-user-flows', change: { redirect_uris: ['https://rp.example/callback'] } },
    { rule: 'allowed-grants', change: { grant_types: [device, 'client_credentials'] } },
  ],
  financial: [
    { rule: 'profile-stays-set', change: { fapi_profile: null } },
    { rule: 'confidential-client', change: publicClient },
    {
      rule: 'allowed-grants',
      change: { grant_types: ['authorization_code', TOKEN_EXCHANGE] },
    },
  ],
};

export const baseChanges = (good: object, privateKey: object): Change[] => [
  { rule: 'redirect-uris', change: { redirect_uris: ['https://RP.example/callback'] } },
  { rule: 'grants-match-responses', change: { response_types: ['code', 'id_token'] } },
  {
    rule: 'confidential-grants',
    change: {
      grant_types: ['authorization_code', JWT_BEARER],
      token_endpoint_auth_method: 'none',
    },
  },
  {
    rule: 'authentication-method',
    change: { token_endpoint_auth_method: 'private_key_jwt' },
    mend: { jwks: good },
  },
  {
    rule: 'client-keys',
    change: { jwks: { keys: [privateKey] } },
    mend: { jwks: good },
  },
  {
    rule: 'symmetric-algorithms',
    change: { token_endpoint_auth_method: 'none', request_object_signing_alg: 'HS256' },
  },
  {
    rule: 'encryption-complete',
    change: { id_token_encrypted_response_enc: 'A128GCM' },
  },
  {
    rule: 'request-object-keys',
    change: { require_signed_request_object: true },
    mend: { jwks: good },
  },
  {
    rule: 'backchannel-requests',
    change: { grant_types: ['authorization_code', 'urn:openid:params:grant-type:ciba'] },
  },
  {
    rule: 'sender-constraint',
    change: {
      dpop_bound_access_tokens: true,
      response_types: ['code token'],
      grant_types: ['authorization_code', 'implicit'],
    },
  },
  {
    rule: 'pairwise-sector',
    change: {
      subject_type: 'pairwise',
      redirect_uris: ['https://one.example/cb', 'https://two.example/cb'],
    },
  },
  {
    rule: 'frontchannel-logout',
    change: { frontchannel_logout_uri: 'https://other.example/logout' },
  },
  { rule: 'proof-key', change: { token_endpoint_auth_method: 'none', require_pkce: false } },
  { rule: 'server-offers', change: { scope: 'openid unheard-of' } },
];
