/** Whatever is sent to the API: no failure, no leak, and answers of the form that the document says. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { statusOf } from '../../src/lib/problem.ts';
import { apiScopes } from '../../src/oidc/tokens.ts';
import { CALLBACK, type Op, startOp } from '../support/op.ts';
import { arbitraryOf, hostileBodies, hostileTexts, type Schema, spoiled } from './arbitraries.ts';

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

const resolved = (schema: Schema): Schema =>
  schema?.$ref ? document.components.schemas[schema.$ref.split('/').at(-1)] : schema;

const routes = Object.entries<Record<string, Schema>>(document.paths).flatMap(([path, methods]) =>
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

interface Sent {
  path: string;
  query: string;
  headers: Record<string, string>;
  body?: string;
}

const header = {
  ifMatch: fc.constantFrom('"1"', 'W/"1"', '*', '"999999999999999"', '1', '"x"', '""', '"1", "2"'),
  type: fc.constantFrom(
    'application/merge-patch+json',
    'application/json; charset=utf-16',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'nonsense',
  ),
};

/** What only somebody who knows this server can say; the rest of a body is laid around it. */
const known = (own: Record<string, string>): Record<string, () => object> => ({
  ClientInput: () => ({ redirect_uris: [CALLBACK], type: 'web' }),
  ResourceInput: () => ({ identifier: own.identifier ?? `https://api.example/${randomUUID()}` }),
  RegistrationPolicyInput: () => ({ name: own.name ?? randomUUID() }),
  Restoration: () => ({ event: own.event }),
  ClientConversion: () => ({ changes: {} }),
});

/** Of bodies that a schema allows, half are such that the server can take them. */
const plausible = (name: string, own: Record<string, string>) =>
  fc.tuple(arbitraryOf(resolved({ $ref: name })), fc.boolean()).map(([value, sensible]) => {
    if (!sensible || typeof value !== 'object' || value === null) return value;
    const added = known(own)[name]?.() ?? {};
    return { ...value, ...added, ...('client_id' in value && { client_id: own.client_id }) };
  });

/** Mostly `usual`, now and then `other`. */
const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>, weight = 5) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other });

const encoded = (value: unknown) => encodeURIComponent(String(value).toWellFormed());

function requests({ path, operation }: (typeof routes)[number], own: Record<string, string>) {
  const parameters: Schema[] = operation.parameters ?? [];
  const values = parameters
    .filter((one) => one.in === 'path')
    .map(({ name }) =>
      mostly(
        fc.constant(encoded(own[name])),
        fc.oneof(
          fc.constantFrom(...hostileTexts.filter(Boolean)).map(encoded),
          fc.constantFrom('%', '%ff', '%00', '%2e%2e%2f', '%2f', encoded(own[name]).toUpperCase()),
        ),
      ).map((value): [string, string] => [name, value]),
    );
  const queries = parameters
    .filter((one) => one.in === 'query')
    .map(({ name, schema }) =>
      mostly(arbitraryOf(schema), fc.constantFrom<unknown>(...hostileTexts), 3).map(
        (value) => `${name}=${encoded(value)}`,
      ),
    );
  const odd = fc.constantFrom(
    'x=1',
    'limit[$ne]=1',
    'after=a&after=b',
    '__proto__[a]=b',
    '%=%',
    '&&&',
  );
  const query = fc
    .tuple(
      queries.length > 0
        ? fc
            .tuple(...queries)
            .chain((all) => fc.subarray(all, { maxLength: Math.min(3, all.length) }))
        : fc.constant<string[]>([]),
      mostly(fc.constant(''), odd, 6),
    )
    .map(([some, more]) => [...some, more].filter(Boolean).join('&'));
  const reference = operation.requestBody?.content['application/json'].schema;
  const schema = resolved(reference);
  const body: fc.Arbitrary<string | undefined> = schema
    ? fc.oneof(
        {
          weight: 4,
          arbitrary: plausible(reference.$ref.split('/').at(-1), own).map((value) =>
            JSON.stringify(value),
          ),
        },
        { weight: 5, arbitrary: spoiled(schema).map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: fc.constantFrom(...hostileBodies) },
      )
    : fc.constant(undefined);
  const absent = fc.constant<string | undefined>(undefined);
  return fc
    .record({
      values: fc.tuple(...values),
      query,
      body,
      ifMatch: mostly<string | undefined>(absent, header.ifMatch, 6),
      type: mostly<string | undefined>(fc.constant('application/json'), header.type, 8),
    })
    .map(({ values, query, body, ifMatch, type }): Sent => {
      let filled = path;
      for (const [name, value] of values) filled = filled.replace(`{${name}}`, value);
      return {
        path: filled,
        query: query && `?${query}`,
        headers: {
          ...(ifMatch !== undefined && { 'if-match': ifMatch }),
          ...(body !== undefined && type !== undefined && { 'content-type': type }),
        },
        ...(body !== undefined && { body }),
      };
    });
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
  const schema = resolved(responses[success].content?.['application/json'].schema);
  const shape = schema && z.fromJSONSchema(schema);

  await fc.assert(
    fc.asyncProperty(requests(route, owned), async (sent) => {
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
