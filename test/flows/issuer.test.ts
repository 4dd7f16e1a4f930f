import http from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAgent, formsOf } from '../support/agent.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import { authorizeUrl } from './requests.ts';

let op: Op;
let client: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp({ http: { trust_proxy: true } });
  [client, account] = await Promise.all([op.createClient(), op.createAccount()]);
});
afterAll(() => op?.close());

interface Raw {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** A request whose target and Host are said apart, as no browser would; with a body it is a POST. */
const send = (
  target: string,
  headers: http.OutgoingHttpHeaders,
  { issuer = op.issuer, body = '' } = {},
): Promise<Raw> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(issuer);
    const method = body ? 'POST' : 'GET';
    http
      .request({ hostname, port, method, path: target, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      })
      .on('error', reject)
      .end(body);
  });

const lies: [what: string, headers: http.OutgoingHttpHeaders][] = [
  ['Host', { host: 'evil.example' }],
  ['Host with a port', { host: 'evil.example:443' }],
  ['Host with a user', { host: 'x@evil.example' }],
  ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example' }],
  ['X-Forwarded-Proto', { 'x-forwarded-proto': 'https' }],
  [
    'X-Forwarded-Host and -Proto',
    { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
  ],
  ['Forwarded', { forwarded: 'host=evil.example;proto=https' }],
  ['X-Original-URL', { 'x-original-url': '/evil', 'x-rewrite-url': '/evil' }],
  ['X-Forwarded-Prefix', { 'x-forwarded-prefix': '/evil' }],
];

describe.each(lies)('a forged %s', (_, headers) => {
  test('does not change what is discovered', async () => {
    const honest = await send('/.well-known/openid-configuration', {});
    const { status, body } = await send('/.well-known/openid-configuration', headers);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual(JSON.parse(honest.body));
    expect(JSON.parse(body).issuer).toBe(op.issuer);
  });

  test('does not change where a request is sent to', async () => {
    const { pathname, search } = new URL(authorizeUrl(op, client));
    const answer = await send(pathname + search, headers);
    expect(answer.status).toBe(303);
    const next = new URL(answer.headers.location ?? '', op.issuer);
    expect(next.origin).toBe(op.issuer);
    const cookies = answer.headers['set-cookie'] ?? [];
    for (const cookie of cookies) expect(cookie).not.toMatch(/evil|domain=|; secure/i);

    const cookie = cookies.map((line) => line.split(';', 1)[0]).join('; ');
    const page = await send(next.pathname, { ...headers, cookie });
    expect(page.status).toBe(200);
    expect(page.body).not.toContain('evil.example');
    expect(page.body).toContain(`action="${next.pathname}"`);

    const [form] = formsOf(page.body, op.issuer);
    const { email, password } = account;
    const csrf = form?.fields.find(([name]) => name === 'csrf')?.[1] ?? '';
    const body = String(new URLSearchParams({ csrf, email, password }));
    const after = await send(next.pathname, { ...headers, cookie }, { body });
    expect(after.status).toBe(303);
    expect(new URL(after.headers.location ?? '', op.issuer).origin).toBe(op.issuer);
  });

  test('does not change where an error is sent to', async () => {
    const { pathname, search } = new URL(authorizeUrl(op, client, { prompt: 'none' }));
    const { headers: answer } = await send(pathname + search, headers);
    const left = new URL(answer.location ?? '');
    expect(left.origin).toBe('https://rp.example');
    expect(left.searchParams.get('iss')).toBe(op.issuer);
  });

  test('does not change the links of the API and its challenge', async () => {
    const { headers: answer } = await send('/api/v1/clients', headers);
    expect(answer['www-authenticate']).toContain(`realm="${op.issuer}/api/v1"`);
    const { body } = await send('/api/v1/openapi.json', headers);
    expect(body).not.toContain('evil.example');
  });
});

test.each(lies)('a forged %s in the very first request is not remembered', async (_, headers) => {
  const fresh = await startOp({ http: { trust_proxy: true } });
  try {
    for (const path of ['/.well-known/openid-configuration', '/api/v1/openapi.json']) {
      const { status, body } = await send(path, headers, fresh);
      expect([status, body.includes('evil')]).toEqual([200, false]);
    }
    const { body } = await fresh.get('/.well-known/openid-configuration');
    for (const [name, value] of Object.entries(body)) {
      if (/_endpoint$|_uri$/.test(name)) expect(new URL(String(value)).origin).toBe(fresh.issuer);
    }
  } finally {
    await fresh.close();
  }
});

test('a forged header changes neither tokens nor the way through', async () => {
  const agent = createAgent(op.issuer, {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
  });
  const { claims, callback } = await (await createRp(op.issuer, client)).signIn(account, {}, agent);
  expect(claims.iss).toBe(op.issuer);
  expect(callback.searchParams.get('iss')).toBe(op.issuer);
  expect(agent.cookies().every(({ host }) => host === '127.0.0.1')).toBe(true);
});

describe('a request target that is not a path', () => {
  test.each([
    'http://evil.example/.well-known/openid-configuration',
    'http://evil.example/authorize',
    '*',
  ])('such as %s is refused', async (target) => {
    const { status, body, headers } = await send(target, {});
    expect(status).toBe(400);
    expect(body).not.toContain('evil.example');
    expect(headers.location).toBeUndefined();
  });

  test.each(['//evil.example/authorize', '//evil.example/interaction/x', '/\\evil.example/'])(
    'such as %s leads nowhere',
    async (target) => {
      const { status, headers } = await send(target, { accept: 'text/html' });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(headers.location).toBeUndefined();
    },
  );
});

describe('an issuer with a path', () => {
  let mounted: Op;
  beforeAll(async () => {
    mounted = await startOp({}, { path: '/auth/eu' });
  });
  afterAll(() => mounted?.close());

  test('serves everything below it', async () => {
    const [rpClient, person] = await Promise.all([mounted.createClient(), mounted.createAccount()]);
    const rp = await createRp(mounted.issuer, rpClient);
    const metadata = rp.config.serverMetadata();
    for (const [name, value] of Object.entries(metadata)) {
      if (/_endpoint$|_uri$/.test(name)) expect(String(value)).toMatch(`${mounted.issuer}/`);
    }
    const { tokens, claims, agent } = await rp.signIn(person, { scope: 'openid email' });
    expect(claims.iss).toBe(mounted.issuer);
    expect(await rp.userInfo(tokens)).toMatchObject({ email: person.email });
    const page = await agent.visit(`${mounted.issuer}/logout`);
    expect(page.forms[0]?.action).toMatch(`${mounted.issuer}/logout/`);
  });

  test('has its authorization server metadata before the path as well', async () => {
    const { origin, pathname } = new URL(mounted.issuer);
    const response = await fetch(`${origin}/.well-known/oauth-authorization-server${pathname}`);
    expect(await response.json()).toMatchObject({ issuer: mounted.issuer });
  });

  test('serves nothing outside of it', async () => {
    const { origin } = new URL(mounted.issuer);
    for (const path of [
      '/authorize',
      '/token',
      '/auth/euro/token',
      '/health/live',
      '/api/v1/clients',
    ])
      expect([path, (await fetch(origin + path)).status]).toEqual([path, 404]);
  });

  test('shows a login page whose style sheet is there', async () => {
    const rpClient = await mounted.createClient();
    const page = await createAgent(mounted.issuer).visit(authorizeUrl(mounted, rpClient));
    const [, href = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(page.html) ?? [];
    const sheet = await fetch(new URL(href, page.url));
    expect([sheet.status, sheet.headers.get('content-type')]).toEqual([
      200,
      'text/css; charset=utf-8',
    ]);
  });
});
