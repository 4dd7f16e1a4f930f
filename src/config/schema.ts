/**
 * Every option of the server, once: from this schema come the types, the checks, the environment
 * variables, `config/default.yaml` and the reference in the docs. `load.ts` puts the layers together.
 */
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
  client_credentials: seconds(600, 'access tokens of clients that act for themselves'),
  grant: seconds(1_209_600, 'a remembered consent'),
  id_token: seconds(3600, 'ID tokens'),
  interaction: seconds(3600, 'an open login or consent page'),
  refresh_token: seconds(1_209_600, 'refresh tokens, anew with each rotation'),
  session: seconds(1_209_600, 'a login session, anew with each use'),
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

const pages = z.strictObject({
  theme: option(z.stringFormat('a folder name', /^[a-z0-9-]+$/).default('default'), {
    help: 'folder below views/; what it lacks is taken from views/default',
  }),
  locale: option(text.default('en'), {
    help: 'language when neither ui_locales nor Accept-Language names one of locales/',
  }),
});

export const Config = z.strictObject({
  issuer: option(issuer.optional(), {
    help: 'the public address, and the `iss` of every token; http://localhost:PORT when absent',
    env: 'ISSUER',
  }),
  http: http.prefault({}),
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
  passwords: passwords.prefault({}),
  admin: admin.prefault({}),
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
