/** One address, one meaning: what another spelling, another method or another header does not change. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizeUrl, redeem } from '../flows/requests.ts';
import { basicAuth, type Op, startOp, type TestClient } from '../support/op.ts';

let op: Op;
let machine: TestClient;
let token: string;
beforeAll(async () => {
  op = await startOp();
  machine = await op.createClient({ type: 'server-to-server' });
  const { client_id, client_secret } = op.adminClient;
  const scope = 'clients:read clients:write';
  const fields = { grant_type: 'client_credentials', resource: `${op.issuer}/api/v1`, scope };
  token = (await op.post('/token', fields, { basic: [client_id, client_secret] })).body
    .access_token;
});
afterAll(() => op?.close());

/** A path as it is written here: `fetch` would mend it. */
async function raw(
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: object; body?: string } = {},
): Promise<{ status: number; body: string; location?: string }> {
  const { hostname, port } = new URL(op.issuer);
  const sent = request({ hostname, port, path, method, headers: { ...headers } });
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve).on('error', reject).end(body);
  });
  const { location } = response.headers;
  return {
    status: response.statusCode ?? 0,
    body: await text(response),
    ...(location && { location }),
  };
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('the administration API', () => {
  test.each([
    '/api/v1/clients',
    '/api/v1/clients/',
    '/api/v1/CLIENTS',
    '/API/V1/clients',
    '/api/v1//clients',
    '//api/v1/clients',
    '/./api/v1/clients',
    '/api/v1/./clients',
    '/api/v1/accounts/../clients',
    '/api/v1/accounts/..%2fclients',
    '/api/v1%2fclients',
    '/api/v1/clients;x',
    '/api/v1/clients%00',
    '/api/v1/clients%3f',
    '/assets/../api/v1/clients',
    '/health/..%2f..%2fapi/v1/clients',
    '/interaction/../api/v1/clients',
    '/api/v1/openapi.json/../clients',
  ])('as %s is there for nobody without a token', async (path) => {
    const { status, body } = await raw(path);
    expect([401, 404]).toContain(status);
    expect(body).not.toContain(machine.client_id);
  });

  test.each([
    '/api/v1/clients/../accounts',
    '/api/v1/clients/..%2faccounts',
    '/api/v1/clients/%2e%2e/accounts',
    '/api/v1//accounts',
    '/api/v1/ACCOUNTS',
    '/api/v1/accounts/',
    '/api/v1/accounts?scope=accounts:read',
  ])('as %s asks for the scope of what is answered', async (path) => {
    const { status, body } = await raw(path, { headers: { authorization: `Bearer ${token}` } });
    expect([403, 404]).toContain(status);
    expect(body).not.toContain('@example.com');
  });

  test('takes the method for what it is', async () => {
    const path = `/api/v1/clients/${machine.client_id}`;
    const names = ['x-http-method-override', 'x-http-method', 'x-method-override'];
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...Object.fromEntries(names.map((name) => [name, 'DELETE'])),
    };
    expect((await raw(path, { headers })).status).toBe(200);
    expect((await raw(`${path}?_method=DELETE`, { headers })).status).toBe(400);
    expect(
      (await raw(path, { method: 'POST', headers, body: '{"_method":"DELETE"}' })).status,
    ).toBe(405);
    expect((await op.admin(`/clients/${machine.client_id}`)).status).toBe(200);
  });
});

describe('the token endpoint', () => {
  const ask = (body: string, more: { query?: string; headers?: object; path?: string } = {}) =>
    raw(`${more.path ?? '/token'}${more.query ?? ''}`, {
      method: 'POST',
      headers: {
        ...form,
        authorization: basicAuth(machine.client_id, machine.client_secret ?? ''),
        ...more.headers,
      },
      body,
    });
  const errorOf = ({ status, body }: { status: number; body: string }) => [
    status,
    JSON.parse(body).error,
  ];
  const grant = 'grant_type=client_credentials';

  test.each([
    'Basic %%%',
    'Basic',
    'Basic ',
    `Basic ${btoa('no colon')}`,
    `Basic ${btoa('%zz:%zz')}`,
    `Basic ${btoa('%E0%A4%A:x')}`,
    `Basic ${btoa('%00:%00')}`,
    `Basic ${btoa(':')}`,
    `Basic ${btoa('__proto__:x')}`,
    `Basic ${btoa('a:b')}, Basic ${btoa('c:d')}`,
    'Bearer x',
    'Negotiate x',
  ])('answers %j as a mistake of the client', async (authorization) => {
    const [status, error] = errorOf(await ask(grant, { headers: { authorization } }));
    expect([
      [400, 'invalid_request'],
      [401, 'invalid_client'],
    ]).toContainEqual([status, error]);
  });

  test.each([
    'grant_type=Client_Credentials',
    'grant_type=client_credentials%20',
    'grant_type=%20client_credentials',
    'grant_type=client_credentials%00',
    'grant_type=client_credentials%0d%0aX-Injected:yes',
  ])('knows a grant by its own name alone: %s', async (body) => {
    expect(errorOf(await ask(body))).toEqual([400, 'unsupported_grant_type']);
  });

  test.each([
    `${grant}&${grant}`,
    `${grant}&scope=a&scope=b`,
    `${grant}&client_id=CLIENT&client_id=CLIENT`,
    `${grant}&client_id=CLIENT&client_id=other`,
    `${grant}&client_id=other`,
    `${grant}&client_secret=x`,
    `${grant}&client_assertion=e30.e30.x&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer`,
    'grant_type[]=client_credentials',
    `${grant}&${'a=b&'.repeat(20_000)}`,
  ])(
    'abuse case 20: takes neither a parameter nor a way to authenticate twice: %.60s',
    async (body) => {
      const answer = await ask(body.replaceAll('CLIENT', machine.client_id));
      expect(errorOf(answer)).toEqual([400, 'invalid_request']);
    },
  );

  test('reads the body and nothing else', async () => {
    const query = `?client_id=${op.adminClient.client_id}&grant_type=password&scope=clients:read`;
    expect((await ask(grant, { query })).status).toBe(200);
    const { client_id, client_secret } = machine;
    const inQuery = new URLSearchParams({ client_id, client_secret: client_secret ?? '' });
    const bare = await raw(`/token?${grant}&${inQuery}`, { method: 'POST', headers: form });
    expect(errorOf(bare)).toEqual([400, 'invalid_request']);
    for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain']) {
      const body = '{"grant_type":"client_credentials"}';
      const answer = await ask(body, { headers: { 'content-type': type } });
      expect(errorOf(answer)).toEqual([400, 'invalid_request']);
    }
  });

  test.each(['GET', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND'])(
    'is not there for %s, and echoes nothing',
    async (method) => {
      const answer = await raw('/token?x=echo-me', { method, headers: { 'x-secret': 'echo-me' } });
      expect(answer.status).toBe(404);
      expect(answer.body).not.toContain('echo-me');
    },
  );

  test('abuse case 20: no value ends a header', async () => {
    const injected = 'x\r\nSet-Cookie: session=planted';
    const url = new URL(authorizeUrl(op, machine, { state: injected, client_id: injected }));
    const answer = await fetch(url, { redirect: 'manual' });
    expect(answer.status).toBe(400);
    expect(answer.headers.getSetCookie().join()).not.toContain('planted');
    expect((await redeem(op, machine, injected)).status).toBe(400);
  });
});

test('none of this made the server fail', () => {
  expect(op.logs.filter(({ level }) => level >= 50)).toEqual([]);
});
