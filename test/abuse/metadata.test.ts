/** Names and values that mean something else to a program or to a database. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postAs } from '../flows/requests.ts';
import { CALLBACK, type Op, startOp, type TestClient } from '../support/op.ts';
import { expectExplained, ways } from './hostile-clients.ts';

let op: Op;
let client: TestClient;
beforeAll(async () => {
  op = await startOp({ registration: { mode: 'open' } });
  client = await op.createClient({ type: 'server-to-server' });
});
afterAll(() => op?.close());

/** As JSON says it: `{"__proto__": …}` in a source would set a prototype. */
const json = (text: string): Record<string, unknown> => JSON.parse(text);

const path = () => `/clients/${client.client_id}`;

describe('abuse case 18: extra metadata', () => {
  const wrong: [what: string, pointer: string, value: unknown][] = [
    ['the name __proto__', '/extra_metadata/__proto__', json('{"__proto__":"x"}')],
    ['the name __proto__ and others', '/extra_metadata/__proto__', json('{"a":"b","__proto__":1}')],
    ['the name constructor', '/extra_metadata', { constructor: 'x' }],
    ['the name prototype', '/extra_metadata', { prototype: 'x' }],
    ['11 names', '/extra_metadata', Object.fromEntries([...'abcdefghijk'].map((k) => [k, 'x']))],
    ['a value of 257 characters', '/extra_metadata/a', { a: 'x'.repeat(257) }],
    ['a name of 65 characters', `/extra_metadata/${'k'.repeat(65)}`, { ['k'.repeat(65)]: 'x' }],
    ['an empty name', '/extra_metadata/', { '': 'x' }],
    ['an object', '/extra_metadata/a', { a: { b: 'x' } }],
    ['an operator', '/extra_metadata/a', { a: { $gt: '' } }],
    ['a list', '/extra_metadata/a', { a: ['x'] }],
    ['a NUL in a value', '/extra_metadata', { a: 'b\0' }],
    ['a NUL in a name', '/extra_metadata', { 'a\0': 'b' }],
    ['text', '/extra_metadata', 'x'],
    ['a list instead', '/extra_metadata', [['a', 'b']]],
  ];
  // Self-registered clients have none: case 7.
  const administrators = Object.entries(ways).filter(([name]) => name.startsWith('REST'));
  describe.each(administrators)('through %s', (_, attempt) => {
    test.each(wrong)('with %s is refused', async (_what, pointer, extra_metadata) => {
      expectExplained(await attempt(op, { extra_metadata }), pointer);
    });
  });

  test('keeps names that only look dangerous, and they do nothing', async () => {
    const extra_metadata = {
      $where: 'sleep(1000)',
      'a.b.c': '{{ 7 * 7 }}',
      toString: 'x',
      hasOwnProperty: 'y',
      __defineGetter__: 'z',
      length: '1',
    };
    const made = await op.createClient({ extra_metadata });
    expect(made.extra_metadata).toEqual(extra_metadata);
    expect((await op.admin(`/clients/${made.client_id}`)).body.extra_metadata).toEqual(
      extra_metadata,
    );
  });
});

describe('abuse case 18: a merge patch', () => {
  test.each([
    ['{"__proto__":{"first_party":false}}', '/__proto__'],
    ['{"constructor":{"prototype":{"polluted":"yes"}}}', '/constructor'],
    ['{"prototype":{}}', '/prototype'],
    ['{"extra_metadata":{"__proto__":{"polluted":"yes"}}}', '/extra_metadata/__proto__'],
  ])('%s reaches no prototype, and the client stays', async (text, pointer) => {
    const before = (await op.admin(path())).body;
    const answer = await op.admin(path(), { method: 'PATCH', body: json(text) });
    expect(answer.status).toBe(422);
    expectExplained(answer.body.errors, pointer);
    expect((await op.admin(path())).body).toEqual(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('abuse case 19: operators of a database', () => {
  test.each(['{"$gt":""}', '{"$ne":null}', '{"$where":"1"}', '["a"]', 'true', '1'])(
    '%s is no value of a property',
    async (text) => {
      const value = JSON.parse(text);
      for (const name of ['client_name', 'scope', 'token_endpoint_auth_method', 'logo_uri']) {
        const answer = await op.admin(path(), { method: 'PATCH', body: { [name]: value } });
        expect([name, answer.status]).toEqual([name, 422]);
        expectExplained(answer.body.errors, `/${name}`);
      }
      const made = await op.admin('/clients', {
        method: 'POST',
        body: { client_id: value, redirect_uris: [CALLBACK] },
      });
      expect(made.status).toBe(422);
      expectExplained(made.body.errors, '/client_id');
    },
  );

  test.each(['$set', 'client_name.$gt', 'metadata.first_party', '$where', 'a\0b'])(
    'the name %j is no property',
    async (name) => {
      const answer = await op.admin(path(), { method: 'PATCH', body: { [name]: { x: 1 } } });
      expect(answer.status).toBe(422);
      expectExplained(answer.body.errors, `/${name}`);
    },
  );

  test.each([
    'client_id[$ne]=x&grant_type=client_credentials',
    'grant_type[$ne]=x',
    'grant_type=client_credentials&client_id=%7B%22%24ne%22%3Anull%7D',
    'grant_type=client_credentials&client_id[]=x&client_secret[$gt]=',
  ])('%s authenticates nobody', async (body) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(`${op.issuer}/token`, { method: 'POST', body, headers });
    expect([400, 401]).toContain(answer.status);
    expect(await answer.json()).not.toHaveProperty('access_token');
  });

  test.each(['{"$ne":null}', '$ne', '.*', "' OR 1=1 --", '%', '_', '\0', '__proto__'])(
    'a code, a refresh token, a token to introspect and an id that is %j is none',
    async (value) => {
      const web = await op.createClient();
      for (const [grant_type, name] of [
        ['authorization_code', 'code'],
        ['refresh_token', 'refresh_token'],
      ] as const) {
        const fields = { grant_type, redirect_uri: CALLBACK, code_verifier: 'x'.repeat(43) };
        const answer = await postAs(op, web, '/token', { ...fields, [name]: value });
        expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
      }
      const { body } = await postAs(op, web, '/introspect', { token: value });
      expect(body).toEqual({ active: false });
      expect((await op.admin(`/clients/${encodeURIComponent(value)}`)).status).toBe(404);
    },
  );

  test.each([
    'q[$regex]=.*',
    'q[]=a',
    'type[$ne]=web',
    'sort=$where',
    'sort=metadata.first_party',
    'sort[$gt]=',
    'tag[$exists]=true',
    'where=1',
    'after=%7B%22%24gt%22%3A%22%22%7D',
    'limit=1;drop',
    'limit=NaN',
    'limit=-1',
    'limit=1e9',
  ])('a search with ?%s is refused', async (query) => {
    const answer = await op.admin(`/clients?${query}`);
    expect([answer.status, answer.body.code]).toEqual([400, 'malformed']);
    expect(answer.body.errors.length).toBeGreaterThan(0);
  });

  // Not a bare _: the id of a client may begin with it.
  test.each(['.*', '^', '$', '%', '%_%', '[a-z]+', "' OR ''='", '\\', '(', '*'])(
    'a search for %j finds names with it and no others',
    async (q) => {
      expect((await op.admin(`/clients?q=${encodeURIComponent(q)}`)).body.items).toEqual([]);
    },
  );
});
