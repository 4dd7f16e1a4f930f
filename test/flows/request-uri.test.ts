/** Request objects by reference: what the client publishes under a registered `request_uri`. */
import { hash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import { type Listening, listen } from '../../src/listen.ts';
import { createAgent, leftFor } from '../support/agent.ts';
import { makeKeys } from '../support/keys.ts';
import {
  CALLBACK,
  type Fields,
  formOf,
  type Op,
  startOp,
  type TestAccount,
  type TestClient,
} from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { authorizeUrl, pkce, redeem } from './requests.ts';

const keys = await makeKeys('ES256');
let op: Op;
let account: TestAccount;
let client: TestClient;
/** Where the relying party publishes its requests. */
let place: Listening;
let origin: string;
let answer: RequestListener;
/** Paths that were asked for. */
let asked: string[];

beforeAll(async () => {
  place = await listen({ host: '127.0.0.1', port: 0, trust_proxy: false }, (request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  origin = `http://127.0.0.1:${place.port}`;
  op = await startOp({ fetch: { timeout_ms: 500, max_bytes: 65_536 } });
  account = await op.createAccount();
});
afterAll(async () => {
  await op?.close();
  await place?.stop(0);
});
beforeEach(async () => {
  asked = [];
  // An address of its own for each test: nothing that was kept for another is taken for it.
  client = await op.createClient({ jwks: keys.jwks, request_uris: [`${origin}/request.jwt`] });
});
afterEach(() => {
  answer = (_request, response) => response.writeHead(404).end();
});

const claimsFor = (one: TestClient, more: object = {}) => ({
  iss: one.client_id,
  client_id: one.client_id,
  response_type: 'code',
  redirect_uri: CALLBACK,
  scope: 'openid',
  state: 'in-the-object',
  code_challenge: pkce.challenge,
  code_challenge_method: 'S256',
  ...more,
});
const sign = (claims: object, key = keys.privateKey) =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: keys.kid })
    .setIssuedAt()
    .setExpirationTime('1 minute')
    .setAudience(op.issuer)
    .sign(key);
const publish = (content: string, type = 'application/oauth-authz-req+jwt') => {
  answer = (_request, response) => response.writeHead(200, { 'content-type': type }).end(content);
};
const fragmentOf = (content: string) => hash('sha256', content, 'base64url');

const address = (request_uri: string, more: Fields = {}, one = client) =>
  `${op.issuer}/authorize?${formOf({ client_id: one.client_id, request_uri, ...more })}`;
const authorize = (request_uri = `${origin}/request.jwt`, more: Fields = {}, one = client) =>
  createAgent(op.issuer).authorize(address(request_uri, more, one), account);
/** The error that the client is told. */
const told = async (request_uri?: string, more: Fields = {}, one = client) => {
  const left = leftFor(await authorize(request_uri, { redirect_uri: CALLBACK, ...more }, one));
  expect(left.origin + left.pathname).toBe(CALLBACK);
  return Object.fromEntries(left.searchParams);
};

describe('a request by reference', () => {
  test('signs a person in, for a relying party that knows the issuer alone', async () => {
    publish(await sign(claimsFor(client, { nonce: 'a-nonce' })));
    const left = leftFor(await authorize());
    const rp = await createRp(op.issuer, client);
    const tokens = await openid.authorizationCodeGrant(rp.config, left, {
      pkceCodeVerifier: pkce.verifier,
      expectedState: 'in-the-object',
      expectedNonce: 'a-nonce',
      idTokenExpected: true,
    });
    expect(tokens.claims()).toMatchObject({ sub: account.id, nonce: 'a-nonce' });
    expect(asked).toEqual(['/request.jwt']);
  });

  test('may be posted', async () => {
    publish(`\n${await sign(claimsFor(client))}\n`, 'text/plain');
    const agent = createAgent(op.issuer);
    const response = await agent.request(`${op.issuer}/authorize`, {
      method: 'POST',
      body: formOf({ client_id: client.client_id, request_uri: `${origin}/request.jwt` }),
    });
    expect(response.status).toBe(303);
    const next = new URL(response.headers.get('location') ?? '', op.issuer);
    expect(leftFor(await agent.authorize(next, account)).searchParams.get('code')).toBeTruthy();
  });

  test('says everything: what stands beside it counts for nothing', async () => {
    publish(await sign(claimsFor(client)));
    const left = leftFor(await authorize(undefined, { state: 'outside', scope: 'openid email' }));
    expect(left.searchParams.get('state')).toBe('in-the-object');
    const { body } = await redeem(op, client, left.searchParams.get('code') ?? '');
    expect(body.scope).toBe('openid');
  });

  test('does for a client that must sign its requests', async () => {
    const signer = await op.createClient({
      jwks: keys.jwks,
      require_signed_request_object: true,
      request_uris: [`${origin}/request.jwt`],
    });
    publish(await sign(claimsFor(signer)));
    const left = leftFor(await authorize(undefined, {}, signer));
    expect(left.searchParams.get('code')).toBeTruthy();
  });
});

describe('the hash in the fragment', () => {
  test('is verified, and the content is kept', async () => {
    const content = await sign(claimsFor(client));
    publish(content);
    const uri = `${origin}/request.jwt#${fragmentOf(content)}`;
    for (const _ of [1, 2]) {
      expect(leftFor(await authorize(uri)).searchParams.get('code')).toBeTruthy();
    }
    expect(asked).toHaveLength(1);
  });

  test('of something else is a version like any other, and the content is fetched each time', async () => {
    publish(await sign(claimsFor(client)));
    const uri = `${origin}/request.jwt#${fragmentOf('what was there before')}`;
    for (const _ of [1, 2]) {
      expect(leftFor(await authorize(uri)).searchParams.get('code')).toBeTruthy();
    }
    expect(asked).toHaveLength(2);
  });

  test('that changes means that the content is fetched again', async () => {
    const [first, second] = await Promise.all([
      sign(claimsFor(client, { state: 'first' })),
      sign(claimsFor(client, { state: 'second' })),
    ]);
    for (const [content, state] of [
      [first, 'first'],
      [second, 'second'],
    ] as const) {
      publish(content);
      const left = leftFor(await authorize(`${origin}/request.jwt#${fragmentOf(content)}`));
      expect(left.searchParams.get('state')).toBe(state);
    }
    expect(asked).toHaveLength(2);
  });

  test('is none when it has another form, and without one the content is fetched each time', async () => {
    publish(await sign(claimsFor(client)));
    for (const uri of ['', '#v2', '']) {
      const left = leftFor(await authorize(`${origin}/request.jwt${uri}`));
      expect(left.searchParams.get('code')).toBeTruthy();
    }
    expect(asked).toHaveLength(3);
  });
});

describe('is refused', () => {
  test('when the address is not registered, and nothing is fetched', async () => {
    for (const uri of [
      `${origin}/other.jwt`,
      `${origin}/request.jwt?a=b`,
      `${origin}/request.jwt/`,
      `${origin.replace('127.0.0.1', 'localhost')}/request.jwt`,
      'https://169.254.169.254/latest/meta-data',
      'file:///etc/passwd',
      'urn:example:request',
      ' ',
    ]) {
      expect(await told(uri)).toMatchObject({ error: 'invalid_request_uri' });
    }
    expect(asked).toEqual([]);
  });

  test('from a client without registered addresses', async () => {
    const other = await op.createClient({ jwks: keys.jwks });
    expect(await told(undefined, {}, other)).toMatchObject({
      error: 'request_uri_not_supported',
      error_description: 'the client has no request_uris registered',
    });
    expect(asked).toEqual([]);
  });

  test('from a client that must push its requests', async () => {
    const pushing = await op.createClient({
      jwks: keys.jwks,
      request_uris: [`${origin}/request.jwt`],
      require_pushed_authorization_requests: true,
    });
    expect(await told(undefined, {}, pushing)).toMatchObject({
      error: 'invalid_request',
      error_description: 'Pushed Authorization Request must be used',
    });
    expect(asked).toEqual([]);
  });

  test('beside a request by value, and nothing is fetched', async () => {
    const request = await sign(claimsFor(client));
    expect(await told(undefined, { request })).toMatchObject({
      error: 'invalid_request',
      error_description: 'request and request_uri parameters MUST NOT be used together',
    });
    expect(asked).toEqual([]);
  });

  test('at the endpoint for pushed requests', async () => {
    const { status, body } = await op.post(
      '/par',
      { client_id: client.client_id, request_uri: `${origin}/request.jwt` },
      { basic: [client.client_id, client.client_secret ?? ''] },
    );
    expect({ status, error: body.error }).toEqual({
      status: 400,
      error: 'request_uri_not_supported',
    });
    expect(asked).toEqual([]);
  });

  test('unsigned, signed by somebody else, or of another client', async () => {
    const other = await op.createClient({ jwks: keys.jwks });
    const stranger = await makeKeys('ES256');
    for (const content of [
      new UnsecuredJWT(claimsFor(client)).setAudience(op.issuer).encode(),
      await sign(claimsFor(client), stranger.privateKey),
      await sign(claimsFor(other)),
      'not a JWT',
      '',
    ]) {
      publish(content);
      expect(await told()).toMatchObject({ error: 'invalid_request_object' });
    }
  });

  test('when it refers to another one', async () => {
    publish(await sign(claimsFor(client, { request_uri: `${origin}/request.jwt` })));
    expect(await told()).toMatchObject({ error: 'invalid_request_object' });
    expect(asked).toHaveLength(1);
  });
});

describe('what is there', () => {
  const reasons: readonly (readonly [string, RequestListener, RegExp])[] = [
    ['is not found', (_, response) => response.writeHead(404).end('x'), /answers with status 404/],
    [
      'is a redirect',
      (_, response) => response.writeHead(302, { location: `${origin}/elsewhere` }).end(),
      /answers with status 302/,
    ],
    [
      'is more than is read',
      (_, response) => response.end('x'.repeat(65_537)),
      /answers with more than is read/,
    ],
    ['is larger than a request is', (_, response) => response.end('x'.repeat(60_000)), /more than/],
    ['never ends', (_, response) => void response.write('ey'), /takes too long to answer/],
    ['never begins', () => {}, /takes too long to answer/],
    [
      'is no HTTP',
      (request) => void request.socket.end('hello\r\n\r\n'),
      /does not answer in HTTP/,
    ],
  ];
  test.each(reasons)('%s: the client is told so', async (_, listener, description) => {
    answer = listener;
    const error = await told(undefined, { state: 's' });
    expect(error).toMatchObject({ error: 'invalid_request_uri', state: 's' });
    expect(error.error_description).toMatch(description);
    expect(asked).toEqual(['/request.jwt']);
  });

  test('is asked for once at a time, whatever the fragments', async () => {
    const content = await sign(claimsFor(client));
    const underway = new Set<object>();
    let most = 0;
    answer = (request, response) => {
      underway.add(request);
      most = Math.max(most, underway.size);
      setTimeout(() => {
        underway.delete(request);
        response.end(content);
      }, 300);
    };
    const agent = createAgent(op.issuer);
    const all = Array.from({ length: 20 }, (_, index) =>
      agent.request(address(`${origin}/request.jwt#${index}`)),
    );
    for (const response of await Promise.all(all)) expect(response.status).toBe(303);
    expect(most).toBe(1);
    // Those that came too late for the first one share the next.
    expect(asked.length).toBeLessThan(all.length / 2);
  });

  test('is not asked for inside the network, though an administrator registered it', async () => {
    const guarded = await startOp({ fetch: { allow_loopback: false } });
    try {
      const inside = await guarded.createClient({
        jwks: keys.jwks,
        request_uris: ['https://127.0.0.1/request.jwt', 'https://[::1]/r', 'https://10.0.0.1/r'],
      });
      for (const uri of inside.request_uris as string[]) {
        const url = authorizeUrl(guarded, inside, { request_uri: uri });
        const left = leftFor(await createAgent(guarded.issuer).visit(url));
        expect(left.searchParams.get('error')).toBe('invalid_request_uri');
        expect(left.searchParams.get('error_description')).toMatch(
          /does not lead to the public internet/,
        );
      }
    } finally {
      await guarded.close();
    }
    expect(asked).toEqual([]);
  });
});

describe('an error', () => {
  test('stays on a page when the redirect URI is not the client’s', async () => {
    const page = await authorize(`${origin}/other.jwt`, { redirect_uri: 'https://evil.example/' });
    expect(page.left).toBeUndefined();
    expect(page.status).toBe(400);
  });

  test('stays on a page when there is no such client, and nothing is fetched', async () => {
    const page = await createAgent(op.issuer).visit(
      address(`${origin}/request.jwt`, { client_id: 'nobody', redirect_uri: CALLBACK }),
    );
    expect(page.left).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('is for the log in full', async () => {
    await told();
    const [line] = op.logs.filter(({ msg }) => msg === 'authorization.error').slice(-1);
    expect(line).toMatchObject({ error: 'invalid_request_uri', client_id: client.client_id });
  });
});

test('discovery says that references are taken, and that they must be registered', async () => {
  const { body } = await op.get('/.well-known/openid-configuration');
  expect(body).toMatchObject({
    request_parameter_supported: true,
    request_uri_parameter_supported: true,
    require_request_uri_registration: true,
  });
  expect(body.request_object_signing_alg_values_supported).not.toContain('none');
});

test('a client registers its addresses itself', async () => {
  const open = await startOp({ registration: { mode: 'open' } });
  try {
    const response = await fetch(`${open.issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        redirect_uris: [CALLBACK],
        request_uris: ['https://rp.example/request.jwt#v1'],
      }),
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      request_uris: ['https://rp.example/request.jwt#v1'],
    });
  } finally {
    await open.close();
  }
});
