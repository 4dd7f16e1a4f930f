/** A client of any type can become one of any other, with what the new type needs. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { types } from '../../src/clients/types/all.ts';
import { clientTypes } from '../../src/clients/values.ts';
import type { Violation } from '../../src/lib/problem.ts';
import { makeKeys } from '../support/keys.ts';
import { CALLBACK, type Op, startOp } from '../support/op.ts';

type Type = (typeof clientTypes)[number];

let op: Op;
const { jwks } = await makeKeys();
beforeAll(async () => {
  op = await startOp();
});
afterAll(() => op?.close());

const at = (id: string, rest = '') => `/clients/${id}${rest}`;
const redirected: readonly Type[] = ['web', 'single-page-application', 'native', 'financial'];

const create = async (type: Type) => {
  const body = {
    type,
    client_name: `A ${type}`,
    tags: ['kept'],
    extra_metadata: { owner: 'team' },
    ...(redirected.includes(type) && { redirect_uris: [CALLBACK] }),
    ...(type === 'financial' && { jwks }),
  };
  const made = await op.admin('/clients', { method: 'POST', body });
  expect(made.status).toBe(201);
  return made.body;
};
const convert = (id: string, type: string, changes?: object, headers = {}) =>
  op.admin(at(id, '/convert'), {
    method: 'POST',
    body: { type, ...(changes && { changes }) },
    headers,
  });

const redirects = { redirect_uris: [CALLBACK] };
const keys = { jwks };
const both = { ...redirects, ...keys };
const noProfile = { fapi_profile: null };

/** What a conversion needs beyond what a program knows: from the type on the left to the one above. */
const needs: Record<Type, Record<Type, object | undefined>> = {
  web: {
    web: undefined,
    'single-page-application': undefined,
    native: undefined,
    'server-to-server': undefined,
    device: undefined,
    financial: keys,
  },
  'single-page-application': {
    web: undefined,
    'single-page-application': undefined,
    native: undefined,
    'server-to-server': undefined,
    device: undefined,
    financial: keys,
  },
  native: {
    web: undefined,
    'single-page-application': undefined,
    native: undefined,
    'server-to-server': undefined,
    device: undefined,
    financial: keys,
  },
  'server-to-server': {
    web: redirects,
    'single-page-application': redirects,
    native: redirects,
    'server-to-server': undefined,
    device: undefined,
    financial: both,
  },
  device: {
    web: redirects,
    'single-page-application': redirects,
    native: redirects,
    'server-to-server': undefined,
    device: undefined,
    financial: both,
  },
  financial: {
    web: undefined,
    // A profile that public clients cannot meet is not taken away unasked.
    'single-page-application': noProfile,
    native: noProfile,
    'server-to-server': undefined,
    device: undefined,
    financial: undefined,
  },
};

const pairs = clientTypes.flatMap((from) => clientTypes.map((to) => [from, to] as const));

test.each(pairs)('a %s client becomes a %s one', async (from, to) => {
  const before = await create(from);
  const id = before.client_id;
  const changes = needs[from][to];
  if (changes) {
    const refused = await convert(id, to);
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalid' } });
    const errors: Violation[] = refused.body.errors;
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) {
      expect(error).toEqual(
        expect.objectContaining({
          pointer: expect.stringMatching(/^\/\w+/),
          rule: expect.stringMatching(/^[a-z]+(-[a-z]+)*$/),
          spec: expect.stringMatching(/\d/),
          detail: expect.any(String),
        }),
      );
    }
    const { client_secret: _, ...unchanged } = before;
    expect((await op.admin(at(id))).body).toEqual(unchanged);
  }
  const { status, body, headers } = await convert(id, to, changes);
  expect({ status, errors: body.errors }).toEqual({ status: 200, errors: undefined });
  expect(headers.get('etag')).toBe('"2"');
  expect(body).toMatchObject({
    ...types[to].fixed,
    client_id: id,
    type: to,
    client_name: `A ${from}`,
    tags: ['kept'],
    extra_metadata: { owner: 'team' },
    origin: before.origin,
    created_at: before.created_at,
    conforming: true,
    violations: [],
  });
  expect(body.redirect_uris).toEqual(redirected.includes(to) ? [CALLBACK] : []);
  expect((await op.admin(at(id))).body.type).toBe(to);

  // Whoever can hold a secret has one, made now where there was none; whoever cannot has none.
  const holds = body.token_endpoint_auth_method.startsWith('client_secret');
  expect(body.secrets).toHaveLength(holds ? 1 : 0);
  expect(body.client_secret === undefined).toBe(!holds || before.secrets.length > 0);
  expect(body.first_party).toBe(true);
  if (to === 'financial') expect(body.fapi_profile).toBe('fapi2-security-profile');
});

describe('a conversion', () => {
  test('honours the ETag that the caller has seen', async () => {
    const { client_id } = await create('web');
    const stale = (await op.admin(at(client_id))).headers.get('etag') ?? '';
    await op.admin(at(client_id), { method: 'PATCH', body: { client_name: 'Changed' } });
    expect(await convert(client_id, 'native', undefined, { 'If-Match': stale })).toMatchObject({
      status: 412,
      body: { code: 'precondition_failed' },
    });
    expect((await op.admin(at(client_id))).body.type).toBe('web');
    const current = (await op.admin(at(client_id))).headers.get('etag') ?? '';
    expect((await convert(client_id, 'native', undefined, { 'If-Match': current })).status).toBe(
      200,
    );
  });

  test('says all at once what the new type needs', async () => {
    const { client_id } = await create('server-to-server');
    const { body } = await convert(client_id, 'financial', { client_name: 'x'.repeat(65) });
    const pointers = body.errors.map(({ pointer }: Violation) => pointer);
    expect(pointers).toEqual(expect.arrayContaining(['/client_name', '/redirect_uris', '/jwks']));
  });

  test('takes what the caller wants of it, and refuses what the new type cannot be', async () => {
    const { client_id } = await create('native');
    const wanted = { token_endpoint_auth_method: 'client_secret_post', first_party: false };
    expect((await convert(client_id, 'web', wanted)).body).toMatchObject(wanted);
    const refused = await convert(client_id, 'native', wanted);
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ rule: 'public-client' }] } });
    const other = await convert(client_id, 'native', { type: 'device' });
    expect(other).toMatchObject({ status: 200, body: { type: 'native' } });
  });

  test('is not the way out of a profile that the client is held to (abuse case 24)', async () => {
    const { client_id } = await create('financial');
    const { body } = await convert(client_id, 'web');
    expect(body.fapi_profile).toBe('fapi2-security-profile');
    const weaker = { token_endpoint_auth_method: 'client_secret_basic' };
    expect((await convert(client_id, 'web', weaker)).status).toBe(422);
  });

  test.each([
    ['an unknown type', { type: 'toString' }, '/type'],
    ['no type', {}, '/type'],
    ['an operator', { type: { $ne: '' } }, '/type'],
    ['changes that are no object', { type: 'web', changes: [] }, '/changes'],
    ['an unknown member', { type: 'web', force: true }, '/force'],
  ])('with %s is refused where it is wrong', async (_, body, pointer) => {
    const { client_id } = await create('web');
    const answer = await op.admin(at(client_id, '/convert'), { method: 'POST', body });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });

  test('of a client that is not there is none', async () => {
    expect((await convert('nobody', 'web')).status).toBe(404);
  });
});
