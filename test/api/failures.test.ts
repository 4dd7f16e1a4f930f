import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failuresCollection } from '../../src/oidc/failures/failures.ts';
import { authorizeUrl, obtainCode, pkce, postAs, redeem } from '../flows/requests.ts';
import { createAgent } from '../support/agent.ts';
import { CALLBACK, type Fields, type Op, startOp, type TestClient } from '../support/op.ts';

let op: Op;
let client: TestClient;
beforeAll(async () => {
  op = await startOp({ failures: { per_minute: 50 } });
  client = await op.createClient({ redirect_uris: [CALLBACK, 'https://rp.example/other'] });
});
afterAll(() => op?.close());

/** Asks as a browser does; answers the correlation id. */
async function authorize(fields: Fields, of: { client_id: string } = client): Promise<string> {
  const { headers } = await op.get(authorizeUrl(op, of, fields).slice(op.issuer.length), {
    accept: 'text/html',
  });
  return headers.get('x-correlation-id') ?? '';
}

const list = async (query: Record<string, string>) => {
  const { status, body } = await op.admin(`/failures?${new URLSearchParams(query)}`);
  expect(status).toBe(200);
  return body.items;
};
const byId = async (id: string) => (await list({ id }))[0];
const latest = async (of: TestClient) => (await list({ client_id: of.client_id, limit: '1' }))[0];

describe('a redirect URI', () => {
  test.each([
    ['https://rp.example/callback/', ['trailing slash'], CALLBACK],
    ['http://rp.example/callback', ['scheme'], CALLBACK],
    ['https://rp.example:8443/callback', ['port'], CALLBACK],
    ['https://rp.example/Callback', ['case'], CALLBACK],
    ['https://RP.example/callback', ['case'], CALLBACK],
    ['https://rp.example/Other/', ['path'], CALLBACK],
    ['https://rp.example/other/', ['trailing slash'], 'https://rp.example/other'],
    ['https://www.rp.example/callback', ['host'], CALLBACK],
  ])('%s is told by %j from the nearest', async (redirect_uri, differs, first) => {
    expect(await byId(await authorize({ redirect_uri }))).toMatchObject({
      client_id: client.client_id,
      endpoint: 'authorization',
      error: 'invalid_redirect_uri',
      reason: {
        code: 'redirect_uri',
        about: 'redirect_uris',
        sent: redirect_uri,
        differs,
        registered: expect.arrayContaining([first]),
      },
    });
  });

  test('with a password, a query or a fragment is kept without them', async () => {
    const uri = 'https://me:hunter22@rp.example/callback?token=s3cr3t-in-query#s3cr3t-in-fragment';
    const { reason } = await byId(await authorize({ redirect_uri: uri }));
    expect(reason.sent).toBe('https://…@rp.example/callback?token=…#…');
  });
});

test.each<[string, Fields, object]>([
  ['pkce_missing', { code_challenge: undefined, code_challenge_method: undefined }, {}],
  ['pkce_challenge', { code_challenge_method: 'plain' }, { sent: 'plain', registered: ['S256'] }],
  ['response_type', { response_type: 'token' }, { sent: 'token', registered: ['code'] }],
  ['missing_parameter', { response_type: undefined }, {}],
])('a request is refused for %s', async (code, fields, more) => {
  expect(await byId(await authorize(fields))).toMatchObject({ reason: { code, ...more } });
});

test('a scope that a client may not ask for is named beside those that it may', async () => {
  const narrow = await op.createClient({ scope: 'openid' });
  const { reason } = await byId(await authorize({ scope: 'openid email' }, narrow));
  expect(reason).toMatchObject({ code: 'scope', sent: 'email', registered: ['openid'] });
});

test('a client that is not there, and one that is disabled', async () => {
  const nobody = await byId(await authorize({}, { client_id: 'nobody' }));
  expect(nobody).toMatchObject({ client_id: 'nobody', reason: { code: 'client_unknown' } });
  const disabled = await op.createClient({ disabled: true });
  const id = await authorize({}, disabled);
  expect(await byId(id)).toMatchObject({ reason: { code: 'client_disabled' } });
  expect(await latest(disabled)).toMatchObject({ id });
});

test('a sign-in that is gone is found by the id on its page', async () => {
  const { status, headers } = await op.get('/interaction/of-nobody', { accept: 'text/html' });
  expect(status).toBe(400);
  const id = headers.get('x-correlation-id') ?? '';
  expect(await byId(id)).toMatchObject({ id, endpoint: 'page', reason: { code: 'session_gone' } });
});

test('a wrong secret and a wrong method', async () => {
  const { client_id, client_secret = '' } = client;
  const grant = { grant_type: 'authorization_code', code: 'x', redirect_uri: CALLBACK };
  await postAs(op, { client_id, client_secret: 'not the secret' }, '/token', grant);
  expect(await latest(client)).toMatchObject({
    endpoint: 'token',
    error: 'invalid_client',
    method: 'client_secret_basic',
    reason: {
      code: 'secret_wrong',
      sent: 'client_secret_basic',
      detail: expect.stringContaining('(1 valid, 0 expired)'),
    },
  });
  await op.post('/token', { ...grant, client_id, client_secret });
  expect(await latest(client)).toMatchObject({
    reason: {
      code: 'method',
      sent: 'client_secret_post',
      registered: ['client_secret_basic'],
    },
  });
});

test('a wrong verifier, another redirect URI, and a code used twice', async () => {
  const account = await op.createAccount();
  await redeem(op, client, await obtainCode(op, client, account), {
    code_verifier: 'y'.repeat(43),
  });
  expect(await latest(client)).toMatchObject({ reason: { code: 'pkce_challenge' } });
  await redeem(op, client, await obtainCode(op, client, account), { code_verifier: undefined });
  expect(await latest(client)).toMatchObject({ reason: { code: 'pkce_verifier' } });
  await redeem(op, client, await obtainCode(op, client, account), {
    redirect_uri: 'https://rp.example/other',
  });
  expect(await latest(client)).toMatchObject({ reason: { code: 'redirect_uri_changed' } });
  const code = await obtainCode(op, client, account);
  expect((await redeem(op, client, code)).status).toBe(200);
  await redeem(op, client, code);
  expect(await latest(client)).toMatchObject({ reason: { code: 'code_used' } });
});

test.each(['null', '[]', '7', '""', '{"sub":{}}', '{"sub":7}', 'x'])(
  'an assertion that says %s is refused as ever, and recorded',
  async (payload) => {
    const part = Buffer.from(payload).toString('base64url');
    const { status, headers } = await op.post('/token', {
      client_assertion: `${part}.${part}.x`,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      grant_type: 'client_credentials',
    });
    expect([400, 401]).toContain(status);
    expect(await byId(headers.get('x-correlation-id') ?? '')).toMatchObject({ endpoint: 'token' });
    expect(op.logs.map(({ msg }) => msg)).not.toContain('failure not read');
  },
);

test('what is very long is cut, quickly', async () => {
  const scope = `openid ${'a'.repeat(50_000)}`;
  const before = Date.now();
  const { headers } = await op.post('/authorize', {
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: `${CALLBACK}/${'b'.repeat(50_000)}`,
    scope,
  });
  const failure = await byId(headers.get('x-correlation-id') ?? '');
  expect(Date.now() - before).toBeLessThan(2000);
  expect(JSON.stringify(failure).length).toBeLessThan(3000);
});

test('what works is not recorded', async () => {
  const quiet = await op.createClient();
  await redeem(op, quiet, await obtainCode(op, quiet, await op.createAccount()));
  await createAgent(op.issuer).visit(authorizeUrl(op, quiet, { prompt: 'none' }));
  expect(await list({ client_id: quiet.client_id })).toEqual([]);
});

test('a failure names the client as it is called now', async () => {
  const renamed = await op.createClient({ client_name: 'Old name' });
  const id = await authorize({ redirect_uri: `${CALLBACK}/` }, renamed);
  expect(await byId(id)).toMatchObject({ client_name: 'Old name' });
  const path = `/clients/${renamed.client_id}`;
  await op.admin(path, { method: 'PATCH', body: { client_name: 'New name' } });
  expect(await byId(id)).toMatchObject({ client_name: 'New name' });
  await op.admin(path, { method: 'DELETE' });
  expect(await byId(id)).not.toHaveProperty('client_name');
});

test('nothing secret is kept, neither in clear nor sealed', async () => {
  const { client_id } = client;
  const jwt = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const assertion = `${jwt({ alg: 'RS256' })}.${jwt({ sub: client_id, jti: 'one-time-jti-91' })}.c2lnbmF0dXJlLWhlcmU`;
  const secrets = {
    secret: 'the-presented-secret-71',
    code: 'the-presented-code-72',
    verifier: `the-presented-verifier-73-${'v'.repeat(30)}`,
    refresh: 'the-presented-refresh-token-74',
    hint: 'the-presented-hint-75',
    password: 'the-presented-password-76',
    request: 'the-presented-request-77.e30.x',
    broken: '{"the-broken-assertion-78',
  };
  const sent: [string, Fields][] = [
    [
      '/token',
      {
        client_id,
        client_secret: secrets.secret,
        code: secrets.code,
        code_verifier: secrets.verifier,
        grant_type: 'authorization_code',
      },
    ],
    [
      '/token',
      {
        client_id,
        client_assertion: assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        grant_type: 'client_credentials',
      },
    ],
    [
      '/token',
      {
        client_id,
        client_assertion: `${jwt({})}.${Buffer.from(secrets.broken).toString('base64url')}.x`,
        grant_type: 'client_credentials',
      },
    ],
    [
      '/token',
      {
        client_id,
        client_secret: secrets.secret,
        grant_type: 'password',
        username: 'a',
        password: secrets.password,
      },
    ],
  ];
  for (const [path, fields] of sent) await op.post(path, fields);
  for (const fields of [{ refresh_token: secrets.refresh, grant_type: 'refresh_token' }]) {
    await postAs(op, client, '/token', fields);
  }
  await redeem(op, client, secrets.code);
  await authorize({ id_token_hint: secrets.hint });
  await authorize({ request: secrets.request });
  const all = await op.admin('/failures?limit=500');
  expect(all.body.items.length).toBeGreaterThan(sent.length + 3);
  const stored = await op.store.collection(failuresCollection).list({ limit: 1000 });
  const text = JSON.stringify(all.body) + JSON.stringify(stored.entries);
  for (const secret of [
    ...Object.values(secrets),
    client.client_secret,
    assertion.split('.')[2],
    'one-time-jti-91',
    pkce.verifier,
  ]) {
    expect(text).not.toContain(secret);
  }
  // What came from outside is sealed: a copy of the store does not tell it.
  expect(JSON.stringify(stored.entries)).not.toContain('rp.example');
});

test('a page ends where the next begins, newest first, and a query with mistakes is refused', async () => {
  const first = (await op.admin('/failures?limit=2')).body;
  const second = (await op.admin(`/failures?limit=2&after=${encodeURIComponent(first.next)}`)).body;
  const times = [...first.items, ...second.items].map(({ at }) => at);
  expect(times).toHaveLength(4);
  expect(times).toEqual([...times].sort().reverse());
  expect((await op.admin('/failures?nonsense=1')).status).toBe(400);
});

describe('a flood', () => {
  let small: Op;
  beforeAll(async () => {
    small = await startOp({ failures: { per_minute: 3 } });
  });
  afterAll(() => small?.close());

  const at = (client_id: string) =>
    small.get(
      authorizeUrl(small, { client_id }, { redirect_uri: 'https://evil.example/' }).slice(
        small.issuer.length,
      ),
    );

  test('of one client, or of many that are none, is cut off, and hides no other', async () => {
    const [one, other] = [await small.createClient(), await small.createClient()];
    await Promise.all(Array.from({ length: 30 }, () => at(one.client_id)));
    await Promise.all(Array.from({ length: 30 }, (_, index) => at(`nobody-${index}`)));
    await at(other.client_id);
    const of = async (query: string) => (await small.admin(`/failures?${query}`)).body.items;
    // A minute of the clock may have turned between two of them.
    expect((await of(`client_id=${one.client_id}`)).length).toBeLessThanOrEqual(6);
    expect((await of('limit=500')).length).toBeLessThanOrEqual(13);
    expect(await of(`client_id=${other.client_id}`)).toHaveLength(1);
  });
});

test('of a client the newest are kept, and none for longer than the configuration says', async () => {
  const busy = await startOp({ failures: { per_minute: 1000, keep: 60 } });
  try {
    const { client_id } = await busy.createClient();
    const url = authorizeUrl(busy, { client_id }, { redirect_uri: 'https://rp.example/no' });
    const stored = async () =>
      (await busy.store.collection(failuresCollection).list({ limit: 1000 })).entries;
    let id: string | null = '';
    for (let batch = 0; batch < 5; batch += 1) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => busy.get(url.slice(busy.issuer.length))),
      );
      id = answers[0]?.headers.get('x-correlation-id') ?? '';
      await busy.admin('/failures?limit=1');
    }
    expect((await stored()).length).toBeGreaterThanOrEqual(200);
    expect((await stored()).length).toBeLessThanOrEqual(220);
    expect((await busy.admin(`/failures?id=${id}`)).body.items).toHaveLength(1);
    for (const { expires = 0 } of await stored()) {
      expect(expires).toBeLessThanOrEqual(Date.now() + 60_000);
      expect(expires).toBeGreaterThan(Date.now());
    }
  } finally {
    await busy.close();
  }
});

test('a store that fails while it is written down changes no answer', async () => {
  const broken = await startOp(
    {},
    {
      through: (store) => ({
        ...store,
        collection: (spec) => {
          const collection = store.collection<never>(spec);
          if (spec !== failuresCollection) return collection as never;
          return { ...collection, insert: () => Promise.reject(new Error('full')) } as never;
        },
      }),
    },
  );
  try {
    const made = await broken.createClient();
    const url = authorizeUrl(broken, made, { redirect_uri: 'https://rp.example/no' });
    const { status, headers } = await broken.get(url.slice(broken.issuer.length));
    expect(status).toBe(400);
    expect(headers.get('x-correlation-id')).toBeTruthy();
    expect((await broken.admin('/failures')).body.items).toEqual([]);
    expect(broken.logs.map(({ msg }) => msg)).toContain('failure not written');
  } finally {
    await broken.close();
  }
});
