/**
 * What a client is: every property that can be registered, once. From this declaration come the
 * type, the checks of REST, import and registration, OpenAPI, the reference in the docs and the
 * dashboard's form. Names are those of the specifications, snake_case from form to database.
 *
 * A property says who may set it (`by`): `registration` implies `administrator`; `nobody` is
 * assigned by the server. What one property alone can say wrong is said here; what only shows when
 * several are looked at together is a rule (`rules/`); what a type begins with is a type (`types/`).
 */
import { z } from 'zod';
import { valueTexts } from '../lib/value-words.ts';
import { detailTypeName } from './detail-type.ts';
import {
  acr,
  asymmetricAlgs,
  authMethods,
  clientSigningAlgs,
  clientTypes,
  deliveryModes,
  encryptionAlgs,
  encryptionEncs,
  endpoint,
  extraMetadata,
  grantTypes,
  httpsEndpoint,
  httpsLink,
  key,
  line,
  link,
  profileNames,
  requestEncryptionAlgs,
  responseModes,
  responseTypes,
  scopeList,
  setOf,
  signingAlgs,
  tokenExchange,
  uris,
} from './values.ts';

export type Setter = 'administrator' | 'registration' | 'nobody';

export const groups = [
  'identity',
  'flows',
  'authentication',
  'keys',
  'tokens',
  'requests',
  'logout',
  'policy',
] as const;

export interface PropertyMeta {
  title: string;
  help: string;
  group: (typeof groups)[number];
  widget:
    | 'text'
    | 'textarea'
    | 'url'
    | 'urls'
    | 'choice'
    | 'choices'
    | 'switch'
    | 'json'
    | 'number';
  /** Specification and section. */
  spec: string;
  by: Setter;
  [key: string]: unknown;
}

const property = <T extends z.ZodType>(schema: T, meta: PropertyMeta): T => schema.meta(meta) as T;

const registration = 'OpenID Connect Dynamic Client Registration 1.0, section 2';
const own = 'Clientele';
const jarm = 'JARM, section 3';
const introspection = 'RFC 9701, section 6';
const mtls = 'RFC 8705, section 2.1.2';
const ciba = 'OpenID Connect CIBA Core 1.0, section 4';

/** The properties that a caller may set; `client_id` only at creation. */
export const ClientMetadata = z.strictObject({
  type: property(z.enum(clientTypes), {
    title: 'Type',
    help: 'What kind of application this is. It decides the initial values and what is refused. Fixed once created, except by an explicit conversion.',
    group: 'identity',
    widget: 'choice',
    spec: own,
    by: 'administrator',
  }),
  client_name: property(line(64).optional(), {
    title: 'Name',
    help: 'Shown to people on the login and consent pages and in e-mails. Can be changed at any time.',
    group: 'identity',
    widget: 'text',
    spec: registration,
    by: 'registration',
  }),
  description: property(line(256).optional(), {
    title: 'Description',
    help: 'A note on what this client is for.',
    group: 'identity',
    widget: 'textarea',
    spec: own,
    by: 'administrator',
  }),
  client_uri: property(link.optional(), {
    title: 'Home page',
    help: 'The application’s own page.',
    group: 'identity',
    widget: 'url',
    spec: registration,
    by: 'registration',
  }),
  logo_uri: property(link.optional(), {
    title: 'Logo',
    help: 'A small picture, shown on the login and consent pages.',
    group: 'identity',
    widget: 'url',
    spec: registration,
    by: 'registration',
  }),
  policy_uri: property(link.optional(), {
    title: 'Privacy policy',
    help: 'Linked from the login and consent pages.',
    group: 'identity',
    widget: 'url',
    spec: registration,
    by: 'registration',
  }),
  tos_uri: property(link.optional(), {
    title: 'Terms of service',
    help: 'Linked from the login and consent pages.',
    group: 'identity',
    widget: 'url',
    spec: registration,
    by: 'registration',
  }),
  contacts: property(z.array(z.email().max(254)).max(10).optional(), {
    title: 'Contacts',
    help: 'E-mail addresses of the people who answer for this client.',
    group: 'identity',
    widget: 'json',
    spec: registration,
    by: 'registration',
  }),
  software_id: property(line(256).optional(), {
    title: 'Software',
    help: 'Names the software that registers itself, the same for all its installations.',
    group: 'identity',
    widget: 'text',
    spec: 'RFC 7591, section 2',
    by: 'registration',
  }),
  software_version: property(line(64).optional(), {
    title: 'Software version',
    help: 'The version of that software.',
    group: 'identity',
    widget: 'text',
    spec: 'RFC 7591, section 2',
    by: 'registration',
  }),
  tags: property(
    setOf(z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._:-]{0,31}$/u, valueTexts.tag), 20).optional(),
    {
      title: 'Tags',
      help: 'Words of your own to find and group clients by.',
      group: 'identity',
      widget: 'json',
      spec: own,
      by: 'administrator',
    },
  ),
  application_type: property(z.enum(['web', 'native']).default('web'), {
    title: 'Application type',
    help: 'Decides which redirect addresses are allowed.',
    group: 'flows',
    widget: 'choice',
    spec: registration,
    by: 'registration',
  }),
  redirect_uris: property(uris.default([]), {
    title: 'Redirect URIs',
    help: 'Where people are sent back to after login. Compared character by character.',
    group: 'flows',
    widget: 'urls',
    spec: 'RFC 9700, section 2.1',
    by: 'registration',
  }),
  post_logout_redirect_uris: property(uris.default([]), {
    title: 'Post-logout redirect URIs',
    help: 'Where people may be sent after logout. Without one they see a page that tells of the logout.',
    group: 'flows',
    widget: 'urls',
    spec: 'OpenID Connect RP-Initiated Logout 1.0, section 2.1',
    by: 'registration',
  }),
  grant_types: property(setOf(z.enum(grantTypes), 10).default(['authorization_code']), {
    title: 'Grant types',
    help: 'How this client may obtain tokens.',
    group: 'flows',
    widget: 'choices',
    spec: registration,
    by: 'registration',
  }),
  response_types: property(setOf(z.enum(responseTypes), 10).default(['code']), {
    title: 'Response types',
    help: 'What an authorization request of this client may ask for.',
    group: 'flows',
    widget: 'choices',
    spec: registration,
    by: 'registration',
  }),
  response_modes: property(setOf(z.enum(responseModes), 10).min(1).optional(), {
    title: 'Response modes',
    help: 'How answers may come back. Without a choice: every way that the response type allows.',
    group: 'flows',
    widget: 'choices',
    spec: 'OAuth 2.0 Multiple Response Type Encoding Practices, section 2.1; JARM, section 2.3',
    by: 'registration',
  }),
  scope: property(scopeList.optional(), {
    title: 'Scopes',
    help: 'The scopes of this server that the client may ask for, with spaces between. Without a choice: all. Scopes of resources are opened by the resource.',
    group: 'flows',
    widget: 'text',
    spec: 'RFC 7591, section 2',
    by: 'registration',
  }),
  initiate_login_uri: property(httpsLink.optional(), {
    title: 'Login address',
    help: 'Where others may send people so that this client begins a login.',
    group: 'flows',
    widget: 'url',
    spec: 'OpenID Connect Core 1.0, section 4',
    by: 'registration',
  }),
  token_endpoint_auth_method: property(z.enum(authMethods).default('client_secret_basic'), {
    title: 'Authentication method',
    help: 'How this client proves who it is. No other method is accepted from it.',
    group: 'authentication',
    widget: 'choice',
    spec: 'OpenID Connect Core 1.0, section 9',
    by: 'registration',
  }),
  token_endpoint_auth_signing_alg: property(z.enum(clientSigningAlgs).optional(), {
    title: 'Assertion algorithm',
    help: 'The only algorithm that assertions may be signed with. Without a choice: any that fits the method.',
    group: 'authentication',
    widget: 'choice',
    spec: registration,
    by: 'registration',
  }),
  tls_client_auth_subject_dn: property(line(512).optional(), {
    title: 'Certificate subject',
    help: 'The distinguished name of the certificate’s subject (RFC 4514). Exactly one certificate property is needed for tls_client_auth.',
    group: 'authentication',
    widget: 'text',
    spec: mtls,
    by: 'registration',
  }),
  tls_client_auth_san_dns: property(line(512).optional(), {
    title: 'Certificate DNS name',
    help: 'A DNS name of the certificate. Exactly one certificate property is needed for tls_client_auth.',
    group: 'authentication',
    widget: 'text',
    spec: mtls,
    by: 'registration',
  }),
  tls_client_auth_san_uri: property(line(512).optional(), {
    title: 'Certificate URI',
    help: 'A URI of the certificate. Exactly one certificate property is needed for tls_client_auth.',
    group: 'authentication',
    widget: 'text',
    spec: mtls,
    by: 'registration',
  }),
  tls_client_auth_san_ip: property(line(512).optional(), {
    title: 'Certificate IP address',
    help: 'An IP address of the certificate. Exactly one certificate property is needed for tls_client_auth.',
    group: 'authentication',
    widget: 'text',
    spec: mtls,
    by: 'registration',
  }),
  tls_client_auth_san_email: property(line(512).optional(), {
    title: 'Certificate e-mail',
    help: 'An e-mail address of the certificate. Exactly one certificate property is needed for tls_client_auth.',
    group: 'authentication',
    widget: 'text',
    spec: mtls,
    by: 'registration',
  }),
  use_mtls_endpoint_aliases: property(z.boolean().optional(), {
    title: 'Use mTLS aliases',
    help: 'The client will call the endpoints under mtls_endpoint_aliases.',
    group: 'authentication',
    widget: 'switch',
    spec: 'RFC 8705, section 5',
    by: 'registration',
  }),
  jwks: property(z.strictObject({ keys: z.array(key).min(1).max(8) }).optional(), {
    title: 'Keys',
    help: 'Public keys (JWK Set): they verify what this client signs and encrypt what it is sent.',
    group: 'keys',
    widget: 'json',
    spec: 'RFC 7591, section 2',
    by: 'registration',
  }),
  jwks_uri: property(endpoint.optional(), {
    title: 'Keys by address',
    help: 'Where this client publishes its public keys; instead of keys given here.',
    group: 'keys',
    widget: 'url',
    spec: 'RFC 7591, section 2',
    by: 'registration',
  }),
  id_token_signed_response_alg: property(z.enum(signingAlgs).default('RS256'), {
    title: 'ID token algorithm',
    help: 'What ID tokens for this client are signed with.',
    group: 'tokens',
    widget: 'choice',
    spec: registration,
    by: 'registration',
  }),
  id_token_encrypted_response_alg: property(z.enum(encryptionAlgs).optional(), {
    title: 'ID token encryption',
    help: 'How the key is wrapped when the ID token is encrypted for this client. Without a choice it is not encrypted.',
    group: 'tokens',
    widget: 'choice',
    spec: registration,
    by: 'registration',
  }),
  id_token_encrypted_response_enc: property(z.enum(encryptionEncs).optional(), {
    title: 'ID token content encryption',
    help: 'What the content is encrypted with; A128CBC-HS256 without a choice.',
    group: 'tokens',
    widget: 'choice',
    spec: registration,
    by: 'registration',
  }),
  userinfo_signed_response_alg: property(z.enum(signingAlgs).optional(), {
    title: 'UserInfo algorithm',
    help: 'What UserInfo is signed with. Without a choice it is plain JSON.',
    group: 'tokens',
    widget: 'choice',
    spec: registration,
    by: 'registration',
  }),
  userinfo_encrypted_response_alg: property(z.enum(encryptionAlgs).optional(), {
    title: 'UserInfo encryption',
    help: 'How the key is wrapped when the userinfo is encrypted for this client. Without a choice it is not encrypted.',
    group: 'tokens',
    widget: 'choice',
    spec: registration,
    by: 'registration',
  }),
  userinfo_encrypted_response_enc: property(z.enum(encryptionEncs).optional(), {
    title: 'UserInfo content encryption',
    help: 'What the content is encrypted with; A128CBC-HS256 without a choice.',
    group: 'tokens',
    widget: 'choice',
    spec: registration,
    by: 'registration',
  }),
  authorization_signed_response_alg: property(z.enum(signingAlgs).optional(), {
    title: 'Response algorithm',
    help: 'What authorization responses are signed with when the response mode is a JWT; RS256 without a choice.',
    group: 'tokens',
    widget: 'choice',
    spec: jarm,
    by: 'registration',
  }),
  authorization_encrypted_response_alg: property(z.enum(encryptionAlgs).optional(), {
    title: 'Authorization response encryption',
    help: 'How the key is wrapped when the authorization response is encrypted for this client. Without a choice it is not encrypted.',
    group: 'tokens',
    widget: 'choice',
    spec: jarm,
    by: 'registration',
  }),
  authorization_encrypted_response_enc: property(z.enum(encryptionEncs).optional(), {
    title: 'Authorization response content encryption',
    help: 'What the content is encrypted with; A128CBC-HS256 without a choice.',
    group: 'tokens',
    widget: 'choice',
    spec: jarm,
    by: 'registration',
  }),
  introspection_signed_response_alg: property(z.enum(signingAlgs).optional(), {
    title: 'Introspection algorithm',
    help: 'What introspection responses are signed with when a JWT is asked for; RS256 without a choice.',
    group: 'tokens',
    widget: 'choice',
    spec: introspection,
    by: 'registration',
  }),
  introspection_encrypted_response_alg: property(z.enum(encryptionAlgs).optional(), {
    title: 'Introspection response encryption',
    help: 'How the key is wrapped when the introspection response is encrypted for this client. Without a choice it is not encrypted.',
    group: 'tokens',
    widget: 'choice',
    spec: introspection,
    by: 'registration',
  }),
  introspection_encrypted_response_enc: property(z.enum(encryptionEncs).optional(), {
    title: 'Introspection response content encryption',
    help: 'What the content is encrypted with; A128CBC-HS256 without a choice.',
    group: 'tokens',
    widget: 'choice',
    spec: introspection,
    by: 'registration',
  }),
  dpop_bound_access_tokens: property(z.boolean().default(false), {
    title: 'DPoP-bound tokens',
    help: 'Tokens are only issued with a proof of possession (DPoP), and only work with one.',
    group: 'tokens',
    widget: 'switch',
    spec: 'RFC 9449, section 5.2',
    by: 'registration',
  }),
  dpop_require_nonce: property(z.boolean().default(false), {
    title: 'DPoP nonces',
    help: 'Proofs of possession (DPoP) must carry a nonce of this server, so that none can be made in advance and no clock matters. Whoever has none is told one (use_dpop_nonce).',
    group: 'tokens',
    widget: 'switch',
    spec: 'RFC 9449, section 8',
    by: 'registration',
  }),
  tls_client_certificate_bound_access_tokens: property(z.boolean().default(false), {
    title: 'Certificate-bound tokens',
    help: 'Tokens are only issued over mutual TLS, and only work with the same certificate.',
    group: 'tokens',
    widget: 'switch',
    spec: 'RFC 8705, section 3.4',
    by: 'registration',
  }),
  subject_type: property(z.enum(['public', 'pairwise']).default('public'), {
    title: 'Subject',
    help: 'Pairwise: a person has another identifier here than at clients of other sectors.',
    group: 'tokens',
    widget: 'choice',
    spec: 'OpenID Connect Core 1.0, section 8',
    by: 'registration',
  }),
  sector_identifier_uri: property(httpsEndpoint.optional(), {
    title: 'Sector',
    help: 'Lists the redirect URIs of all clients that share pairwise identifiers.',
    group: 'tokens',
    widget: 'url',
    spec: 'OpenID Connect Core 1.0, section 8.1',
    by: 'registration',
  }),
  require_pushed_authorization_requests: property(z.boolean().default(false), {
    title: 'Pushed requests only',
    help: 'Authorization requests must be pushed first (PAR).',
    group: 'requests',
    widget: 'switch',
    spec: 'RFC 9126, section 6',
    by: 'registration',
  }),
  require_signed_request_object: property(z.boolean().default(false), {
    title: 'Signed requests only',
    help: 'Authorization requests must be signed request objects (JAR).',
    group: 'requests',
    widget: 'switch',
    spec: 'RFC 9101, section 10.5',
    by: 'registration',
  }),
  request_uris: property(setOf(link.max(512), 20).min(1).optional(), {
    title: 'Request URIs',
    help: 'Where the client publishes signed authorization requests, to send their address instead of them (request_uri). Compared without the fragment.',
    group: 'requests',
    widget: 'urls',
    spec: 'OpenID Connect Core 1.0, section 6.2',
    by: 'registration',
  }),
  request_object_signing_alg: property(z.enum(clientSigningAlgs).optional(), {
    title: 'Request algorithm',
    help: 'The only algorithm that request objects may be signed with.',
    group: 'requests',
    widget: 'choice',
    spec: registration,
    by: 'registration',
  }),
  request_object_encryption_alg: property(z.enum(requestEncryptionAlgs).optional(), {
    title: 'Request encryption',
    help: 'How request objects are encrypted: with a public key of this server, or with the client’s secret. With a choice they must be.',
    group: 'requests',
    widget: 'choice',
    spec: registration,
    by: 'registration',
  }),
  request_object_encryption_enc: property(z.enum(encryptionEncs).optional(), {
    title: 'Request content encryption',
    help: 'What the content of request objects is encrypted with; A128CBC-HS256 without a choice.',
    group: 'requests',
    widget: 'choice',
    spec: registration,
    by: 'registration',
  }),
  require_pkce: property(z.boolean().default(true), {
    title: 'PKCE',
    help: 'Authorization requests must have a code challenge. Off is for confidential clients whose library knows no PKCE.',
    group: 'requests',
    widget: 'switch',
    spec: 'RFC 9700, section 2.1.1',
    by: 'administrator',
  }),
  default_max_age: property(z.int().min(0).max(31_536_000).optional(), {
    title: 'Default maximum age',
    help: 'Seconds after which a login must be renewed, when the request does not say.',
    group: 'requests',
    widget: 'number',
    spec: registration,
    by: 'registration',
  }),
  default_acr_values: property(setOf(acr, 10).min(1).optional(), {
    title: 'Default authentication classes',
    help: 'Authentication context classes (acr) that the ID token tells of, the preferred one first, when the request names none. A wish: a login that satisfies none of them is not refused.',
    group: 'requests',
    widget: 'json',
    spec: registration,
    by: 'registration',
  }),
  require_auth_time: property(z.boolean().default(false), {
    title: 'Authentication time',
    help: 'Always tell in the ID token when the person logged in.',
    group: 'requests',
    widget: 'switch',
    spec: registration,
    by: 'registration',
  }),
  backchannel_token_delivery_mode: property(z.enum(deliveryModes).optional(), {
    title: 'Back-channel delivery',
    help: 'How the client learns what a person decided who was asked without a browser (CIBA): it polls, or is pinged and then fetches the tokens.',
    group: 'requests',
    widget: 'choice',
    spec: ciba,
    by: 'registration',
  }),
  backchannel_client_notification_endpoint: property(httpsEndpoint.optional(), {
    title: 'Back-channel notification address',
    help: 'Pinged by the server when the person has decided (CIBA); needed for ping.',
    group: 'requests',
    widget: 'url',
    spec: ciba,
    by: 'registration',
  }),
  backchannel_authentication_request_signing_alg: property(z.enum(asymmetricAlgs).optional(), {
    title: 'Back-channel request algorithm',
    help: 'The only algorithm that back-channel requests (CIBA) may be signed with; with a choice they must be signed.',
    group: 'requests',
    widget: 'choice',
    spec: ciba,
    by: 'registration',
  }),
  backchannel_user_code_parameter: property(z.literal(false).optional(), {
    title: 'Back-channel user code',
    help: 'User codes (CIBA) are not offered: people approve with their password.',
    group: 'requests',
    widget: 'switch',
    spec: ciba,
    by: 'registration',
  }),
  backchannel_logout_uri: property(endpoint.optional(), {
    title: 'Back-channel logout URI',
    help: 'Told by the server when a person logs out.',
    group: 'logout',
    widget: 'url',
    spec: 'OpenID Connect Back-Channel Logout 1.0, section 2.2',
    by: 'registration',
  }),
  backchannel_logout_session_required: property(z.boolean().optional(), {
    title: 'Session in logout tokens',
    help: 'Logout and ID tokens name the session (sid).',
    group: 'logout',
    widget: 'switch',
    spec: 'OpenID Connect Back-Channel Logout 1.0, section 2.2',
    by: 'registration',
  }),
  frontchannel_logout_uri: property(endpoint.optional(), {
    title: 'Front-channel logout URI',
    help: 'Loaded in a hidden frame of the browser when a person logs out; its scheme, host and port are those of a redirect URI.',
    group: 'logout',
    widget: 'url',
    spec: 'OpenID Connect Front-Channel Logout 1.0, section 2',
    by: 'registration',
  }),
  frontchannel_logout_session_required: property(z.boolean().optional(), {
    title: 'Session in front-channel logouts',
    help: 'Front-channel logouts name issuer and session (iss and sid), and ID tokens the session.',
    group: 'logout',
    widget: 'switch',
    spec: 'OpenID Connect Front-Channel Logout 1.0, section 2',
    by: 'registration',
  }),
  first_party: property(z.boolean().default(true), {
    title: 'First party',
    help: 'Your own application: people are not asked for consent. Off: they choose what it gets.',
    group: 'policy',
    widget: 'switch',
    spec: own,
    by: 'administrator',
  }),
  openid_conformance: property(z.boolean().default(false), {
    title: 'OpenID conformance',
    help: 'ID tokens carry only what identifies the person; profile claims come from UserInfo. Refresh tokens, and the access tokens that they lead to, have the scope openid alone; with offline_access they outlive the session all the same. A response_type of id_token is not touched.',
    group: 'policy',
    widget: 'switch',
    spec: 'OpenID Connect Core 1.0, section 5.4',
    by: 'administrator',
  }),
  fapi_profile: property(z.enum(profileNames).optional(), {
    title: 'FAPI profile',
    help: 'Holds the client and its requests to a profile of the OpenID Foundation’s FAPI working group; true means the server’s default profile.',
    group: 'policy',
    widget: 'choice',
    spec: 'FAPI 1.0 and FAPI 2.0',
    by: 'administrator',
  }),
  token_exchange: property(tokenExchange.optional(), {
    title: 'Token exchange',
    help: 'Whose tokens this client may exchange (subject_clients: client IDs, or * for all), as itself on the person’s behalf (delegation) or as the person (impersonation). Without it, none.',
    group: 'policy',
    widget: 'json',
    spec: 'RFC 8693, section 5',
    by: 'administrator',
  }),
  authorization_details_types: property(setOf(detailTypeName, 50).optional(), {
    title: 'Types of authorization details',
    help: 'What the client may ask for beyond scopes, by type; each is declared by a resource that the client may use. Without any: none.',
    group: 'requests',
    widget: 'choices',
    spec: 'RFC 9396, section 10',
    by: 'registration',
  }),
  extra_metadata: property(extraMetadata.optional(), {
    title: 'Extra metadata',
    help: 'Up to ten short texts of your own, available to pages, e-mails and token customisation.',
    group: 'policy',
    widget: 'json',
    spec: own,
    by: 'administrator',
  }),
  disabled: property(z.boolean().default(false), {
    title: 'Disabled',
    help: 'The client is treated as unknown until this is switched off; nothing of it is lost.',
    group: 'policy',
    widget: 'switch',
    spec: own,
    by: 'administrator',
  }),
});

/** What the server says of a client and nobody sets. */
export const AssignedMetadata = z.strictObject({
  client_id: property(z.string(), {
    title: 'Client ID',
    help: 'Names the client everywhere; never changes.',
    group: 'identity',
    widget: 'text',
    spec: 'RFC 6749, section 2.2',
    by: 'nobody',
  }),
  client_secret: property(z.string().optional(), {
    title: 'Client secret',
    help: 'Shown once, when it is made.',
    group: 'authentication',
    widget: 'text',
    spec: 'RFC 6749, section 2.3.1',
    by: 'nobody',
  }),
  client_secret_expires_at: property(z.int().optional(), {
    title: 'Secret expires',
    help: 'When the newest secret expires, seconds since the epoch; 0 when never.',
    group: 'authentication',
    widget: 'number',
    spec: 'RFC 7591, section 3.2.1',
    by: 'nobody',
  }),
  client_id_issued_at: property(z.int().optional(), {
    title: 'Registered',
    help: 'When the client was registered, seconds since the epoch.',
    group: 'identity',
    widget: 'number',
    spec: 'RFC 7591, section 3.2.1',
    by: 'nobody',
  }),
});

/** A client's metadata, complete. */
export type ClientMetadata = z.output<typeof ClientMetadata>;
export type ClientMetadataInput = z.input<typeof ClientMetadata>;
export type ClientProperty = keyof ClientMetadata;

/** The declaration of a property. */
export const metaOf = (name: ClientProperty): PropertyMeta =>
  ClientMetadata.shape[name].meta() as unknown as PropertyMeta;

export const clientProperties = Object.keys(ClientMetadata.shape) as ClientProperty[];

/** What dynamic registration may set; all else is refused or ignored there. */
export const registrable: ReadonlySet<string> = new Set(
  clientProperties.filter((name) => metaOf(name).by === 'registration'),
);
