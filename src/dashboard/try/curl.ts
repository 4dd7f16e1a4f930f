/** The same requests for a terminal: for whoever may only look, and for what no browser can do. */
import { CIBA, DEVICE_CODE, JWT_BEARER, TOKEN_EXCHANGE } from '../../clients/values.ts';
import { sh } from '../wizard/code/facts.ts';
import { allows, type Registered } from './registered.ts';

interface Command {
  /** The grant type or endpoint that it is for. */
  label: string;
  lines: string[];
}

type Fields = Readonly<Record<string, string>>;

const BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** How curl proves who the client is; what is secret stands in the environment. */
function proofLines(client: Registered): string[] {
  const { client_id, token_endpoint_auth_method: method } = client;
  const own = `--data-urlencode ${sh(`client_id=${client_id}`)}`;
  switch (method) {
    case 'client_secret_basic':
      return [`-u ${sh(encodeURIComponent(client_id))}:"$CLIENT_SECRET"`];
    case 'client_secret_post':
      return [own, '--data-urlencode "client_secret=$CLIENT_SECRET"'];
    case 'client_secret_jwt':
    case 'private_key_jwt':
      return [
        own,
        `-d client_assertion_type=${BEARER}`,
        '--data-urlencode "client_assertion=$CLIENT_ASSERTION"',
      ];
    case 'tls_client_auth':
    case 'self_signed_tls_client_auth':
      return [own, '--cert client.pem --key client-key.pem'];
    case 'attest_jwt_client_auth':
      return [
        own,
        '-H "OAuth-Client-Attestation: $ATTESTATION"',
        '-H "OAuth-Client-Attestation-PoP: $ATTESTATION_PROOF"',
      ];
    default:
      return [own];
  }
}

const dataOf = (fields: Fields): string[] =>
  Object.entries(fields).map(([name, value]) =>
    // A variable of the shell stays one.
    value.startsWith('$')
      ? `--data-urlencode "${name}=${value}"`
      : `--data-urlencode ${sh(`${name}=${value}`)}`,
  );

function command(client: Registered, label: string, address: string, fields: Fields): Command {
  const bound =
    client.tls_client_certificate_bound_access_tokens &&
    !/tls_client_auth$/.test(client.token_endpoint_auth_method ?? '');
  const parts = [
    `curl -sS ${sh(address)}`,
    ...proofLines(client),
    ...(bound ? ['--cert client.pem --key client-key.pem'] : []),
    ...(client.dpop_bound_access_tokens ? ['-H "DPoP: $DPOP_PROOF"'] : []),
    ...dataOf(fields),
  ];
  const last = parts.length - 1;
  return {
    label,
    lines: parts.map((part, at) => `${at === 0 ? '' : '  '}${part}${at === last ? '' : ' \\'}`),
  };
}

/** What follows a grant type in a request for tokens. */
const grants: Readonly<Record<string, (client: Registered) => Fields>> = {
  authorization_code: ({ redirect_uris = [] }) => ({
    code: '$CODE',
    code_verifier: '$CODE_VERIFIER',
    redirect_uri: redirect_uris[0] ?? '$REDIRECT_URI',
  }),
  client_credentials: ({ scope }) => (scope ? { scope } : {}),
  [DEVICE_CODE]: () => ({ device_code: '$DEVICE_CODE' }),
  [CIBA]: () => ({ auth_req_id: '$AUTH_REQ_ID' }),
  [TOKEN_EXCHANGE]: () => ({
    subject_token: '$SUBJECT_TOKEN',
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  }),
  [JWT_BEARER]: () => ({ assertion: '$ASSERTION' }),
};

/** One command for each grant of the client. @param only grants of these types; absent: all */
export function commandsOf(
  issuer: string,
  client: Registered,
  only: readonly string[] = Object.keys(grants),
): Command[] {
  return only.flatMap((grant) => {
    const more = grants[grant];
    if (!more || !allows(client, grant)) return [];
    const fields = { grant_type: grant, ...more(client) };
    return [command(client, grant, `${issuer}/token`, fields)];
  });
}

/** Grants that begin with a token of somebody else, which a try has none of. */
export const withoutTry: readonly string[] = [TOKEN_EXCHANGE, JWT_BEARER];
