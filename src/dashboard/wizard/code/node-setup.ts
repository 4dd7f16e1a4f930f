import { type Facts, isPlain, js, type Registered, when } from './facts.ts';

/** How WebCrypto calls a key (Web Cryptography API, section 18.2.2), by what was registered. */
const algorithms: Readonly<Record<string, string>> = {
  ES256: "{ name: 'ECDSA', namedCurve: 'P-256' }",
  Ed25519: "'Ed25519'",
  EdDSA: "'Ed25519'",
  PS256: "{ name: 'RSA-PSS', hash: 'SHA-256' }",
  RS256: "{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }",
};

const algorithmOf = ({ jwks }: Registered): string => {
  const [key] = jwks?.keys ?? [];
  const byType = { RSA: 'PS256', OKP: 'Ed25519' }[String(key?.kty)] ?? 'ES256';
  return algorithms[String(key?.alg ?? byType)] ?? (algorithms[byType] as string);
};

/** What Node calls a variable of the environment. */
const variable = (name: string) => ['process', 'env', name].join('.');

const isMutual = (method: string) => method.endsWith('tls_client_auth');

/** What a program needs to be this client: what it imports, and `config`. */
export function nodeSetup(facts: Facts) {
  const { issuer, client } = facts;
  const method = client.token_endpoint_auth_method ?? 'client_secret_basic';
  const certificate = isMutual(method) || client.tls_client_certificate_bound_access_tokens;
  const keys = method === 'private_key_jwt' || client.require_signed_request_object;
  const secret = method.startsWith('client_secret');
  const jarm = client.response_modes?.some((mode) => mode.endsWith('jwt'));
  const authentication: Readonly<Record<string, string>> = {
    none: 'client.None()',
    client_secret_basic: `client.ClientSecretBasic(${variable('CLIENT_SECRET')})`,
    client_secret_post: `client.ClientSecretPost(${variable('CLIENT_SECRET')})`,
    client_secret_jwt: `client.ClientSecretJwt(${variable('CLIENT_SECRET')})`,
    private_key_jwt: 'client.PrivateKeyJwt(key)',
    tls_client_auth: 'client.TlsClientAuth()',
    self_signed_tls_client_auth: 'client.TlsClientAuth()',
  };
  const metadata = [
    ['id_token_signed_response_alg', client.id_token_signed_response_alg ?? 'RS256', 'RS256'],
    ['authorization_signed_response_alg', jarm && client.authorization_signed_response_alg],
    ['introspection_signed_response_alg', client.introspection_signed_response_alg],
  ].flatMap(([name, value, usual]) =>
    value && value !== usual ? [`    ${name}: ${js(String(value))},`] : [],
  );
  const execute = [
    ...when(jarm, 'client.useJwtResponseMode'),
    ...when(isPlain(facts), 'client.allowInsecureRequests'),
  ];
  const variables = [
    ...when(secret, 'CLIENT_SECRET'),
    ...when(keys, 'PRIVATE_JWK_FILE'),
    ...when(certificate, 'CERTIFICATE_FILE', 'CERTIFICATE_KEY_FILE'),
  ];

  return {
    keys,
    install: [
      `// npm install openid-client${certificate ? ' undici' : ''}`,
      ...when(variables.length, `// In the environment: ${variables.join(', ')}`),
    ],
    imports: [
      ...when(keys || certificate, "import { readFile } from 'node:fs/promises';"),
      "import * as client from 'openid-client';",
      ...when(certificate, "import { Agent, fetch } from 'undici';"),
    ],
    config: [
      ...when(
        keys,
        `const jwk = JSON.parse(await readFile(${variable('PRIVATE_JWK_FILE')}, 'utf8'));`,
        'const key = {',
        `  key: await crypto.subtle.importKey('jwk', jwk, ${algorithmOf(client)}, false, ['sign']),`,
        '  kid: jwk.kid,',
        '};',
      ),
      ...when(
        certificate,
        'const dispatcher = new Agent({',
        '  connect: {',
        `    cert: await readFile(${variable('CERTIFICATE_FILE')}),`,
        `    key: await readFile(${variable('CERTIFICATE_KEY_FILE')}),`,
        '  },',
        '});',
      ),
      'const config = await client.discovery(',
      `  new URL(${js(issuer)}),`,
      `  ${js(client.client_id)},`,
      ...(metadata.length || certificate
        ? ['  {', ...metadata, ...when(certificate, '    use_mtls_endpoint_aliases: true,'), '  },']
        : ['  undefined,']),
      `  ${authentication[method] ?? 'client.None()'},`,
      ...when(
        execute.length || certificate,
        '  {',
        ...when(isPlain(facts), '    // Without TLS: on your own computer alone.'),
        ...when(execute.length, `    execute: [${execute.join(', ')}],`),
        ...when(
          certificate,
          '    [client.customFetch]: (url, options) => fetch(url, { ...options, dispatcher }),',
        ),
        '  },',
      ),
      ');',
      ...when(
        client.dpop_bound_access_tokens,
        'const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair());',
      ),
    ],
    /** What calls that obtain tokens take last. */
    bound: client.dpop_bound_access_tokens ? ', undefined, { DPoP }' : '',
  };
}
