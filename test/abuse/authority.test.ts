/** Nobody becomes more than they are by what they may write. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apiScopes } from '../../src/oidc/tokens.ts';
import { obtainTokens, postAs } from '../flows/requests.ts';
import { type Answer, type Op, startOp, type TestClient } from '../support/op.ts';

const all = apiScopes.map(({ name }) => name);
type Role = 'owner' | 'editor' | 'viewer';

let op: Op;
let api: string;
let own: { id: string; access: { client_id: string; scopes: string[] }[] };
/** An application in which people administer. */
let administration: TestClient;
beforeAll(async () => {
  op = await startOp();
  api = `${op.issuer}/api/v1`;
  administration = await op.createClient({ client_name: 'Console' });
  const { body } = await op.admin('/resources');
  own = body.items.find((item: { identifier: string }) => item.identifier === api);
  await open(administration, all);
});
afterAll(() => op?.close());

async function open({ client_id }: { client_id: string }, scopes: readonly string[]) {
  const { body } = await op.admin(`/resources/${own.id}`);
  const access = [...body.access, { client_id, scopes }];
  const answer = await op.admin(`/resources/${own.id}`, { method: 'PATCH', body: { access } });
  expect(answer.status).toBe(200);
  own = answer.body;
}

const asPerson = async (roles: Role[]) => {
  const person = await op.createAccount({ roles });
  const scope = ['openid', 'offline_access', ...all].join(' ');
  const fields = { resource: api, scope, prompt: 'consent' };
  return { person, tokens: await obtainTokens(op, administration, person, fields) };
};

async function asMachine(scopes: readonly string[]): Promise<string> {
  const machine = await op.createClient({ type: 'server-to-server' });
  await open(machine, scopes);
  const fields = { grant_type: 'client_credentials', resource: api, scope: scopes.join(' ') };
  return (await postAs(op, machine, '/token', fields)).body.access_token;
}

const call = (token: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  op.admin(path, { method, body, headers: { authorization: `Bearer ${token}` } });

const expectForbidden = ({ status, body }: Answer) =>
  expect([status, body.code]).toEqual([403, 'forbidden']);

const writes: [method: string, path: string, body: unknown][] = [
  ['POST', '/clients', { redirect_uris: ['https://rp.example/'] }],
  ['PATCH', '/clients/CLIENT', { client_name: 'Mine' }],
  ['PUT', '/clients/CLIENT', { redirect_uris: ['https://evil.example/'] }],
  ['DELETE', '/clients/CLIENT', undefined],
  ['POST', '/clients/CLIENT/secrets', {}],
  ['POST', '/clients/CLIENT/convert', { type: 'native' }],
  ['POST', '/clients/CLIENT/restore', { event: 'x' }],
  ['POST', '/accounts', { email: 'new@example.com' }],
  ['PATCH', '/accounts/PERSON', { roles: ['owner'] }],
  ['DELETE', '/accounts/PERSON', undefined],
  ['DELETE', '/accounts/PERSON/sessions', undefined],
  ['DELETE', '/accounts/PERSON/grants/CLIENT', undefined],
  ['POST', '/accounts/PERSON/reset-email', undefined],
  ['DELETE', '/sessions/any', undefined],
  ['POST', '/resources', { identifier: 'https://api.example/mine' }],
  ['POST', '/registration-policies', { name: 'mine' }],
  ['POST', '/registration-tokens', { policy: {} }],
];

describe('abuse case 11: a viewer', () => {
  test('reads no secret and writes nothing, whatever their token asked for', async () => {
    const { person, tokens } = await asPerson(['viewer']);
    const target = await op.createClient();
    for (const [method, path, body] of writes) {
      const where = path.replace('CLIENT', target.client_id).replace('PERSON', person.id);
      expectForbidden(await call(tokens.access_token, method, where, body));
    }
    const read = await call(tokens.access_token, 'GET', `/clients/${target.client_id}`);
    expect(read.status).toBe(200);
    expect(JSON.stringify(read.body)).not.toContain(target.client_secret);
    expect((await call(tokens.access_token, 'GET', '/audit')).status).toBe(200);
    expect((await op.admin(`/clients/${target.client_id}`)).status).toBe(200);
  });

  test('who loses the role loses the access that was given out with it', async () => {
    const { person, tokens } = await asPerson(['viewer']);
    await op.admin(`/accounts/${person.id}`, { method: 'PATCH', body: { roles: [] } });
    expectForbidden(await call(tokens.access_token, 'GET', '/clients'));
  });
});

describe('an editor', () => {
  let editor: string;
  beforeAll(async () => {
    editor = (await asPerson(['editor'])).tokens.access_token;
  });

  test('edits clients that may not administer', async () => {
    const target = await op.createClient();
    const path = `/clients/${target.client_id}`;
    expect((await call(editor, 'PATCH', path, { client_name: 'New' })).status).toBe(200);
    expect((await call(editor, 'POST', `${path}/secrets`, {})).status).toBe(201);
    expect((await call(editor, 'DELETE', path)).status).toBe(204);
  });

  test.each(writes.filter(([, path]) => path.startsWith('/clients/CLIENT')))(
    'does not become a client that may do more: %s %s',
    async (method, path, body) => {
      for (const { client_id } of [op.adminClient, administration]) {
        const answer = await call(editor, method, path.replace('CLIENT', client_id), body);
        expectForbidden(answer);
        expect(answer.body.detail).toContain('accounts:write');
        expect((await op.admin(`/clients/${client_id}`)).status).toBe(200);
      }
    },
  );

  test('does not take the name of a client that access waits for', async () => {
    await open({ client_id: 'not-there-yet' }, ['accounts:write']);
    const body = { client_id: 'not-there-yet', type: 'server-to-server' };
    expectForbidden(await call(editor, 'POST', '/clients', body));
  });

  test.each(['PATCH', 'PUT'])('does not open the API wider than it is (%s)', async (method) => {
    const { client_id } = await op.createClient({ type: 'server-to-server' });
    const path = `/resources/${own.id}`;
    const { body: before } = await op.admin(path);
    for (const who of [client_id, '*']) {
      const access = [...before.access, { client_id: who, scopes: ['accounts:write'] }];
      expectForbidden(await call(editor, method, path, { ...before, access }));
    }
    expect((await op.admin(path)).body).toEqual(before);
    const access = [...before.access, { client_id, scopes: ['clients:read'] }];
    expect((await call(editor, method, path, { ...before, access })).status).toBe(200);
  });
});

describe('a program that manages accounts', () => {
  test('makes no owner, and takes over none', async () => {
    const token = await asMachine(['accounts:read', 'accounts:write']);
    const owner = await op.createAccount({ roles: ['owner'] });
    const person = await op.createAccount();
    const password = 'a password of their choice';
    for (const [method, path, body] of [
      ['POST', '/accounts', { email: 'own@example.com', password, roles: ['owner'] }],
      ['POST', '/accounts', { email: 'own@example.com', password, roles: ['viewer', 'editor'] }],
      ['PATCH', `/accounts/${person.id}`, { roles: ['owner'] }],
      ['PUT', `/accounts/${person.id}`, { email: person.email, roles: ['viewer'] }],
      ['PATCH', `/accounts/${owner.id}`, { password }],
      ['PATCH', `/accounts/${owner.id}`, { email: 'mine@example.com' }],
      ['DELETE', `/accounts/${owner.id}`, undefined],
    ] as const)
      expectForbidden(await call(token, method, path, body));
    expect((await call(token, 'PATCH', `/accounts/${person.id}`, { password })).status).toBe(200);
    expect((await call(token, 'PATCH', '/accounts/nobody', { password })).status).toBe(404);
  });
});

describe('the API takes no token but its own access tokens', () => {
  test('neither refresh tokens, ID tokens, codes and other audiences, nor its own elsewhere', async () => {
    const { person, tokens } = await asPerson(['owner']);
    expect((await call(tokens.access_token, 'GET', '/clients')).status).toBe(200);
    const plain = await obtainTokens(op, administration, person, { scope: 'openid email' });
    const resource = await op.createResource({
      scopes: [{ name: 'clients:read' }],
      access: [{ client_id: administration.client_id, scopes: ['clients:read'] }],
      access_token_format: 'opaque',
    });
    const other = await obtainTokens(op, administration, person, {
      scope: 'openid clients:read',
      resource: resource.identifier,
    });
    for (const token of [
      tokens.refresh_token,
      tokens.id_token,
      plain.access_token,
      other.access_token,
    ]) {
      expect(typeof token).toBe('string');
      const answer = await fetch(`${api}/clients`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(answer.status).toBe(401);
    }
    for (const where of [
      `${api}/clients?access_token=${tokens.access_token}`,
      `${op.issuer}/userinfo?access_token=${plain.access_token}`,
    ])
      expect([400, 401]).toContain((await fetch(where)).status);
    const userinfo = await op.get('/userinfo', { authorization: `Bearer ${tokens.access_token}` });
    expect([401, 403]).toContain(userinfo.status);
  });
});

test('an event of another client restores nothing, and a cursor of another list leads nowhere', async () => {
  const [mine, theirs] = [await op.createClient(), await op.createClient()];
  const history = await op.admin(`/clients/${theirs.client_id}/history`);
  const event = history.body.items[0].id;
  const restored = await op.admin(`/clients/${mine.client_id}/restore`, {
    method: 'POST',
    body: { event },
  });
  expect(restored.status).toBe(404);
  const { next } = (await op.admin('/clients?limit=1')).body;
  expect(next).toEqual(expect.any(String));
  const query = new URLSearchParams({ after: next, limit: '1', sort: '-created' });
  for (const path of [`/clients?${query}`, `/audit?after=${encodeURIComponent(next)}`]) {
    expect((await op.admin(path)).status).toBe(400);
  }
});
