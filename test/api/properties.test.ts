/** Whatever is sent to the API: no failure, no leak, and answers of the form that the document says. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { statusOf } from '../../src/lib/problem.ts';
import { apiScopes } from '../../src/oidc/tokens.ts';
import { type Op, startOp } from '../support/op.ts';
import { hostileBodies, type Schema } from './arbitraries.ts';
import { encoded, type Route, requests, resolved } from './requests.ts';

/** Told with a failure, so that it can be had again. */
const SEED = 20_261_123;
/** Of each route. */
const RUNS = 80;
/** Milliseconds for each route, looking for a smaller example included. */
const TIME = 3_000;

const op: Op = await startOp();
const document: Schema = (await op.get('/api/v1/openapi.json')).body;
let token: string;
beforeAll(async () => {
  const scope = apiScopes.map(({ name }) => name).join(' ');
  const { client_id, client_secret } = op.adminClient;
  const fields = { grant_type: 'client_credentials', resource: `${op.issuer}/api/v1`, scope };
  token = (await op.post('/token', fields, { basic: [client_id, client_secret] })).body
    .access_token;
});
afterAll(() => op?.close());

const routes: Route[] = Object.entries<Record<string, Schema>>(document.paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    })),
);

/** What each path leads to, made anew for each route: by path, the value of each parameter. */
async function makeDocuments(): Promise<Record<string, Record<string, string>>> {
  const made = async (path: string, body: object) => {
    const answer = await op.admin(path, { method: 'POST', body });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const { client_id } = await op.createClient();
  const secrets = (await made(`/clients/${client_id}/secrets`, {})).secrets;
  const { body: history } = await op.admin(`/clients/${client_id}/history`);
  const account = await op.createAccount();
  const resource = await op.createResource();
  const name = `policy-${client_id.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`;
  await made('/registration-policies', { name });
  const initial = await made('/registration-tokens', { policy: name, uses: 5 });
  return {
    clients: { client_id, id: secrets[0].id, event: history.items[0].id },
    accounts: { id: account.id, client_id },
    resources: { id: resource.id, identifier: resource.identifier },
    'registration-policies': { name },
    'registration-tokens': { id: initial.id },
  };
}

const problem = z.fromJSONSchema(document.components.schemas.Problem);
const POINTER = /^(\/([^~/]|~[01])*)*$/u;
/** Of stored forms of secrets and passwords. */
const KEPT = /"(hash|sealed|password_hash|password)":|\$argon2|"d":"/;

function checkProblem(status: number, type: string | null, text: string): void {
  expect(type).toBe('application/problem+json');
  const body = JSON.parse(text);
  expect(problem.safeParse(body)).toMatchObject({ success: true });
  expect({ code: body.code, status: statusOf(body.code) }).toEqual({ code: body.code, status });
  expect(body.status).toBe(status);
  if (status === 422) expect(body.errors?.length).toBeGreaterThan(0);
  for (const error of body.errors ?? []) {
    expect(error.pointer).toMatch(POINTER);
    expect(error.rule).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(error.detail).toEqual(expect.stringMatching(/./));
  }
}

test.each(routes)('$name', async (route) => {
  const documents = await makeDocuments();
  const [, kind = ''] = route.path.split('/');
  // A route without a parameter makes documents of its own.
  const owned = route.path.includes('{') || kind === 'clients' ? (documents[kind] ?? {}) : {};
  const { responses } = route.operation;
  const [success = ''] = Object.keys(responses).filter((status) => status.startsWith('2'));
  const schema = resolved(document, responses[success].content?.['application/json'].schema);
  const shape = schema && z.fromJSONSchema(schema);

  await fc.assert(
    fc.asyncProperty(requests(document, route, owned), async (sent) => {
      const response = await fetch(`${op.issuer}/api/v1${sent.path}${sent.query}`, {
        method: route.method,
        headers: { authorization: `Bearer ${token}`, ...sent.headers },
        ...(sent.body !== undefined && { body: sent.body }),
      });
      const text = await response.text();
      const type = response.headers.get('content-type');
      expect(response.status).toBeLessThan(500);
      expect(response.headers.get('x-injected')).toBeNull();
      expect(text).not.toMatch(KEPT);
      if (response.status >= 400) {
        checkProblem(response.status, type, text);
        // An address of dots or slashes is another address.
        if (!/%2|%5c/i.test(sent.path)) expect(responses).toHaveProperty([String(response.status)]);
        return;
      }
      if (!/%2|%5c/i.test(sent.path)) expect(String(response.status)).toBe(success);
      if (response.status === 204) {
        expect(text).toBe('');
        return;
      }
      const body = JSON.parse(text);
      if (shape) expect(shape.safeParse(body)).toMatchObject({ success: true });
      if (route.method === 'GET') expect(text).not.toContain('"client_secret":');
    }),
    { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: TIME },
  );
});

const writing = routes.filter(({ operation }) => operation.requestBody);
test.each(writing)('$name takes no body that nobody would send', async ({ method, path }) => {
  const documents = await makeDocuments();
  const own = documents[path.split('/')[1] ?? ''] ?? {};
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name) => encoded(own[name]));
  for (const body of hostileBodies) {
    const response = await fetch(`${op.issuer}/api/v1${address}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
    const text = await response.text();
    const sent = body.slice(0, 40);
    expect({ sent, failed: response.status >= 500 }).toEqual({ sent, failed: false });
    if (response.status < 400) continue;
    checkProblem(response.status, response.headers.get('content-type'), text);
    // What was wrong is told, not what was sent.
    expect(text.length).toBeLessThan(20_000);
  }
});

test('the prototypes of this process are as they were', () => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>).admin).toBeUndefined();
});
