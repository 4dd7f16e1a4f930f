import type { Case, Reason, Row } from './reason.ts';
import { nearest, withoutSecrets } from './redirect-uri.ts';

type UriParameter = 'redirect_uri' | 'post_logout_redirect_uri';

const uris = ({ client }: Case, parameter: UriParameter): string[] =>
  client?.metadata[`${parameter}s`] ?? [];

/** Registered URIs that are told of. */
const TOLD = 10;

/** The sent URI beside the registered ones, the nearest first. */
function besideRegistered(about: Case, parameter: UriParameter): Partial<Reason> {
  const sent = about.seen.params[parameter];
  const registered = uris(about, parameter);
  const near = sent === undefined ? undefined : nearest(sent, registered);
  const first = near ? [near.uri, ...registered.filter((uri) => uri !== near.uri)] : registered;
  return {
    about: `${parameter}s`,
    ...(sent !== undefined && { sent: withoutSecrets(sent) }),
    registered: first.slice(0, TOLD),
    ...(first.length > TOLD && { more: first.length - TOLD }),
    ...(near && { differs: near.differs }),
  };
}

/** The three ways in which a URI is none of the registered ones. */
const mismatch = (parameter: UriParameter, when: RegExp): Row[] => {
  const near = (about: Case) => {
    const sent = about.seen.params[parameter];
    return sent === undefined ? undefined : nearest(sent, uris(about, parameter));
  };
  const shared = { when, fix: uriFix, values: (about: Case) => besideRegistered(about, parameter) };
  return [
    {
      ...shared,
      code: parameter,
      case: `${parameter}_none`,
      and: (about) => about.client !== undefined && uris(about, parameter).length === 0,
      detail: `The client has no ${parameter} registered.`,
    },
    {
      ...shared,
      code: parameter,
      and: (about) => near(about) !== undefined,
      detail: `The ${parameter} is none of the registered ones; the nearest differs in {parts}.`,
      with: (about) => ({ parts: near(about)?.differs.join(', ') ?? '' }),
    },
    {
      ...shared,
      code: parameter,
      case: `${parameter}_unsent`,
      detail: `The ${parameter} is none of the registered ones.`,
    },
  ];
};

const uriFix =
  'Send a registered one, to the letter: they are compared as strings. Or register the sent one, if it is yours.';

/** A parameter whose value is not one of a registered list. */
const beside =
  (parameter: string, property: 'response_types' | 'grant_types' | 'scope') =>
  ({ seen, client }: Case): Partial<Reason> => {
    const sent = parameter === 'scope' ? (seen.scope ?? seen.params.scope) : seen.params[parameter];
    const registered = client?.metadata[property];
    return {
      about: property,
      ...(sent && { sent }),
      ...(registered && { registered: [registered].flat() }),
    };
  };

const challengeFix =
  'Keep one verifier for each sign-in, where only that sign-in finds it; two tabs or two servers that overwrite each other’s are what it mostly is. The challenge is BASE64URL(SHA-256(verifier)) with the method S256.';

/** The engine's words. */
const described = ({ seen }: Case) => ({ words: seen.error_description ?? '' });

const challenge = ({ seen }: Case) => ({
  about: 'code_challenge_method',
  sent: seen.params.code_challenge_method ?? 'none',
  registered: ['S256'],
});

/** What a client asks for. */
export const requestReasons: readonly Row[] = [
  {
    code: 'missing_parameter',
    when: /missing required parameter/,
    detail: 'The request is incomplete: {words}.',
    fix: 'Add what is missing.',
    with: described,
  },
  ...mismatch('redirect_uri', /redirect_uri did not match/),
  ...mismatch('post_logout_redirect_uri', /post_logout_redirect_uri not registered/),
  {
    code: 'redirect_uri_changed',
    when: /authorization code redirect_uri mismatch/,
    detail: 'The token request names another redirect_uri than the authorization request did.',
    fix: 'Send the same redirect_uri in both, to the letter (RFC 6749, section 4.1.3).',
    values: (about) => besideRegistered(about, 'redirect_uri'),
  },
  {
    code: 'pkce_missing',
    when: /policy requires PKCE/,
    detail: 'The request has no code_challenge, and this client must use PKCE.',
    fix: 'Turn PKCE with S256 on in the application’s library (RFC 7636).',
    values: challenge,
  },
  {
    code: 'pkce_challenge',
    when: /code_challenge/,
    and: ({ seen }) => !/verifier/.test(seen.detail ?? ''),
    detail: 'The code challenge was not accepted: {words}.',
    fix: challengeFix,
    with: described,
    values: challenge,
  },
  {
    code: 'pkce_challenge',
    case: 'pkce_verifier_wrong',
    when: /code_challenge/,
    detail: 'The code_verifier is not the one that the code_challenge was made from.',
    fix: challengeFix,
    values: challenge,
  },
  {
    code: 'pkce_verifier',
    when: /code_verifier/,
    detail: 'The code_verifier was not accepted: {words}.',
    fix: 'Send with the code the code_verifier (43 to 128 characters) that the code_challenge was made from.',
    with: ({ seen }) => ({ words: seen.detail ?? seen.error_description ?? '' }),
    values: () => ({ about: 'code_verifier' }),
  },
  {
    code: 'scope',
    when: /requested scope is not allowed|missing requested scope/,
    detail: 'The client may not ask for the scope {scope}.',
    with: ({ seen }) => ({ scope: JSON.stringify(seen.scope ?? '') }),
    fix: 'Leave it out of the request, or add it to what the client may ask for.',
    values: beside('scope', 'scope'),
  },
  {
    code: 'scope_openid',
    when: /openid scope must be requested/,
    detail: 'The scope lacks openid: {words}.',
    with: described,
    fix: 'Add openid to the scope of the request.',
    values: beside('scope', 'scope'),
  },
  {
    code: 'response_type',
    when: /response_type/,
    detail: 'The client is not registered for this response_type.',
    fix: 'Ask for a registered one; code is right for new applications.',
    values: beside('response_type', 'response_types'),
  },
  {
    code: 'grant_type',
    when: /grant[ _]type|grant-type\S* is not allowed|^\w+: \S+ is not allowed for this client/,
    detail: 'The client is not registered for this grant.',
    fix: 'Add the grant to the client, or ask for a token with one that it has.',
    values: beside('grant_type', 'grant_types'),
  },
  {
    code: 'pushed_request',
    when: /Pushed Authorization Request must be used/,
    detail: 'The client, or its security profile, must push its requests.',
    fix: 'Send the parameters to the pushed authorization request endpoint first (RFC 9126).',
    values: ({ client }) => ({
      about: 'require_pushed_authorization_requests',
      ...(client?.metadata.fapi_profile && { registered: [client.metadata.fapi_profile] }),
    }),
  },
  {
    code: 'request_object',
    when: /^invalid_request_object|Request Object/,
    detail: 'The request object was not accepted: {words}.',
    with: ({ seen }) => ({
      words: [seen.error_description, seen.detail].filter(Boolean).join(': '),
    }),
    fix: 'Sign it with a registered key and algorithm; iss is the client_id, aud this server’s issuer, exp and nbf as the profile says (RFC 9101, section 6).',
  },
];
