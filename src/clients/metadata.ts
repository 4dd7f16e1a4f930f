/**
 * What a client is: every property that can be registered, once. From this declaration come the
 * type, the checks of REST, import and registration, OpenAPI, the reference in the docs and the
 * dashboard's form. Names are those of the specifications, snake_case from form to database.
 *
 * A property says who may set it (`by`): `registration` implies `administrator`; `nobody` is
 * assigned by the server. What one property alone can say wrong is said here; what only shows when
 * several are looked at together is a rule (`rules/`).
 */
import { z } from 'zod';

export type Setter = 'administrator' | 'registration' | 'nobody';

export interface PropertyMeta {
  title: string;
  help: string;
  group: 'identity' | 'flows' | 'authentication' | 'tokens' | 'keys' | 'policy';
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
  spec: string;
  by: Setter;
  [key: string]: unknown;
}

const property = <T extends z.ZodType>(schema: T, meta: PropertyMeta): T => schema.meta(meta) as T;

const registration = 'OpenID Connect Dynamic Client Registration 1.0, section 2';

// C0, C1 and the characters that reorder or hide text (Unicode TR36, section 3.2).
const invisible = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;
const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => !invisible.test(value), {
      error: 'no control, invisible or direction-changing characters',
    });

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
export const isLoopback = (url: URL): boolean => LOOPBACK.has(url.hostname);

const link = z
  .string()
  .max(1024)
  .refine(
    (value) => {
      const url = URL.parse(value);
      const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
      return secure && !url.username && !url.password && !invisible.test(value);
    },
    { error: 'an https URL (http only on loopback)' },
  );

const uris = z.array(z.string().min(1).max(2048)).max(50);

const key = z.record(z.string(), z.unknown());

export const grantTypes = [
  'authorization_code',
  'implicit',
  'refresh_token',
  'client_credentials',
] as const;

export const responseTypes = [
  'code',
  'id_token',
  'code id_token',
  'code token',
  'code id_token token',
  'id_token token',
  'none',
] as const;

export const authMethods = [
  'none',
  'client_secret_post',
  'client_secret_basic',
  'client_secret_jwt',
  'private_key_jwt',
] as const;

export const clientTypes = [
  'web',
  'single-page-application',
  'native',
  'server-to-server',
] as const;

export const signingAlgs = ['RS256', 'PS256', 'ES256', 'Ed25519'] as const;

const extraMetadata = z
  .record(z.string().min(1).max(64), z.string().max(256))
  .refine((value) => Object.keys(value).length <= 10, { error: 'at most 10 keys' })
  .refine(
    (value) =>
      !['__proto__', 'constructor', 'prototype'].some((name) => Object.hasOwn(value, name)),
    { error: 'not __proto__, constructor or prototype' },
  )
  .refine(
    (value) => !Object.entries(value).some((pair) => pair.some((part) => part.includes('\0'))),
    { error: 'no NUL characters' },
  );

/** The properties that a caller may set; `client_id` only at creation. */
export const ClientMetadata = z.strictObject({
  type: property(z.enum(clientTypes), {
    title: 'Type',
    help: 'What kind of application this is. It decides the initial values and what is refused; fixed once created.',
    group: 'identity',
    widget: 'choice',
    spec: 'Clientele',
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
    spec: 'Clientele',
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
  grant_types: property(z.array(z.enum(grantTypes)).default(['authorization_code']), {
    title: 'Grant types',
    help: 'How this client may obtain tokens.',
    group: 'flows',
    widget: 'choices',
    spec: registration,
    by: 'registration',
  }),
  response_types: property(z.array(z.enum(responseTypes)).default(['code']), {
    title: 'Response types',
    help: 'What an authorization request of this client may ask for.',
    group: 'flows',
    widget: 'choices',
    spec: registration,
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
  jwks: property(z.strictObject({ keys: z.array(key).min(1).max(8) }).optional(), {
    title: 'Keys',
    help: 'Public keys (JWK Set) that verify what this client signs.',
    group: 'keys',
    widget: 'json',
    spec: 'RFC 7591, section 2',
    by: 'registration',
  }),
  jwks_uri: property(link.optional(), {
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
  default_max_age: property(z.int().min(0).max(31_536_000).optional(), {
    title: 'Default maximum age',
    help: 'Seconds after which a login must be renewed, when the request does not say.',
    group: 'policy',
    widget: 'number',
    spec: registration,
    by: 'registration',
  }),
  require_auth_time: property(z.boolean().default(false), {
    title: 'Authentication time',
    help: 'Always tell in the ID token when the person logged in.',
    group: 'policy',
    widget: 'switch',
    spec: registration,
    by: 'registration',
  }),
  first_party: property(z.boolean().default(true), {
    title: 'First party',
    help: 'Your own application: people are not asked for consent. Off: they choose what it gets.',
    group: 'policy',
    widget: 'switch',
    spec: 'Clientele',
    by: 'administrator',
  }),
  openid_conformance: property(z.boolean().default(false), {
    title: 'OpenID conformance',
    help: 'ID tokens carry only what identifies the person; profile claims come from UserInfo. Refresh tokens, and the access tokens that they lead to, have the scope openid alone; with offline_access they outlive the session all the same.',
    group: 'policy',
    widget: 'switch',
    spec: 'OpenID Connect Core 1.0, section 5.4',
    by: 'administrator',
  }),
  extra_metadata: property(extraMetadata.optional(), {
    title: 'Extra metadata',
    help: 'Up to ten short texts of your own, available to pages, e-mails and token customisation.',
    group: 'policy',
    widget: 'json',
    spec: 'Clientele',
    by: 'administrator',
  }),
});

/** A client's metadata, complete. */
export type ClientMetadata = z.output<typeof ClientMetadata>;
export type ClientMetadataInput = z.input<typeof ClientMetadata>;
