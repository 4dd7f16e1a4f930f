import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Op, startOp } from '../support/op.ts';
import {
  pointersOf,
  register,
  registered,
  send,
  tokenFor,
  updatable,
  update,
  webClient,
} from './registrations.ts';

let op: Op;
let token: string;
beforeAll(async () => {
  op = await startOp();
  token = await tokenFor(op);
});
afterAll(() => op.close());

const read = (uri: string, bearer: string) => send(op, 'GET', uri, { token: bearer });

describe('abuse case 7: what only administrators decide', () => {
  const wanted: [string, unknown][] = [
    ['first_party', true],
    ['first_party', false],
    ['first_party', null],
    ['first_party#de', true],
    ['type', 'financial'],
    ['fapi_profile', 'fapi2-security-profile'],
    ['fapi_profile', null],
    ['openid_conformance', true],
    ['extra_metadata', { plan: 'gold' }],
    ['description', 'Trust me'],
    ['tags', ['trusted']],
    ['disabled', false],
    ['owner', 'admin@example.com'],
    ['roles', ['owner']],
  ];
  test.each(wanted)('is refused at registration: %s %j', async (name, value) => {
    const answer = await register(op, token, { ...webClient, [name]: value });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_client_metadata']);
    expect(answer.body.errors).toEqual([
      expect.objectContaining({
        pointer: `/${name}`,
        rule: 'administrator-only',
        fix: 'remove it',
      }),
    ]);
  });

  test.each(wanted)('is refused in an update: %s %j', async (name, value) => {
    const information = await registered(op, token);
    const before = (await op.admin(`/clients/${information.client_id}`)).body;
    const answer = await update(op, information, { [name]: value });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_client_metadata']);
    expect(pointersOf(answer)).toEqual([`/${name}`]);
    expect((await op.admin(`/clients/${information.client_id}`)).body).toEqual(before);
  });

  test('is not had by another spelling, nor through a prototype', async () => {
    const text = `{"redirect_uris":${JSON.stringify(webClient.redirect_uris)},"First_Party":true,"firstParty":true,"__proto__":{"first_party":true},"constructor":{"prototype":{"first_party":true}}}`;
    const answer = await send(op, 'POST', '/register', { token, body: text });
    expect(answer.status).toBe(201);
    const known = await op.admin(`/clients/${answer.body.client_id}`);
    expect(known.body).toMatchObject({ first_party: false, type: 'web' });
    expect(({} as Record<string, unknown>).first_party).toBeUndefined();
  });
});

describe('abuse case 8: a change that leaves the policy', () => {
  const policy = {
    types: ['web'],
    scopes: ['openid', 'profile'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_methods: ['client_secret_basic'],
    redirect_hosts: ['rp.example'],
  };
  const leaving: [string, Record<string, unknown>, string][] = [
    ['another type', { token_endpoint_auth_method: 'none' }, 'type-is-fixed'],
    ['native', { application_type: 'native' }, 'type-is-fixed'],
    [
      'another method',
      { token_endpoint_auth_method: 'client_secret_post' },
      'registration-policy-token-endpoint-auth-methods',
    ],
    [
      'another grant',
      { grant_types: ['authorization_code', 'refresh_token'] },
      'registration-policy-grant-types',
    ],
    [
      'another host',
      { redirect_uris: ['https://else.example/'] },
      'registration-policy-redirect-hosts',
    ],
    ['more scopes', { scope: 'openid email' }, 'registration-policy-scopes'],
  ];
  test.each(leaving)('is refused: %s', async (_, changes, rule) => {
    const own = await tokenFor(op, policy);
    const information = await registered(op, own);
    const answer = await update(op, information, changes);
    expect([answer.status, answer.body.error.startsWith('invalid_')]).toEqual([400, true]);
    expect(answer.body.errors.map((found: { rule: string }) => found.rule)).toContain(rule);
  });

  test.each(['scope', 'grant_types', 'token_endpoint_auth_method', 'response_types'])(
    'is refused or filled in by the policy when %s is omitted',
    async (name) => {
      const information = await registered(op, await tokenFor(op, policy));
      const { [name]: _, ...rest } = updatable(information);
      const answer = await send(op, 'PUT', information.registration_client_uri, {
        token: information.registration_access_token,
        body: rest,
      });
      expect(answer.status).toBe(200);
      expect(answer.body[name]).toEqual(information[name]);
    },
  );

  test('is judged by the policy as it was, when that has changed or is gone', async () => {
    const named = { name: 'once', ...policy };
    await op.admin('/registration-policies', { method: 'POST', body: named });
    const { body: made } = await op.admin('/registration-tokens', {
      method: 'POST',
      body: { policy: 'once' },
    });
    const information = await registered(op, made.token);
    await op.admin(`/registration-tokens/${made.id}`, { method: 'DELETE' });
    await op.admin('/registration-policies/once', { method: 'DELETE' });
    const answer = await update(op, information, { redirect_uris: ['https://else.example/'] });
    expect([answer.status, pointersOf(answer)]).toEqual([400, ['/redirect_uris/0']]);
  });
});

describe('abuse case 9: a registration access token', () => {
  const bearerOf = (information: Record<string, unknown>) =>
    String(information.registration_access_token);

  test('of another client is refused, and both clients keep theirs', async () => {
    const [mine, theirs] = [await registered(op, token), await registered(op, token)];
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await send(op, method, theirs.registration_client_uri, {
        token: bearerOf(mine),
        ...(method === 'PUT' && { body: updatable(theirs) }),
      });
      expect([method, answer.status, answer.body.error]).toEqual([method, 401, 'invalid_token']);
    }
    expect((await read(mine.registration_client_uri, bearerOf(mine))).status).toBe(200);
    expect((await read(theirs.registration_client_uri, bearerOf(theirs))).status).toBe(200);
  });

  test('survives a stranger’s attempts without one and with made-up ones', async () => {
    const mine = await registered(op, token);
    for (const wrong of ['x', token, `${bearerOf(mine)}x`, bearerOf(mine).slice(0, -1)])
      expect((await read(mine.registration_client_uri, wrong)).status).toBe(401);
    expect((await send(op, 'DELETE', mine.registration_client_uri)).status).toBe(401);
    expect((await read(mine.registration_client_uri, bearerOf(mine))).status).toBe(200);
  });

  test('is answered alike for a client that is not there and for one that no registration made', async () => {
    const mine = await registered(op, token);
    const { client_id } = await op.createClient();
    const answers = await Promise.all(
      [client_id, 'unknown', '__proto__', 'x'.repeat(2000)].map((id) =>
        read(`/register/${id}`, bearerOf(mine)),
      ),
    );
    for (const { status, body } of answers) {
      expect([status, body.error]).toEqual([401, 'invalid_token']);
      expect(body).toEqual(answers[0]?.body);
    }
  });

  test('of a disabled client is refused, and works again when the client does', async () => {
    const mine = await registered(op, token);
    const set = (disabled: boolean) =>
      op.admin(`/clients/${mine.client_id}`, { method: 'PATCH', body: { disabled } });
    await set(true);
    expect((await read(mine.registration_client_uri, bearerOf(mine))).status).toBe(401);
    expect((await update(op, mine)).status).toBe(401);
    await set(false);
    expect((await update(op, mine)).status).toBe(200);
  });

  test('is dead after rotation, and after that only the new one rotates', async () => {
    const first = await registered(op, token);
    const second = (await update(op, first)).body;
    expect((await update(op, first)).status).toBe(401);
    expect((await read(second.registration_client_uri, bearerOf(second))).status).toBe(200);
  });

  test('is no access token, and an initial access token is none of these', async () => {
    const mine = await registered(op, token);
    const bearer = { authorization: `Bearer ${bearerOf(mine)}` };
    expect((await op.get('/userinfo', bearer)).status).toBe(401);
    expect((await op.get('/api/v1/clients', bearer)).status).toBe(401);
    expect((await register(op, bearerOf(mine))).status).toBe(401);
  });
});

describe('abuse case 10: hosts', () => {
  const hostile = [
    'https://good.example.evil.example2/',
    'https://evilgood.example/',
    'https://good.example.evil.test/',
    'https://good-example.test/',
    'https://good.example@evil.test/',
    'https://evil.test/good.example',
    'https://evil.test/?good.example',
    'https://xn--good-example-.test/',
  ];
  test.each(hostile)('are compared as a whole domain: %s is refused', async (uri) => {
    const own = await tokenFor(op, { redirect_domains: ['good.example'] });
    const answer = await register(op, own, { redirect_uris: [uri] });
    expect([answer.status, pointersOf(answer).includes('/redirect_uris/0')]).toEqual([400, true]);
  });

  test('of one tenant of a public suffix are not those of another', async () => {
    const own = await tokenFor(op, { redirect_domains: ['mine.github.io'] });
    expect((await register(op, own, { redirect_uris: ['https://mine.github.io/'] })).status).toBe(
      201,
    );
    const other = await register(op, own, { redirect_uris: ['https://other.github.io/'] });
    expect(other.status).toBe(400);
    const suffix = await op.admin('/registration-policies', {
      method: 'POST',
      body: { name: 'suffix', redirect_domains: ['github.io', 'co.uk', 'Example.com'] },
    });
    expect([suffix.status, pointersOf(suffix)]).toEqual([
      422,
      ['/redirect_domains/0', '/redirect_domains/1', '/redirect_domains/2'],
    ]);
  });

  test('in headers move no address', async () => {
    const answer = await send(op, 'POST', '/register', {
      token,
      body: webClient,
      headers: {
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example',
      },
    });
    expect(answer.body.registration_client_uri).toBe(
      `${op.issuer}/register/${answer.body.client_id}`,
    );
  });
});

describe('abuse case 21: floods', () => {
  test('of registrations from an address are limited, whatever they ask and claim', async () => {
    const limited = await startOp({ limits: { registration: { ip: { max: 3, per: 60 } } } });
    try {
      const own = await tokenFor(limited);
      const first = await registered(limited, own);
      expect((await register(limited, own, { redirect_uris: [] })).status).toBe(400);
      expect((await register(limited, 'wrong')).status).toBe(401);
      const refused = await send(limited, 'POST', '/register', {
        token: own,
        body: webClient,
        headers: { 'x-forwarded-for': '203.0.113.9' },
      });
      expect([refused.status, refused.body.error]).toEqual([429, 'temporarily_unavailable']);
      const wait = Number(refused.headers.get('retry-after'));
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(60);
      expect((await update(limited, first)).status).toBe(429);
      const owner = { token: first.registration_access_token };
      expect((await send(limited, 'GET', first.registration_client_uri, owner)).status).toBe(200);
    } finally {
      await limited.close();
    }
  });

  test('of addresses in one client are refused', async () => {
    const redirect_uris = Array.from({ length: 2000 }, (_, i) => `https://rp.example/${i}`);
    const answer = await register(op, token, { redirect_uris });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_redirect_uri']);
    expect(answer.body.error_description.length).toBeLessThanOrEqual(2000);
  });
});

describe('abuse case 24: a client that is held to FAPI', () => {
  const policy = { types: ['financial'], fapi_profile: 'fapi2-security-profile' };

  async function financial() {
    const { generateKeyPair, exportJWK } = await import('jose');
    const { publicKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig' };
    return registered(op, await tokenFor(op, policy), { ...webClient, jwks: { keys: [jwk] } });
  }

  test('is one by its policy, without asking for it', async () => {
    const information = await financial();
    expect(information).toMatchObject({
      token_endpoint_auth_method: 'private_key_jwt',
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
    });
    const known = (await op.admin(`/clients/${information.client_id}`)).body;
    expect(known).toMatchObject({ type: 'financial', fapi_profile: 'fapi2-security-profile' });
  });

  test.each([
    ['the flag', { fapi_profile: null }],
    ['the flag by another one', { fapi_profile: 'fapi1-baseline' }],
    ['the type', { type: 'web' }],
    ['the keys', { token_endpoint_auth_method: 'client_secret_basic', jwks: null }],
    ['pushed requests', { require_pushed_authorization_requests: false }],
    ['bound tokens', { dpop_bound_access_tokens: false }],
    [
      'the code flow',
      { response_types: ['code id_token'], grant_types: ['authorization_code', 'implicit'] },
    ],
  ])('does not lose %s by its own management token', async (_, changes) => {
    const information = await financial();
    const before = (await op.admin(`/clients/${information.client_id}`)).body;
    expect((await update(op, information, changes)).status).toBe(400);
    expect((await op.admin(`/clients/${information.client_id}`)).body).toEqual(before);
  });

  test('keeps its profile through a harmless update, and one that an administrator gave', async () => {
    const information = await financial();
    const after = await update(op, information, { client_name: 'Renamed' });
    expect(after.status).toBe(200);
    const known = (await op.admin(`/clients/${information.client_id}`)).body;
    expect(known).toMatchObject({ client_name: 'Renamed', fapi_profile: 'fapi2-security-profile' });

    const plain = await registered(op, token, {
      ...webClient,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: information.jwks,
    });
    const held = { fapi_profile: 'fapi1-baseline' };
    const patched = await op.admin(`/clients/${plain.client_id}`, { method: 'PATCH', body: held });
    expect(patched.status).toBe(200);
    const { jwks: _, ...rest } = updatable(plain);
    const weaker = await send(op, 'PUT', plain.registration_client_uri, {
      token: plain.registration_access_token,
      body: { ...rest, token_endpoint_auth_method: 'client_secret_basic' },
    });
    expect(weaker.status).toBe(400);
  });
});
