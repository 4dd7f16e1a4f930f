/** What code is written from: a client as the API tells it, never its secret. */
export interface Registered {
  client_id: string;
  client_name?: string;
  type: string;
  redirect_uris?: readonly string[];
  post_logout_redirect_uris?: readonly string[];
  grant_types?: readonly string[];
  response_modes?: readonly string[];
  token_endpoint_auth_method?: string;
  jwks?: { keys: readonly Readonly<Record<string, unknown>>[] };
  id_token_signed_response_alg?: string;
  authorization_signed_response_alg?: string;
  introspection_signed_response_alg?: string;
  require_signed_request_object?: boolean;
  require_pushed_authorization_requests?: boolean;
  dpop_bound_access_tokens?: boolean;
  tls_client_certificate_bound_access_tokens?: boolean;
}

/** An API that a client without people may call. */
export interface Target {
  identifier: string;
  scopes: readonly string[];
}

export interface Facts {
  issuer: string;
  client: Registered;
  /** Where the code comes back to; empty for clients without redirects. */
  redirectUri: string;
  target?: Target;
}

/** One tab: a language, and its files in the order in which they are needed. */
export interface Sample {
  name: string;
  files: readonly { label: string; lines: readonly string[] }[];
}

export type Writer = (facts: Facts) => Sample;

/** What code for people asks for. */
export const SCOPE = 'openid profile email';

/** A string of JavaScript, in single quotes. */
export const js = (value: string): string =>
  `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

/** A string of Python, Go, Java, Kotlin and YAML alike. */
export const quoted = (value: string): string => JSON.stringify(value);

/** A word of a POSIX shell. */
export const sh = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/** Lines that stand there only sometimes. */
export const when = (condition: unknown, ...lines: readonly string[]): readonly string[] =>
  condition ? lines : [];

/** Whether nothing protects what is sent to the server: while it is developed, on loopback. */
export const isPlain = ({ issuer }: Pick<Facts, 'issuer'>): boolean => issuer.startsWith('http:');
