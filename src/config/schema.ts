/**
 * Every option of the server, once: from this schema come the types, the checks, the environment
 * variables, `config/default.yaml` and the reference in the docs. `load.ts` puts the layers together.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { getCiphers } from 'node:tls';
import { z } from 'zod';

/** What an option needs to be documented and set. `env` names its environment variable. */
export interface OptionMeta {
  /** One line: why one would set it. */
  help: string;
  env?: string;
  /** Never shown: neither in logs nor in a list of settings. */
  secret?: true;
  /** How to mend a wrong value, when the schema's own words do not say it. */
  remedy?: string;
  [key: string]: unknown;
}

const option = <T extends z.ZodType>(schema: T, meta: OptionMeta): T => schema.meta(meta) as T;

const seconds = (value: number, help: string) =>
  option(z.int().min(1).max(315_360_000).default(value), { help: `${help}, seconds` });

const text = z.string().min(1);

const issuerError = 'an http:// or https:// URL without query, fragment, user and trailing slash';
const issuer = z.url({ protocol: /^https?$/, error: issuerError }).refine(
  (value) => {
    const url = URL.parse(value);
    return url !== null && !url.search && !url.hash && !url.username && !value.endsWith('/');
  },
  { error: issuerError },
);

/** @source OpenID Connect Core 1.0, section 5.1 and 5.4 */
const standardClaims = {
  address: ['address'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  profile: [
    'birthdate',
    'family_name',
    'gender',
    'given_name',
    'locale',
    'middle_name',
    'name',
    'nickname',
    'picture',
    'preferred_username',
    'profile',
    'updated_at',
    'website',
    'zoneinfo',
  ],
};

/**
 * Forward secrecy and authenticated encryption, and of those what FAPI allows in TLS 1.2.
 * @source RFC 9325, section 4.2; FAPI 1.0 Part 2 Advanced (Final), 8.5; FAPI 2.0 Security Profile (Final), 5.2.2
 */
const recommendedCiphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
];

const known = new Set(getCiphers());
const cipher = z
  .string()
  .refine((name) => known.has(name.toLowerCase()), 'a cipher suite that this Node.js has');

const http = z
  .strictObject({
    host: option(text.default('127.0.0.1'), {
      help: 'the address to listen on; 0.0.0.0 or :: for all',
      env: 'HOST',
    }),
    port: option(z.int().min(0).max(65_535).default(3000), {
      help: 'the port to listen on; 0 for any free one',
      env: 'PORT',
    }),
    trust_proxy: option(z.boolean().default(false), {
      help: 'believe X-Forwarded-For of the proxy in front (it never moves the issuer)',
      env: 'TRUST_PROXY',
    }),
    tls_cert: option(text.optional(), {
      help: 'PEM file of the certificate chain, for HTTPS without a proxy; needs tls_key',
      env: 'TLS_CERT',
    }),
    tls_key: option(text.optional(), {
      help: 'PEM file of the private key; needs tls_cert',
      env: 'TLS_KEY',
    }),
    tls_ciphers: option(z.array(cipher).min(1).default(recommendedCiphers), {
      help: 'cipher suites of TLS, as OpenSSL names them; those whose names begin with TLS_ are of TLS 1.3, the others of TLS 1.2, and a version without one is not spoken. The default is what RFC 9325, section 4.2 and FAPI ask for',
    }),
    metrics_port: option(z.int().min(0).max(65_535).optional(), {
      help: 'kept for /metrics, which is not served yet: setting it changes nothing',
      env: 'METRICS_PORT',
    }),
  })
  .refine((value) => (value.tls_cert === undefined) === (value.tls_key === undefined), {
    error: 'tls_cert and tls_key, both or neither',
  });

const ttl = z.strictObject({
  access_token: seconds(3600, 'access tokens'),
  authorization_code: seconds(60, 'authorization codes'),
  backchannel_request: seconds(
    600,
    'a request that waits for a person to approve it in their e-mail (CIBA), at most',
  ),
  client_credentials: seconds(600, 'access tokens of clients that act for themselves'),
  consent: seconds(
    31_536_000,
    'what a person allowed a third-party client, from the last choice on',
  ),
  device_code: seconds(600, 'a device that waits for a person to let it in'),
  email_verification: seconds(86_400, 'the link that verifies an e-mail address'),
  grant: seconds(1_209_600, 'what the tokens of a sign-in live on, anew with their rotation'),
  id_token: seconds(3600, 'ID tokens'),
  interaction: seconds(3600, 'an open login or consent page'),
  password_reset: seconds(1800, 'the link that sets a new password'),
  refresh_token: seconds(1_209_600, 'refresh tokens, anew with each rotation'),
  session: seconds(1_209_600, 'a login session, anew with each use (to the minute)'),
});

const keys = z.strictObject({
  rotate_days: option(z.int().min(0).max(3650).default(90), {
    help: 'how long a signing key signs before the next one does, days; 0: until somebody rotates it',
  }),
  publish_seconds: option(z.int().min(3).max(2_592_000).default(86_400), {
    help: 'how long a new signing key is in the JWKS before it signs, seconds; a third of it, at most 300, is how long caches may keep the JWKS',
  }),
});

const passwords = z.strictObject({
  memory_kib: option(z.int().min(7168).max(1_048_576).default(19_456), {
    help: 'memory of one argon2id hash, KiB; OWASP asks for 19456 with 2 iterations, or stronger',
  }),
  iterations: option(z.int().min(1).max(20).default(2), { help: 'passes of one argon2id hash' }),
  parallelism: option(z.int().min(1).max(16).default(1), { help: 'lanes of one argon2id hash' }),
  min_length: option(z.int().min(8).max(64).default(8), {
    help: 'shortest password that may be set, characters (NIST SP 800-63B: at least 8)',
  }),
});

/** At most `max` in `per` seconds. @param counted what, in one line */
const rate = (max: number, per: number, counted: string) =>
  z
    .strictObject({
      max: option(z.int().min(0).max(1_000_000).default(max), { help: `${counted}; 0: no limit` }),
      per: seconds(per, 'in so long, from the first of them on'),
    })
    .prefault({});

const section = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).prefault({} as never);

/** By what each counts stands in src/limits.ts. */
const limits = section({
  login: section({
    account_ip: rate(10, 900, 'failed sign-ins to an account from an address'),
    account: rate(100, 900, 'failed sign-ins to an account from anywhere'),
    ip: rate(200, 900, 'failed sign-ins from an address'),
  }),
  client: section({
    client_ip: rate(20, 60, 'failed authentications of a client from an address'),
    ip: rate(200, 60, 'failed authentications of clients from an address'),
  }),
  registration: section({ ip: rate(50, 3600, 'dynamic registrations from an address') }),
  reset: section({
    email: rate(3, 3600, 'e-mails to reset a password to an address'),
    ip: rate(50, 3600, 'e-mails to reset a password asked for by an IP address'),
  }),
  verify: section({
    email: rate(3, 3600, 'e-mails to verify an address, to that address'),
    ip: rate(100, 3600, 'e-mails to verify an address asked for by an IP address'),
  }),
  sign_up: section({
    email: rate(3, 3600, 'sign-ups with an address'),
    ip: rate(20, 3600, 'sign-ups from an IP address'),
  }),
  approval: section({
    account_client: rate(5, 600, 'approvals (CIBA) that a client asks of a person'),
    account: rate(20, 3600, 'approvals (CIBA) that all clients ask of a person'),
  }),
  device: section({
    account: rate(10, 600, 'wrong user codes that an account types in'),
    ip: rate(30, 600, 'wrong user codes that are typed in at an address'),
  }),
});

const accounts = z.strictObject({
  sign_up: option(z.enum(['off', 'on']).default('off'), {
    help: 'on: people make accounts themselves, from the sign-in page or where an application asks for it (prompt=create)',
  }),
});

const clients = z.strictObject({
  fapi_profile: option(
    z
      .enum(['fapi1-baseline', 'fapi1-advanced', 'fapi2-security-profile', 'fapi2-message-signing'])
      .default('fapi2-security-profile'),
    { help: 'the profile that a client gets whose fapi_profile is true' },
  ),
});

const policyName = z.stringFormat('a policy name', /^[a-z0-9][a-z0-9-]{0,63}$/);

const trustAnchor = z
  .strictObject({
    issuer: z.url(),
    jwks_uri: z.url({ protocol: /^https$/ }).optional(),
    jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }).optional(),
  })
  .refine((anchor) => (anchor.jwks === undefined) !== (anchor.jwks_uri === undefined), {
    error: 'jwks or jwks_uri, one of them',
  });

const registration = z.strictObject({
  mode: option(z.enum(['off', 'token', 'open']).default('token'), {
    help: 'who may register clients at /register: nobody; who has an initial access token; anybody',
  }),
  open_policy: option(policyName.optional(), {
    help: 'the registration policy of those who register without a token; absent: a built-in one',
  }),
  unused_days: option(z.int().min(0).max(3650).default(180), {
    help: 'registered clients that nobody used for so long are set aside, days; 0: never',
  }),
  quarantine_days: option(z.int().min(1).max(3650).default(30), {
    help: 'how long they can be had back before they are deleted, days',
  }),
  check_seconds: option(z.int().min(1).max(86_400).default(3600), {
    help: 'how often registered clients are looked through for those, seconds',
  }),
  trust_anchors: option(z.array(trustAnchor).max(50).default([]), {
    help: 'whose software statements count: issuer, and jwks_uri (https) or jwks',
  }),
  client_id_metadata_documents: option(z.boolean().default(false), {
    help: 'whether clients may come unregistered, with the https address of their metadata as client_id',
  }),
  client_id_metadata_policy: option(policyName.optional(), {
    help: 'the registration policy that such documents must meet; absent: a built-in one',
  }),
});

/** How people prove here who they are, as RFC 8176 names it. */
const loginMethods = ['pwd'] as const;

const authentication = z.strictObject({
  acr_values: option(
    z
      .record(
        z.stringFormat('an acr without spaces', /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/),
        z.array(z.enum(loginMethods)).min(1),
      )
      // It says how somebody signed in and nothing of who they are: no other well-known name does.
      .default({ 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport': ['pwd'] }),
    {
      help: 'authentication context classes (acr) that a login here satisfies, each with the methods that it needs (pwd: a password); what else a class promises, such as checked identities, the operator answers for',
    },
  ),
});

/** Claims that mean something to whoever verifies a token (RFC 7519, 8693, 9068, 7662, 8705). */
export const reservedClaims: ReadonlySet<string> = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'client_id',
  'scope',
  'cnf',
  'act',
  'may_act',
  'active',
  'token_type',
  'username',
  'authorization_details',
  'auth_time',
  'acr',
  'amr',
  'sid',
]);

const tokens = z.strictObject({
  access_token_claims: option(
    z
      .record(
        z
          .string()
          .regex(/^[\w:./-]{1,128}$/)
          .refine((name) => !reservedClaims.has(name), 'not a claim of the protocol itself'),
        z
          .string()
          .regex(
            /^(client\.(client_name|type|fapi_profile|extra_metadata\..{1,64})|account\.\w{1,64})$/,
            'client.client_name, client.type, client.fapi_profile, client.extra_metadata.KEY or account.CLAIM',
          ),
      )
      .default({}),
    { help: 'claims that are added to access tokens, each with where its value comes from' },
  ),
  claims_module: option(z.string().min(1).max(1024).optional(), {
    help: 'the path of an ES module whose function adds further claims to access tokens; it runs with all rights of the server',
  }),
});

const assertionIssuer = z
  .strictObject({
    issuer: text.max(1024),
    jwks_uri: z.url({ protocol: /^https$/ }).optional(),
    jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }).optional(),
    /** Whom its assertions are about: the client that presents them, or an account by its id. */
    subject: z.enum(['client', 'account']).default('client'),
    /** Client ids; `*` is every client. */
    clients: z.array(text).min(1),
  })
  .refine((one) => (one.jwks === undefined) !== (one.jwks_uri === undefined), {
    error: 'jwks or jwks_uri, one of them',
  });

const jwtBearer = z.strictObject({
  issuers: option(z.array(assertionIssuer).max(50).default([]), {
    help: 'whose assertions lead to tokens (RFC 7523) besides those of a client’s own keys: issuer, jwks_uri (https) or jwks, clients (ids, or * for all) that may present them, subject: client or account',
  }),
});

const attester = z
  .strictObject({
    issuer: text.max(1024),
    jwks_uri: z.url({ protocol: /^https$/ }).optional(),
    jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }).optional(),
    /** Client ids; `*` is every client. */
    clients: z.array(text).min(1),
  })
  .refine((one) => (one.jwks === undefined) !== (one.jwks_uri === undefined), {
    error: 'jwks or jwks_uri, one of them',
  });

const attestation = z.strictObject({
  issuers: option(z.array(attester).max(50).default([]), {
    help: 'who may vouch for clients (attest_jwt_client_auth, draft-ietf-oauth-attestation-based-client-auth): issuer, jwks_uri (https) or jwks, clients (ids, or * for all); none: the method is not offered',
  }),
});

const audit = z.strictObject({
  keep_days: option(z.int().min(1).max(3650).default(400), {
    help: 'how long it is known who changed what, days',
  }),
});

const failures = z.strictObject({
  keep: option(z.int().min(60).max(31_536_000).default(1_209_600), {
    help: 'how long it is known what was refused to clients and why, seconds; the newest 200 of each client at most',
  }),
  per_minute: option(z.int().min(1).max(1000).default(20), {
    help: 'how many refused requests are remembered within a minute, of each client, and of all that are not registered together',
  }),
});

const logout = z.strictObject({
  retry_after: option(z.array(z.int().min(0).max(3600)).max(5).default([2, 10, 60]), {
    help: 'seconds before each further attempt to tell a client of a logout over its back channel; clients that took none are in the audit as client.logout.failed',
  }),
});

const outgoing = z.strictObject({
  allow_loopback: option(z.boolean().optional(), {
    help: 'whether what a client registers (jwks_uri and the like) may be fetched from this machine; absent: only while the issuer itself is on loopback',
  }),
  timeout_ms: option(z.int().min(100).max(60_000).default(5000), {
    help: 'the whole of one fetch, from resolving the name to the last byte, milliseconds',
  }),
  max_bytes: option(z.int().min(1024).max(10_485_760).default(262_144), {
    help: 'the longest answer that is read, bytes',
  }),
});

const admin = z.strictObject({
  email: option(z.email().optional(), {
    help: 'first administrator; made at first start only',
    env: 'ADMIN_EMAIL',
  }),
  password: option(text.optional(), {
    help: "first administrator's password; generated and printed once when absent",
    env: 'ADMIN_PASSWORD',
    secret: true,
  }),
  client_id: option(text.max(256).optional(), {
    help: 'a server-to-server client with every administration scope, for automation',
    env: 'ADMIN_CLIENT_ID',
  }),
  client_secret: option(z.string().min(32, 'at least 32 characters').optional(), {
    help: 'the secret of that client, at least 32 characters',
    env: 'ADMIN_CLIENT_SECRET',
    secret: true,
    remedy: 'make one: openssl rand -base64 32',
  }),
});

const mail = z.strictObject({
  from: option(
    z
      .string()
      .max(320)
      .regex(/^([^<>\p{Cc}]+ )?<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/u, 'Name <name@domain>')
      .default('Clientele <no-reply@localhost.localdomain>'),
    { help: 'the sender of every e-mail', env: 'MAIL_FROM' },
  ),
  smtp_url: option(
    z
      .string()
      .regex(/^smtps?:\/\/[^\s/]+/, 'smtp://USER:PASSWORD@HOST:PORT or smtps://…')
      .optional(),
    {
      help: 'where e-mails are handed in: smtp:// (STARTTLS where offered; ?requireTLS=true insists) or smtps://; absent: they become files in folder',
      env: 'SMTP_URL',
      secret: true,
    },
  ),
  folder: option(text.default('data/mail'), {
    help: 'where e-mails become files while there is no smtp_url',
    env: 'MAIL_FOLDER',
  }),
  verification: option(z.enum(['off', 'ask', 'require']).default('ask'), {
    help: 'after a sign-in with an unverified address: nothing; an e-mail, once a day; an e-mail that must be followed before it goes on',
  }),
});

const pages = z.strictObject({
  theme: option(z.stringFormat('a folder name', /^[a-z0-9-]+$/).default('default'), {
    help: 'folder below views/; what it lacks is taken from views/default',
  }),
  locale: option(text.default('en'), {
    help: 'language when neither ui_locales nor Accept-Language names one of locales/',
  }),
});

const header = (value: string) =>
  z.stringFormat('a header name in lower case', /^[a-z][a-z0-9-]*$/).default(value);

/** A network of addresses; of all addresses there are it is none. */
const network = z.string().refine(
  (value) => {
    const [address = '', prefix = ''] = value.split('/');
    const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
    return /^\d{1,3}$/.test(prefix) && Number(prefix) > 0 && Number(prefix) <= most;
  },
  { error: 'a network such as 10.1.2.3/32 or fd00::/8, and not everyone' },
);

const mtls = z.strictObject({
  mode: option(z.enum(['off', 'direct', 'proxy']).default('off'), {
    help: 'client certificates (RFC 8705): off, over a TLS listener of its own (direct), or in a header of the proxy that ends TLS (proxy)',
    env: 'MTLS_MODE',
  }),
  port: option(z.int().min(1).max(65_535).optional(), {
    help: 'direct: the port of that listener; it asks for a certificate and serves everything that http.port does, with http.tls_cert',
    env: 'MTLS_PORT',
  }),
  ca: option(z.array(text).default([]), {
    help: 'PEM files of the authorities whose certificates tls_client_auth takes. direct: none are taken without; intermediate ones that the client sends are followed, those that constrain names are not. proxy: the authority that issued the certificate itself; without, verify_header decides',
  }),
  header: option(header('x-client-cert'), {
    help: "proxy: where the certificate stands as URL-encoded PEM, nginx's $ssl_client_escaped_cert; the proxy must set it in every request, so that no sender can",
  }),
  verify_header: option(header('x-client-verify'), {
    help: "proxy: where SUCCESS stands when the proxy has verified the certificate, nginx's $ssl_client_verify; not looked at when ca is given",
  }),
  trusted_proxies: option(z.array(network).min(1).default(['127.0.0.0/8', '::1/128']), {
    help: 'proxy: networks of which these headers are believed; from elsewhere they are dropped',
  }),
  endpoint_base: option(issuer.optional(), {
    help: 'what the addresses in mtls_endpoint_aliases begin with; absent: in mode direct the issuer at mtls.port, in mode proxy there are none',
  }),
});

export const Config = z.strictObject({
  issuer: option(issuer.optional(), {
    help: 'the public address, and the iss of every token; http://localhost:PORT when absent',
    env: 'ISSUER',
  }),
  http: http.prefault({}),
  mtls: mtls.prefault({}),
  store_url: option(
    z
      .string()
      .regex(/^(sqlite:.+|mongodb(\+srv)?:\/\/.+|memory:.*)$/, 'sqlite:PATH or mongodb://…')
      .default('sqlite:data/clientele.db'),
    { help: 'where the state lives: sqlite:PATH or mongodb://…', env: 'STORE_URL', secret: true },
  ),
  secrets_key: option(
    z
      .string()
      .regex(
        /^[\w-]{43}(,[\w-]{43})*$/,
        '32 random bytes as base64url (43 characters); several joined by commas, newest first',
      )
      .optional(),
    {
      help: 'encrypts what must be readable in the store; "new,old" rotates; generated beside an embedded store when absent',
      env: 'SECRETS_KEY',
      secret: true,
      remedy: "make one: openssl rand -base64 32 | tr '+/' '-_' | tr -d '='",
    },
  ),
  workers: option(z.int().min(1).max(64).default(1), {
    help: 'processes that share the port and the store',
    env: 'WORKERS',
  }),
  log_level: option(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    { help: 'the least grave event that is logged', env: 'LOG_LEVEL' },
  ),
  ttl: ttl.prefault({}),
  keys: keys.prefault({}),
  passwords: passwords.prefault({}),
  authentication: authentication.prefault({}),
  limits,
  fetch: outgoing.prefault({}),
  accounts: accounts.prefault({}),
  clients: clients.prefault({}),
  registration: registration.prefault({}),
  audit: audit.prefault({}),
  failures: failures.prefault({}),
  jwt_bearer: jwtBearer.prefault({}),
  attestation: attestation.prefault({}),
  logout: logout.prefault({}),
  tokens: tokens.prefault({}),
  admin: admin.prefault({}),
  mail: mail.prefault({}),
  pages: pages.prefault({}),
  claims: option(
    z.record(z.string().regex(/^[\w:.-]{1,64}$/), z.array(text)).default(standardClaims),
    { help: 'scopes of this server and the claims of an account that each releases' },
  ),
});

/** The configuration as given: a file, the environment, a test. */
export type ConfigInput = z.input<typeof Config>;

/** The configuration in force, complete. `issuer` is always set after `load`. */
export type Config = z.output<typeof Config> & { issuer: string };
