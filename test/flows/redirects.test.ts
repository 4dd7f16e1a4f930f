import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createAgent, leftFor, wordsOf } from '../support/agent.ts';
import { CALLBACK, type Fields, formOf, type Op, startOp, type TestClient } from '../support/op.ts';
import { authorizeUrl, obtainTokens, pkce, postAs } from './requests.ts';

let op: Op;
let client: TestClient;
beforeAll(async () => {
  op = await startOp();
  client = await op.createClient({ client_name: 'The Shop' });
});
afterAll(() => op?.close());

const strangers: [what: string, uri: string][] = [
  ['another host', 'https://evil.example/callback'],
  ['a host that begins like it', 'https://rp.example.evil.example/callback'],
  ['a host that ends like it', 'https://evil-rp.example/callback'],
  ['only a prefix of it', 'https://rp.example/call'],
  ['a longer path', `${CALLBACK}/more`],
  ['a trailing slash', `${CALLBACK}/`],
  ['a path that climbs', `${CALLBACK}/../evil`],
  ['an encoded path that climbs', `${CALLBACK}/%2e%2e/evil`],
  ['a path parameter', `${CALLBACK};x=1`],
  ['another port', 'https://rp.example:8443/callback'],
  ['its own port spelled out', 'https://rp.example:443/callback'],
  ['another scheme', 'http://rp.example/callback'],
  ['an added query', `${CALLBACK}?next=https://evil.example`],
  ['a bare question mark', `${CALLBACK}?`],
  ['a fragment', `${CALLBACK}#x`],
  ['a user before the host', 'https://rp.example@evil.example/callback'],
  ['a user and its own host', 'https://user@rp.example/callback'],
  ['a host behind a user with a port', 'http://localhost:80@evil.example/'],
  ['another letter case of the path', 'https://rp.example/Callback'],
  ['another letter case of the host', 'https://RP.example/callback'],
  ['back-slashes', 'https:\\\\rp.example\\callback'],
  ['a back-slash in the host', 'https://evil.example\\@rp.example/callback'],
  ['a leading space', ` ${CALLBACK}`],
  ['a line feed', `${CALLBACK}\n`],
  ['a tab in it', 'https://rp.example/call\tback'],
  ['no scheme', '//rp.example/callback'],
  ['javascript:', 'javascript:alert(1)//https://rp.example/callback'],
  ['JavaScript: in mixed case', 'JaVaScRiPt:alert(1)'],
  ['data:', 'data:text/html,<script>alert(1)</script>'],
  ['vbscript:', 'vbscript:msgbox(1)'],
  ['intent:', 'intent://rp.example/callback#Intent;end'],
  ['a wildcard', 'https://*.example/callback'],
];

describe('a redirect URI that is not registered', () => {
  test.each(strangers)('– %s – is told to the person and to nobody else', async (_, uri) => {
    const agent = createAgent(op.issuer);
    for (const more of [{}, { prompt: 'none' }, { response_type: 'id_token' }, { scope: 'x y' }]) {
      const url = authorizeUrl(op, client, { redirect_uri: uri, ...more });
      const response = await agent.request(url);
      expect(response.status).toBe(400);
      expect(response.headers.get('location')).toBeNull();
      expect(response.headers.get('refresh')).toBeNull();
      const html = await response.text();
      expect(html).toContain('Unknown return address');
      expect(html).not.toContain('evil.example');
      expect(html).not.toContain('alert(1)');
    }
  });

  test.each(strangers)('– %s – cannot be pushed either', async (_, uri) => {
    const { status, body } = await postAs(op, client, '/par', {
      response_type: 'code',
      redirect_uri: uri,
      scope: 'openid',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
    });
    expect(status).toBe(400);
    expect(body).not.toHaveProperty('request_uri');
  });

  test('beside the registered one leads at most to that, with an error', async () => {
    const url = `${authorizeUrl(op, client)}&redirect_uri=https%3A%2F%2Fevil.example%2F`;
    const left = leftFor(await createAgent(op.issuer).visit(url));
    expect(left.origin + left.pathname).toBe(CALLBACK);
    expect(left.searchParams.get('error')).toBe('invalid_request');
  });

  test('is refused when it is missing', async () => {
    const url = authorizeUrl(op, client, { redirect_uri: undefined });
    const page = await createAgent(op.issuer).visit(url);
    expect(page.left?.origin ?? 'https://rp.example').toBe('https://rp.example');
  });
});

test('only the port of a native client’s loopback address may vary', async () => {
  const native = await op.createClient({
    type: 'native',
    redirect_uris: ['http://127.0.0.1/callback', 'com.example.app:/callback'],
  });
  const visit = (uri: string) =>
    createAgent(op.issuer).request(authorizeUrl(op, native, { redirect_uri: uri }));
  expect((await visit('http://127.0.0.1:49152/callback')).status).toBe(303);
  expect((await visit('com.example.app:/callback')).status).toBe(303);
  for (const uri of [
    'http://127.0.0.1:49152/other',
    'http://127.0.0.1:49152/callback?x=1',
    'http://127.0.0.2:49152/callback',
    'http://localhost:49152/callback',
    'https://127.0.0.1:49152/callback',
    'http://user@127.0.0.1:49152/callback',
    'com.example.app:/other',
    'com.example.app://callback',
  ]) {
    const response = await visit(uri);
    expect([uri, response.status]).toEqual([uri, 400]);
    expect(response.headers.get('location')).toBeNull();
  }
});

test('the port of a web client’s loopback address may not vary', async () => {
  const web = await op.createClient({ redirect_uris: ['http://localhost:8080/callback'] });
  const url = authorizeUrl(op, web, { redirect_uri: 'http://localhost:8081/callback' });
  expect((await createAgent(op.issuer).request(url)).status).toBe(400);
});

describe('an unknown client', () => {
  test.each(['nobody', '', '__proto__', '{"$ne":null}', 'x'.repeat(5000)])(
    'such as %.20s gets a page that leads nowhere',
    async (client_id) => {
      const page = await createAgent(op.issuer).visit(authorizeUrl(op, { client_id }));
      expect(page.left).toBeUndefined();
      expect(page.status).toBe(400);
    },
  );

  test('in array notation is none at all', async () => {
    const url = authorizeUrl(op, client).replace('client_id=', 'client_id[$ne]=');
    const page = await createAgent(op.issuer).visit(url);
    expect([page.left, page.status]).toEqual([undefined, 400]);
  });
});

const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A request object (RFC 9101, section 4), signed with the key if there is one. */
function requestObject(header: object, claims: object, key?: string): string {
  const signed = `${segment(header)}.${segment(claims)}`;
  const mac = key && createHmac('sha256', key).update(signed).digest('base64url');
  return `${signed}.${mac ?? ''}`;
}

describe('what is wrong with a request is told to the registered address', () => {
  const mistakes: [what: string, fields: Fields, error: RegExp][] = [
    [
      'a response type that is not registered',
      { response_type: 'id_token', nonce: 'n' },
      /^invalid_request$|^unauthorized_client$/,
    ],
    ['an unknown response type', { response_type: 'everything' }, /^unsupported_response_type$/],
    [
      'an unknown response mode',
      { response_mode: 'carrier_pigeon' },
      /^unsupported_response_mode$/,
    ],
    [
      'the response mode query with an ID token',
      { response_mode: 'query', response_type: 'id_token', nonce: 'n' },
      /^invalid_request$/,
    ],
    ['an unknown prompt', { prompt: 'dance' }, /^invalid_request$/],
    ['prompt none with another', { prompt: 'none login' }, /^invalid_request$/],
    ['a negative maximum age', { max_age: '-1' }, /^invalid_request$/],
    ['a request object that says nothing', { request: 'e30.e30.' }, /^invalid_request_object$/],
    [
      'a request object that nobody signed',
      { request: requestObject({ alg: 'none' }, {}) },
      /^invalid_request_object$/,
    ],
    [
      'a request object that a stranger signed',
      { request: requestObject({ alg: 'HS256' }, {}, 'a key of their own') },
      /^invalid_request_object$/,
    ],
    [
      'a request object that names another by its address',
      {
        request: requestObject({ alg: 'none' }, { request_uri: 'https://evil.example/request' }),
      },
      /^invalid_request_object$/,
    ],
    [
      'an address of a request object',
      { request_uri: 'https://evil.example/request' },
      /^request_uri_not_supported$|^invalid_request_uri$/,
    ],
    [
      'a resource that it has no access to',
      { resource: 'https://api.example/none' },
      /^invalid_target$/,
    ],
    ['no scope', { scope: undefined }, /^invalid_scope$/],
    ['no scope that there is', { scope: 'everything' }, /^invalid_scope$/],
    ['nobody signed in', { prompt: 'none' }, /^login_required$/],
  ];
  test.each(mistakes)('– %s – with state and issuer', async (_, fields, error) => {
    const left = leftFor(await createAgent(op.issuer).visit(authorizeUrl(op, client, fields)));
    expect(left.origin + left.pathname).toBe(CALLBACK);
    const answer = left.hash ? new URLSearchParams(left.hash.slice(1)) : left.searchParams;
    expect(answer.get('error')).toMatch(error);
    expect(answer.get('state')).toBe('some-state');
    expect(answer.get('iss')).toBe(op.issuer);
    expect(answer.get('code')).toBeNull();
  });

  test('a state with markup and line feeds comes back as it was', async () => {
    const state = '"><script>alert(1)</script>\r\nSet-Cookie: a=b';
    const left = leftFor(
      await createAgent(op.issuer).visit(authorizeUrl(op, client, { state, prompt: 'none' })),
    );
    expect(left.searchParams.get('state')).toBe(state);
  });
});

test.each([
  ['nobody signed', { alg: 'none' }, undefined],
  ['a stranger signed', { alg: 'HS256' }, 'a key of their own'],
])('a request object that %s moves nothing to another address', async (_, header, key) => {
  const claims = { redirect_uri: 'https://evil.example/callback', state: 'theirs' };
  const request = requestObject(header, { ...claims, client_id: client.client_id }, key);
  for (const fields of [{ request }, { request, redirect_uri: undefined }]) {
    const { left } = await createAgent(op.issuer).visit(authorizeUrl(op, client, fields));
    expect(left?.origin ?? 'https://rp.example').toBe('https://rp.example');
  }
  const { status, body } = await postAs(op, client, '/par', { request });
  expect([status, body.error]).toEqual([400, 'invalid_request_object']);
});

test('nothing is fetched to read a request from where the client did not say (abuse case 6)', async () => {
  let asked = 0;
  const elsewhere = createServer((_, response) => {
    asked += 1;
    response.end(requestObject({ alg: 'none' }, {}));
  });
  await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
  const { port } = elsewhere.address() as AddressInfo;
  const request_uri = `http://127.0.0.1:${port}/request`;
  try {
    const publisher = await op.createClient({ request_uris: ['https://rp.example/request'] });
    for (const [one, error] of [
      [client, 'request_uri_not_supported'],
      [publisher, 'invalid_request_uri'],
    ] as const) {
      const url = authorizeUrl(op, one, { request_uri });
      const left = leftFor(await createAgent(op.issuer).visit(url));
      expect(left.searchParams.get('error')).toBe(error);
    }
    const { status } = await postAs(op, client, '/par', {
      response_type: 'code',
      redirect_uri: CALLBACK,
      request_uri,
    });
    expect(status).toBe(400);
    expect(asked).toBe(0);
  } finally {
    elsewhere.close();
  }
});

// RFC 6749, section 5.2.
const notAllowed = 'unauthorized_client';

describe('a grant that is not registered is refused', () => {
  test('refresh, to a client without it', async () => {
    const plain = await op.createClient({ grant_types: ['authorization_code'] });
    const { status, body } = await postAs(op, plain, '/token', {
      grant_type: 'refresh_token',
      refresh_token: 'x'.repeat(43),
    });
    expect([status, body.error]).toEqual([400, notAllowed]);
  });

  test('client credentials, to a web client', async () => {
    const { status, body } = await postAs(op, client, '/token', {
      grant_type: 'client_credentials',
    });
    expect([status, body.error]).toEqual([400, notAllowed]);
  });

  test('code, to a server-to-server client', async () => {
    const machine = await op.createClient({ type: 'server-to-server' });
    const { status, body } = await postAs(op, machine, '/token', {
      grant_type: 'authorization_code',
      code: 'x'.repeat(43),
      redirect_uri: CALLBACK,
    });
    expect([status, body.error]).toEqual([400, notAllowed]);
    const page = await createAgent(op.issuer).visit(authorizeUrl(op, machine));
    expect([page.status, page.left]).toEqual([400, undefined]);
  });

  test.each([
    'password',
    'implicit',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    '__proto__',
    'constructor',
  ])('%s, to everyone', async (grant_type) => {
    const { status, body } = await postAs(op, client, '/token', { grant_type, username: 'a' });
    expect(status).toBe(400);
    expect(['unsupported_grant_type', 'unauthorized_client']).toContain(body.error);
  });
});

test('a client without refresh_token gets no refresh token', async () => {
  const plain = await op.createClient({ grant_types: ['authorization_code'] });
  const person = await op.createAccount();
  const tokens = await obtainTokens(op, plain, person, {
    scope: 'openid offline_access',
    prompt: 'consent',
  });
  expect(tokens).not.toHaveProperty('refresh_token');
});

test('the page of a refused request names the client and no detail', async () => {
  const url = authorizeUrl(op, client, { redirect_uri: 'https://evil.example/' });
  const page = await createAgent(op.issuer).visit(url);
  const id = page.headers.get('x-correlation-id') ?? '';
  expect(wordsOf(page)).toContain(id);
  expect(op.logs.some((line) => line.id === id && line.error === 'invalid_redirect_uri')).toBe(
    true,
  );
});

describe('a posted authorization request', () => {
  const post = (body: URLSearchParams | string, type = 'application/x-www-form-urlencoded') =>
    fetch(`${op.issuer}/authorize`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': type, origin: 'https://rp.example' },
      body,
    });

  test('is the request that it would be in the address, for whoever is signed in too', async () => {
    const client = await op.createClient();
    const account = await op.createAccount();
    const agent = createAgent(op.issuer);
    const asked = new URL(authorizeUrl(op, client));
    await agent.authorize(asked, account);
    const answer = await post(asked.searchParams);
    expect(answer.status).toBe(303);
    const location = new URL(answer.headers.get('location') ?? '', op.issuer);
    expect(location.origin).toBe(op.issuer);
    expect(Object.fromEntries(location.searchParams)).toEqual(
      Object.fromEntries(asked.searchParams),
    );
    expect(leftFor(await agent.visit(location)).searchParams.get('code')).toBeTruthy();
  });

  test('leads nowhere else, and is refused when it is no form or too large', async () => {
    const hostile = await post('//evil.example/?x=\r\nX: y');
    expect(new URL(hostile.headers.get('location') ?? '', op.issuer).origin).toBe(op.issuer);
    expect((await post('{}', 'application/json')).status).toBe(415);
    expect((await post(`state=${'x'.repeat(20_000)}`)).status).toBe(413);
  });
});

test('every redirect is a 303, so that no browser posts a password on (RFC 9700, section 4.12)', async () => {
  const seen: number[] = [];
  const { fetch: before } = globalThis;
  const spy = jest.spyOn(globalThis, 'fetch').mockImplementation(async (...request) => {
    const response = await before(...request);
    if (response.status >= 300 && response.status < 400) seen.push(response.status);
    return response;
  });
  try {
    const account = await op.createAccount();
    const third = await op.createClient({
      first_party: false,
      post_logout_redirect_uris: ['https://rp.example/out'],
    });
    for (const fields of [{}, { prompt: 'login consent' }, { response_type: 'everything' }]) {
      const agent = createAgent(op.issuer);
      await agent.authorize(authorizeUrl(op, third, fields), account);
      const query = formOf({
        client_id: third.client_id,
        post_logout_redirect_uri: 'https://rp.example/out',
      });
      await agent.submit(await agent.visit(`${op.issuer}/logout?${query}`), { logout: 'yes' });
    }
  } finally {
    spy.mockRestore();
  }
  expect(seen.length).toBeGreaterThan(10);
  expect(new Set(seen)).toEqual(new Set([303]));
});
