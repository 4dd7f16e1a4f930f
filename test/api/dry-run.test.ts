/** What a change would do is told before it is made, and telling it changes nothing. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientProperties } from '../../src/clients/metadata.ts';
import type { Violation } from '../../src/lib/problem.ts';
import { obtainTokens, refresh } from '../flows/requests.ts';
import { makeKeys } from '../support/keys.ts';
import { CALLBACK, type Op, startOp, type TestClient } from '../support/op.ts';

let op: Op;
const { jwks } = await makeKeys();
beforeAll(async () => {
  op = await startOp();
});
afterAll(() => op?.close());

interface Stop {
  kind: string;
  value: string;
  detail: string;
  last_used?: number;
}

const at = ({ client_id }: { client_id: string }, rest = '') => `/clients/${client_id}${rest}`;
const send = (method: string, path: string, body: unknown) => op.admin(path, { method, body });

/** Everything that is kept, by version. */
async function versions() {
  const kept: string[] = [];
  for (const name of ['clients', 'audit_events', 'client_usage']) {
    const { entries } = await op.store.collection({ name }).list({ limit: 10_000 });
    kept.push(...entries.map(({ id, version }) => `${name} ${id} ${version}`));
  }
  return kept;
}

/** A dry run, which must leave everything as it is. */
async function dryRun(proposal: unknown) {
  const before = await versions();
  const answer = await send('POST', '/clients/dry-run', proposal);
  expect(await versions()).toEqual(before);
  return answer;
}
const outcome = async (proposal: unknown) => {
  const { status, body } = await dryRun(proposal);
  expect(status).toBe(200);
  return body as {
    accepted: boolean;
    result?: Record<string, unknown>;
    refused: Violation[];
    warnings: Violation[];
    stops: Stop[];
  };
};
const metadataOf = (client: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(client).filter(([name]) => clientProperties.some((own) => own === name)),
  );

describe('a dry run says what the change itself then does', () => {
  const real: Record<string, (client: TestClient, value: unknown) => Promise<{ body: object }>> = {
    patch: (client, value) => send('PATCH', at(client), value),
    replace: (client, value) => send('PUT', at(client), value),
    convert: (client, value) => send('POST', at(client, '/convert'), value),
  };

  test.each<[string, string, unknown]>([
    ['a patch', 'patch', { client_name: 'New', tags: ['a'], description: null }],
    ['an empty patch', 'patch', {}],
    ['a profile', 'patch', { fapi_profile: true, jwks: 'KEYS' }],
    ['a bad patch', 'patch', { client_name: 'x'.repeat(65), unheard_of: 1, grant_types: [] }],
    ['a patch of the type', 'patch', { type: 'native' }],
    ['a replacement', 'replace', { redirect_uris: [CALLBACK], client_name: 'Whole' }],
    ['a replacement of another type', 'replace', { type: 'native', redirect_uris: [CALLBACK] }],
    ['an empty replacement', 'replace', {}],
    ['a conversion', 'convert', { type: 'native' }],
    ['a conversion with changes', 'convert', { type: 'financial', changes: { jwks: 'KEYS' } }],
    ['a conversion that needs more', 'convert', { type: 'financial' }],
    ['a conversion to nothing', 'convert', { type: 'toaster' }],
  ])('%s', async (_, kind, given) => {
    const value = JSON.parse(JSON.stringify(given).replaceAll('"KEYS"', JSON.stringify(jwks)));
    const client = await op.createClient({ description: 'old' });
    const told = await outcome({ client_id: client.client_id, [kind]: value });
    const done = (await real[kind]?.(client, value)) as { status: number; body: TestClient };
    if (done.status === 200) {
      expect(told).toMatchObject({ accepted: true, refused: [] });
      expect(told.result).toEqual(metadataOf(done.body));
      expect(told.warnings).toEqual(done.body.warnings);
    } else {
      expect(done.status).toBe(422);
      expect(told).toMatchObject({ accepted: false, warnings: [], stops: [] });
      const { code, errors } = done.body as unknown as { code: string; errors: Violation[] };
      expect(code).toBe('invalid');
      const named = (list: Violation[]) => list.map(({ pointer, rule }) => `${pointer} ${rule}`);
      expect(named(told.refused)).toEqual(expect.arrayContaining([expect.any(String)]));
      // Where an unknown type is found differs: in the body of one address, in a member of the other.
      if (!JSON.stringify(given).includes('toaster')) {
        expect(named(told.refused)).toEqual(named(errors));
      }
    }
  });

  test.each<[string, object]>([
    ['a client', { redirect_uris: [CALLBACK] }],
    ['a client with an id', { client_id: 'dry-1', redirect_uris: [CALLBACK] }],
    ['a client with a bad id', { client_id: 'a b', redirect_uris: [CALLBACK] }],
    ['a client with no text for an id', { client_id: 5, redirect_uris: [CALLBACK] }],
    ['a client that breaks rules', { redirect_uris: ['javascript:x'], logo_uri: 'x' }],
    ['a type that is none', { type: '__proto__' }],
  ])('of %s that would be created', async (_, create) => {
    const told = await outcome({ create });
    const done = await send('POST', '/clients', create);
    expect(told.accepted).toBe(done.status === 201);
    expect(told.stops).toEqual([]);
    if (done.status === 201) expect(told.result).toEqual(metadataOf(done.body));
    else expect(told.refused).toEqual(done.body.errors);
  });

  test('of an id that is in use', async () => {
    await op.createClient({ client_id: 'new' });
    expect((await outcome({ create: { redirect_uris: [CALLBACK] } })).accepted).toBe(true);
    const { client_id } = await op.createClient();
    expect(await outcome({ create: { client_id, redirect_uris: [CALLBACK] } })).toMatchObject({
      accepted: false,
      refused: [{ pointer: '/client_id', rule: 'client-id' }],
    });
  });

  test('with what is allowed and not advised', async () => {
    const told = await outcome({
      create: {
        type: 'single-page-application',
        redirect_uris: [CALLBACK],
        grant_types: ['implicit'],
        response_types: ['id_token token'],
      },
    });
    expect(told).toMatchObject({ accepted: true, warnings: [{ rule: 'implicit-flow' }] });
  });
});

describe('what would stop', () => {
  const kinds = (stops: Stop[]) => stops.map(({ kind, value }) => `${kind} ${value}`).sort();
  let client: TestClient;
  let tokens: { refresh_token: string };
  beforeAll(async () => {
    const unused = 'https://rp.example/unused';
    client = await op.createClient({ redirect_uris: [CALLBACK, unused] });
    const { email, password } = await op.createAccount();
    const scope = { scope: 'openid offline_access', prompt: 'consent' };
    tokens = await obtainTokens(op, client, { email, password }, scope);
    await obtainTokens(op, client, { email, password }, scope);
  });
  const propose = async (patch: object) =>
    (await outcome({ client_id: client.client_id, patch })).stops;

  test('are redirect URIs, with when they were last used', async () => {
    const stops = await propose({ redirect_uris: ['https://rp.example/new'] });
    expect(stops).toEqual([
      {
        kind: 'redirect_uri',
        value: CALLBACK,
        detail: expect.any(String),
        last_used: expect.any(Number),
      },
      { kind: 'redirect_uri', value: 'https://rp.example/unused', detail: expect.any(String) },
    ]);
    expect(await propose({ redirect_uris: [CALLBACK, 'https://rp.example/new'] })).toHaveLength(1);
    expect(await propose({ client_name: 'Only a name' })).toEqual([]);
  });

  test('are grants, with the refresh tokens that are alive', async () => {
    const stops = await propose({ grant_types: ['authorization_code'] });
    expect(kinds(stops)).toEqual(['grant_type refresh_token', 'refresh_tokens 2']);
    await refresh(op, client, tokens.refresh_token);
    const [grant] = await propose({ grant_types: ['authorization_code'] });
    expect(grant?.last_used).toEqual(expect.any(Number));
  });

  test('are secrets that nothing can be done with afterwards', async () => {
    const [secret] = (await op.admin(at(client))).body.secrets;
    for (const method of ['none', 'client_secret_jwt']) {
      const stops = await propose({ token_endpoint_auth_method: method });
      expect(stops).toEqual([
        {
          kind: 'secret',
          value: secret.id,
          detail: expect.stringContaining(secret.id),
          values: { name: secret.id },
          last_used: expect.any(Number),
        },
      ]);
    }
    expect(await propose({ token_endpoint_auth_method: 'client_secret_post' })).toEqual([]);
    const sealed = await op.createClient({ token_endpoint_auth_method: 'client_secret_jwt' });
    const patch = { token_endpoint_auth_method: 'client_secret_basic' };
    expect((await outcome({ client_id: sealed.client_id, patch })).stops).toEqual([]);
  });

  test('is everything of a client that is disabled, and nothing more of one that is', async () => {
    const stops = await propose({ disabled: true });
    expect(kinds(stops)).toEqual([`client ${client.client_id}`, 'refresh_tokens 2']);
    const unused = await op.createClient();
    const end = { client_id: unused.client_id, patch: { disabled: true } };
    expect((await outcome(end)).stops).toEqual([
      { kind: 'client', value: unused.client_id, detail: expect.any(String) },
    ]);
    const other = await op.createClient({ disabled: true });
    const patch = { client_name: 'Still off' };
    expect((await outcome({ client_id: other.client_id, patch })).stops).toEqual([]);
  });

  test('is told of a conversion too', async () => {
    const convert = { type: 'server-to-server' };
    const { accepted, stops } = await outcome({ client_id: client.client_id, convert });
    expect(accepted).toBe(true);
    expect(kinds(stops)).toEqual([
      'grant_type authorization_code',
      'grant_type refresh_token',
      `redirect_uri ${CALLBACK}`,
      'redirect_uri https://rp.example/unused',
      'refresh_tokens 2',
    ]);
  });

  test('stops nothing: the tokens of before still work', async () => {
    const [family] = (await op.admin(at(client))).body.redirect_uris;
    expect(family).toBe(CALLBACK);
    expect((await op.admin(at(client))).headers.get('etag')).toBe('"1"');
  });
});

describe('a proposal', () => {
  test('for a client that is not there is answered so', async () => {
    expect((await dryRun({ client_id: 'nobody', patch: {} })).status).toBe(404);
  });

  test.each<[string, unknown, string]>([
    ['nothing', {}, ''],
    ['a list', [], ''],
    ['a client without a change', { client_id: 'x' }, ''],
    ['a patch without a client', { patch: {} }, '/client_id'],
    ['a patch that is none', { client_id: 'x', patch: 5 }, '/patch'],
    ['an operator for an id', { client_id: { $ne: '' }, patch: {} }, '/client_id'],
    ['a conversion without a type', { client_id: 'x', convert: {} }, '/convert/type'],
    ['something unheard of', { create: {}, force: true }, '/force'],
  ])('of %s is refused where it is wrong', async (_, proposal, pointer) => {
    const { status, body } = await dryRun(proposal);
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'invalid' });
    expect(body.errors.length).toBeGreaterThan(0);
    if (pointer) expect(body.errors).toContainEqual(expect.objectContaining({ pointer }));
  });
});
