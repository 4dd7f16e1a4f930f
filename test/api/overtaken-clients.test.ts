/**
 * Clients that were stored when a rule was looser, or by an earlier version: readable, editable,
 * mended step by step, and served only where that is safe.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientsCollection, type StoredClient } from '../../src/clients/client.ts';
import { profiles } from '../../src/clients/profiles.ts';
import type { Violation } from '../../src/lib/problem.ts';
import { authorizeUrl, postAs } from '../flows/requests.ts';
import { makeKeys } from '../support/keys.ts';
import { CALLBACK, type Op, startOp, type TestClient } from '../support/op.ts';

let op: Op;
const { jwks } = await makeKeys();
beforeAll(async () => {
  op = await startOp();
});
afterAll(() => op?.close());

const at = ({ client_id }: { client_id: string }, rest = '') => `/clients/${client_id}${rest}`;
const send = (method: string, path: string, body: unknown) => op.admin(path, { method, body });
const patch = (client: TestClient, body: object) => send('PATCH', at(client), body);
const pointers = (violations: Violation[]) => violations.map(({ pointer }) => pointer).sort();

/** Stores what no interface would take today. `undefined` takes a property away. */
async function overtake(client: TestClient, change: Record<string, unknown>): Promise<void> {
  const clients = op.store.collection<StoredClient>(clientsCollection);
  const { value, version } = (await clients.get(client.client_id)) as {
    value: StoredClient;
    version: number;
  };
  const metadata = { ...value.metadata, ...change } as StoredClient['metadata'];
  await clients.update(client.client_id, version, { ...value, metadata });
}
const overtaken = async (change: Record<string, unknown>, metadata: object = {}) => {
  const client = await op.createClient(metadata);
  await overtake(client, change);
  return client;
};

const long = `https://rp.example/${'x'.repeat(2048)}`;

/** What, how it is stored, where that is wrong, and whether flows still take such a client. */
const table: [string, Record<string, unknown>, string, boolean][] = [
  [
    'an address that is not in its normal form',
    { redirect_uris: ['https://RP.example/callback', CALLBACK] },
    '/redirect_uris/0',
    true,
  ],
  [
    'an address that became too long',
    { redirect_uris: [CALLBACK, long] },
    '/redirect_uris/1',
    true,
  ],
  ['a name that became too long', { client_name: 'x'.repeat(65) }, '/client_name', true],
  ['a logo without https', { logo_uri: 'http://rp.example/logo.png' }, '/logo_uri', true],
  ['a property that is no more', { retired_property: 'x' }, '/retired_property', true],
  ['a type that is no more', { type: 'kiosk' }, '/type', true],
  [
    'an address with a fragment',
    { redirect_uris: [`${CALLBACK}#here`, CALLBACK] },
    '/redirect_uris/0',
    false,
  ],
  [
    'an algorithm that is no more',
    { id_token_signed_response_alg: 'RS512' },
    '/id_token_signed_response_alg',
    false,
  ],
  [
    'a grant that is no more',
    { grant_types: ['authorization_code', 'refresh_token', 'password'] },
    '/grant_types/2',
    false,
  ],
  ['a profile that is no more', { fapi_profile: 'fapi1-read-only' }, '/fapi_profile', false],
  ['text where there is a list', { redirect_uris: CALLBACK }, '/redirect_uris', false],
  ['keys that are none', { jwks: { keys: 'none' } }, '/jwks/keys', false],
];
const cases = table.map(([what, change, pointer, served]) => ({ what, change, pointer, served }));

/** How a flow answers: the login page, or an error that is the client's. */
async function serves(client: TestClient): Promise<boolean> {
  const page = await op.get(authorizeUrl(op, client).slice(op.issuer.length));
  const fields = { grant_type: 'refresh_token', refresh_token: 'x' };
  const { status, body } = await postAs(op, client, '/token', fields);
  expect([303, 400, 401]).toContain(page.status);
  expect([400, 401]).toContain(status);
  const served = page.status === 303;
  expect(body.error).toMatch(
    served ? /^invalid_grant$/ : /^invalid_(client(_metadata)?|redirect_uri)$/,
  );
  return served;
}

describe.each(cases)('a stored client with $what', ({ change, pointer, served }) => {
  let client: TestClient;
  beforeAll(async () => {
    client = await overtaken(change);
  });

  test('is read and listed with what is wrong about it', async () => {
    const read = await op.admin(at(client));
    expect(read).toMatchObject({ status: 200, body: { conforming: false, warnings: [] } });
    expect(pointers(read.body.violations)).toContain(pointer);
    const { status, body } = await op.admin(`/clients?q=${client.client_id}`);
    expect(status).toBe(200);
    const [listed] = body.items;
    expect({ conforming: listed.conforming, violations: listed.violations }).toEqual({
      conforming: false,
      violations: read.body.violations,
    });
  });

  test('is reported on', async () => {
    for (const profile of Object.keys(profiles)) {
      const { status, body } = await op.admin(at(client, `/compliance?profile=${profile}`));
      expect({ profile, status }).toEqual({ profile, status: 200 });
      expect(body.conforming).toBe(body.rules.every(({ pass }: { pass: boolean }) => pass));
    }
    const { status, body } = await send('POST', '/clients/dry-run', { all: {} });
    expect(status).toBe(200);
    const found = body.items.find((item: TestClient) => item.client_id === client.client_id);
    expect(found).toMatchObject({ accepted: false });
    expect(pointers(found.refused)).toContain(pointer);
  });

  test(served ? 'is served' : 'is refused in flows as its own fault', async () => {
    expect(await serves(client)).toBe(served);
  });

  test('is edited where the edit leaves that alone', async () => {
    const dry = await send('POST', '/clients/dry-run', {
      client_id: client.client_id,
      patch: { description: 'Edited' },
    });
    expect(dry).toMatchObject({ status: 200, body: { accepted: true } });
    const edited = await patch(client, { description: 'Edited' });
    expect(edited).toMatchObject({ status: 200, body: { description: 'Edited' } });
    const wrong = await patch(client, { description: 'x'.repeat(257) });
    expect(wrong.status).toBe(422);
    expect(pointers(wrong.body.errors)).toEqual(['/description']);
  });

  test('cannot be made worse', async () => {
    const evil = 'http://evil.example/callback';
    const stored = change.redirect_uris;
    const redirect_uris = [...(Array.isArray(stored) ? stored : [CALLBACK]), evil];
    const answer = await patch(client, { redirect_uris });
    expect(answer.status).toBe(422);
    expect((await op.admin(at(client))).body.redirect_uris).not.toContain(evil);
  });

  test('is mended by what was wrong alone', async () => {
    const [property = ''] = Object.keys(change);
    const good: Record<string, unknown> = {
      redirect_uris: [CALLBACK],
      id_token_signed_response_alg: 'RS256',
      grant_types: ['authorization_code', 'refresh_token'],
      type: 'web',
    };
    // A type is changed by a conversion, also one that is no more.
    const answer =
      property === 'type'
        ? await send('POST', at(client, '/convert'), { type: 'web' })
        : await patch(client, { [property]: good[property] ?? null });
    expect({ status: answer.status, errors: answer.body.errors }).toEqual({ status: 200 });
    expect(answer.body).toMatchObject({ conforming: true, violations: [] });
    expect(await serves(client)).toBe(true);
  });
});

test('a stored client without what its version did not know yet is whole with the defaults', async () => {
  const without = { post_logout_redirect_uris: undefined, subject_type: undefined };
  const client = await overtaken(without);
  expect(await op.admin(at(client))).toMatchObject({ status: 200, body: { conforming: true } });
  for (const profile of Object.keys(profiles)) {
    const { status } = await op.admin(at(client, `/compliance?profile=${profile}`));
    expect({ profile, status }).toEqual({ profile, status: 200 });
  }
  expect(await serves(client)).toBe(true);
  const proposal = { client_id: client.client_id, patch: { disabled: true } };
  expect((await send('POST', '/clients/dry-run', proposal)).status).toBe(200);
  expect((await patch(client, { description: 'Edited' })).status).toBe(200);
  const held = await op.createClient({ jwks, fapi_profile: 'fapi2-security-profile' });
  await overtake(held, without);
  const { body } = await op.post('/par', { client_id: held.client_id });
  expect(body.error_description).not.toBe('the client does not meet its FAPI profile');
  expect(body.error).not.toBe('server_error');
});

test('what a program can mend is offered, and is enough', async () => {
  for (const change of [
    { redirect_uris: ['https://RP.example/callback'] },
    { retired_property: 'x' },
    { retired_property: 'x', token_endpoint_auth_method: 'none', response_types: ['id_token'] },
  ]) {
    const client = await overtaken(change);
    const { body } = await send('POST', '/clients/dry-run', { all: {} });
    const { repair } = body.items.find((item: TestClient) => item.client_id === client.client_id);
    expect(repair.remaining).toEqual([]);
    expect(Object.keys(repair.patch).length).toBeGreaterThan(0);
    const mended = await patch(client, repair.patch);
    expect(mended).toMatchObject({ status: 200, body: { conforming: true } });
    expect((await op.admin(at(client))).body.conforming).toBe(true);
  }
});

describe('a client that no longer meets its FAPI profile (abuse case 24)', () => {
  test.each<[string, Record<string, unknown>]>([
    ['unbound tokens', { dpop_bound_access_tokens: false }],
    ['requests that need not be pushed', { require_pushed_authorization_requests: false }],
    ['a weak algorithm', { id_token_signed_response_alg: 'RS256' }],
    ['a property that no rule can judge', { redirect_uris: [CALLBACK, long] }],
  ])('by %s is refused in flows until it is mended', async (_, change) => {
    const client = await op.createClient({ jwks, fapi_profile: 'fapi2-security-profile' });
    const before = (await op.admin(at(client))).body;
    const push = async () => {
      const { status, body } = await op.post('/par', { client_id: client.client_id });
      return { status, error: body.error, description: body.error_description };
    };
    const known = await push();
    await overtake(client, change);
    expect(await push()).toEqual({
      status: 400,
      error: 'invalid_client',
      description: 'the client does not meet its FAPI profile',
    });
    const read = await op.admin(at(client));
    expect(read).toMatchObject({ status: 200, body: { conforming: false } });
    const [property = ''] = Object.keys(change);
    const mended = await patch(client, { [property]: before[property] });
    expect(mended).toMatchObject({ status: 200, body: { conforming: true } });
    expect(await push()).toEqual(known);
    expect(known.description).not.toBe('the client does not meet its FAPI profile');
  });
});
