import { type Facts, js, SCOPE, type Writer, when } from './facts.ts';
import { nodeSetup } from './node-setup.ts';

const sample = (lines: readonly string[]) => ({
  name: 'Node',
  files: [{ label: 'app.mjs', lines }],
});

/** The address to send a person to, as `to`; `checks` is what to look at when they come back. */
function request({ client }: Facts, redirectUri: string): readonly string[] {
  const { require_signed_request_object: signed, require_pushed_authorization_requests: pushed } =
    client;
  const dpop = client.dpop_bound_access_tokens ? ', { DPoP }' : '';
  return [
    'const checks = {',
    '  pkceCodeVerifier: client.randomPKCECodeVerifier(),',
    '  expectedState: client.randomState(),',
    '  expectedNonce: client.randomNonce(),',
    '};',
    `${signed || pushed ? 'let' : 'const'} to = ${signed ? 'await client.buildAuthorizationUrlWithJAR' : 'client.buildAuthorizationUrl'}(config, {`,
    `  redirect_uri: ${redirectUri},`,
    `  scope: '${SCOPE}',`,
    '  code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),',
    "  code_challenge_method: 'S256',",
    '  state: checks.expectedState,',
    '  nonce: checks.expectedNonce,',
    `}${signed ? ', key' : ''});`,
    ...when(
      pushed,
      `to = await client.buildAuthorizationUrlWithPAR(config, to.searchParams${dpop});`,
    ),
  ];
}

const indent = (depth: number, lines: readonly string[]) =>
  lines.map((line) => ' '.repeat(depth) + line);

/** A server of one's own that signs people in. */
export const nodeWeb: Writer = (facts) => {
  const secure = facts.redirectUri.startsWith('https:') ? '; Secure' : '';
  const { install, imports, config, bound } = nodeSetup(facts);
  return sample([
    ...install,
    "import { createServer } from 'node:http';",
    ...imports,
    '',
    ...config,
    `const redirectUri = new URL(${js(facts.redirectUri)});`,
    '// What each browser is in the middle of, by its cookie. Yours: the session.',
    'const signIns = new Map();',
    '',
    'async function answer(request, response) {',
    '  const url = new URL(request.url, redirectUri);',
    "  if (url.pathname === '/sign-in') {",
    ...indent(4, request(facts, 'redirectUri.href')),
    '    const id = client.randomState();',
    '    signIns.set(id, checks);',
    `    response.setHeader('set-cookie', \`sign-in=\${id}; Path=/; HttpOnly; SameSite=Lax${secure}\`);`,
    '    response.writeHead(303, { location: to.href }).end();',
    '  } else if (url.pathname === redirectUri.pathname) {',
    "    const [, id] = /sign-in=([\\w-]+)/.exec(request.headers.cookie ?? '') ?? [];",
    '    const checks = signIns.get(id);',
    "    if (!checks) throw new Error('this browser began no sign-in');",
    '    signIns.delete(id);',
    `    const tokens = await client.authorizationCodeGrant(config, url, checks${bound});`,
    "    response.setHeader('content-type', 'application/json');",
    '    response.end(JSON.stringify(tokens.claims())); // who it is: sub',
    '  } else {',
    '    response.writeHead(404).end();',
    '  }',
    '}',
    '',
    '// Open /sign-in to begin.',
    'createServer((request, response) => {',
    '  answer(request, response).catch((error) => {',
    '    console.error(error);',
    "    response.writeHead(400).end('The sign-in did not succeed.');",
    '  });',
    '}).listen(redirectUri.port || 3000);',
  ]);
};

/** A program on somebody's computer: the system's browser, and a port of loopback (RFC 8252, 7.3). */
export const nodeNative: Writer = (facts) => {
  const { install, imports, config, bound } = nodeSetup(facts);
  const { hostname, pathname, port } = new URL(facts.redirectUri);
  return sample([
    ...install,
    "import { once } from 'node:events';",
    "import { createServer } from 'node:http';",
    ...imports,
    '',
    ...config,
    ...when(!port, '// Any free port will do: the server does not compare it.'),
    `const listener = createServer().listen(${port || 0}, ${js(hostname.replaceAll(/[[\]]/g, ''))});`,
    "await once(listener, 'listening');",
    `const redirectUri = \`http://${hostname}:\${listener.address().port}${pathname.replaceAll(/[\\`$]/g, '\\$&')}\`;`,
    '',
    ...request(facts, 'redirectUri'),
    `console.log(\`Open \${to.href}\`);`,
    '',
    "const [comesBack, response] = await once(listener, 'request');",
    "response.end('You can close this window.');",
    'listener.close();',
    'const callback = new URL(comesBack.url, redirectUri);',
    `const tokens = await client.authorizationCodeGrant(config, callback, checks${bound});`,
    'console.log(tokens.claims()); // who it is: sub',
  ]);
};

export const nodeService: Writer = (facts) => {
  const { install, imports, config, bound } = nodeSetup(facts);
  const { target } = facts;
  const dpop = bound ? ', { DPoP }' : '';
  return sample([
    ...install,
    ...imports,
    '',
    ...config,
    ...(target
      ? [
          'const tokens = await client.clientCredentialsGrant(config, {',
          `  resource: ${js(target.identifier)},`,
          ...when(target.scopes.length, `  scope: ${js(target.scopes.join(' '))},`),
          `}${dpop});`,
        ]
      : [`const tokens = await client.clientCredentialsGrant(config${dpop && ', {}'}${dpop});`]),
    '// Keep it until shortly before expires_in seconds have passed, then ask for the next.',
    'console.log(tokens.access_token);',
  ]);
};

export const nodeDevice: Writer = (facts) => {
  const { install, imports, config } = nodeSetup(facts);
  return sample([
    ...install,
    ...imports,
    '',
    ...config,
    `const asked = await client.initiateDeviceAuthorization(config, { scope: '${SCOPE}' });`,
    `console.log(\`Open \${asked.verification_uri} and enter \${asked.user_code}\`);`,
    '',
    '// Waits until the person has decided.',
    'const tokens = await client.pollDeviceAuthorizationGrant(config, asked);',
    'console.log(tokens.claims()); // who it is: sub',
  ]);
};
