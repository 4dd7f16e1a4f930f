import { DEVICE_CODE } from '../../../clients/values.ts';
import { SCOPE, sh, type Writer, when } from './facts.ts';

const sample = (lines: readonly string[]) => ({ name: 'curl', files: [{ label: 'sh', lines }] });

export const curlService: Writer = ({ issuer, client, target }) =>
  sample([
    '# In the environment: CLIENT_SECRET',
    `curl --fail-with-body -sS ${sh(`${issuer}/token`)} \\`,
    `  -u ${sh(client.client_id)}:"$CLIENT_SECRET" \\`,
    ...when(target, `  --data-urlencode ${sh(`resource=${target?.identifier}`)} \\`),
    ...when(
      target?.scopes.length,
      `  --data-urlencode ${sh(`scope=${target?.scopes.join(' ')}`)} \\`,
    ),
    '  -d grant_type=client_credentials',
  ]);

/** Every step of the flow by hand, to see it work. */
export const curlWeb: Writer = ({ issuer, client, redirectUri }) => {
  const query = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: SCOPE,
  });
  return sample([
    '# In the environment: CLIENT_SECRET',
    'verifier=$(openssl rand -hex 32)',
    'state=$(openssl rand -hex 16)',
    'challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary |',
    "  openssl base64 -A | tr '+/' '-_' | tr -d '=')",
    "echo 'Open this address in a browser:'",
    `echo ${sh(`${issuer}/authorize?${query}`)}"&state=$state&code_challenge=$challenge&code_challenge_method=S256"`,
    '',
    "echo 'The address that the browser came back to:'",
    'read -r back',
    'case "$back" in *"state=$state"*) ;; *) echo "another state" >&2; exit 1 ;; esac',
    'code=$(printf %s "$back" | sed -n \'s/.*[?&]code=\\([^&]*\\).*/\\1/p\')',
    '',
    `curl --fail-with-body -sS ${sh(`${issuer}/token`)} \\`,
    `  -u ${sh(client.client_id)}:"$CLIENT_SECRET" \\`,
    '  -d grant_type=authorization_code \\',
    '  -d code="$code" \\',
    '  -d code_verifier="$verifier" \\',
    `  --data-urlencode ${sh(`redirect_uri=${redirectUri}`)}`,
  ]);
};

export const curlDevice: Writer = ({ issuer, client }) =>
  sample([
    '# 1. Ask for a code, and show the person user_code and verification_uri.',
    `curl --fail-with-body -sS ${sh(`${issuer}/device/authorize`)} \\`,
    `  --data-urlencode ${sh(`client_id=${client.client_id}`)} \\`,
    `  --data-urlencode ${sh(`scope=${SCOPE}`)}`,
    '',
    '# 2. In DEVICE_CODE: the device_code of that answer. Repeat every 5 seconds while the answer',
    '#    is authorization_pending.',
    `curl -sS ${sh(`${issuer}/token`)} \\`,
    `  --data-urlencode ${sh(`client_id=${client.client_id}`)} \\`,
    `  --data-urlencode ${sh(`grant_type=${DEVICE_CODE}`)} \\`,
    '  -d device_code="$DEVICE_CODE"',
  ]);
