import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { paymentType } from '../flows/detail-types.ts';
import { CALLBACK, type Op, startOp } from '../support/op.ts';
import { pointersOf, register, registered, tokenFor, update, webClient } from './registrations.ts';

let op: Op;
beforeAll(async () => {
  op = await startOp();
  const declared = { ...paymentType, type: 'calendar' };
  await op.createResource({ authorization_details_types: [paymentType, declared] });
});
afterAll(() => op.close());

const make = (path: string, body: unknown) => op.admin(path, { method: 'POST', body });
const to = (...redirect_uris: string[]) => ({ redirect_uris });
const native = { application_type: 'native', redirect_uris: ['com.example.app:/back'] };
const machine = { grant_types: ['client_credentials'] };

describe('a registration policy', () => {
  const rows: [string, object, object, object, string][] = [
    ['types', { types: ['native'] }, native, webClient, ''],
    ['types by default', {}, native, machine, ''],
    ['types of machines', { types: ['server-to-server'] }, machine, webClient, ''],
    [
      'redirect_domains',
      { redirect_domains: ['example.co.uk'] },
      to('https://example.co.uk/', 'https://a.b.example.co.uk/x'),
      to('https://other.co.uk/'),
      '/redirect_uris/0',
    ],
    [
      'redirect_hosts',
      { redirect_hosts: ['app.example.com'] },
      to('https://app.example.com/x', 'https://app.example.com:8443/y'),
      to('https://app.example.com/x', 'https://b.app.example.com/'),
      '/redirect_uris/1',
    ],
    [
      'domains or hosts',
      { redirect_domains: ['rp.example'], redirect_hosts: ['app.example.com'] },
      to(CALLBACK, 'https://app.example.com/'),
      to('https://example.com/'),
      '/redirect_uris/0',
    ],
    [
      'no host at all',
      { types: ['native', 'web'], redirect_hosts: [] },
      { ...to(), response_types: [], grant_types: [] },
      to(CALLBACK),
      '/redirect_uris/0',
    ],
    [
      'redirect_domains, after logout',
      { redirect_domains: ['rp.example'] },
      { ...webClient, post_logout_redirect_uris: ['https://www.rp.example/bye'] },
      { ...webClient, post_logout_redirect_uris: ['https://bye.example/'] },
      '/post_logout_redirect_uris/0',
    ],
    [
      'redirect_domains, where a login begins',
      { redirect_domains: ['rp.example'] },
      { ...webClient, initiate_login_uri: 'https://rp.example/login' },
      { ...webClient, initiate_login_uri: 'https://login.example/' },
      '/initiate_login_uri',
    ],
    [
      'redirect_domains, of a private-use scheme',
      { redirect_domains: ['example.com'] },
      native,
      { ...native, redirect_uris: ['test.evil.app:/back'] },
      '/redirect_uris/0',
    ],
    [
      'loopback, allowed',
      { loopback: true },
      { ...native, redirect_uris: ['http://127.0.0.1/back', 'http://[::1]/back'] },
      to('http://rp.example/'),
      '/redirect_uris/0',
    ],
    ['loopback, by default', {}, webClient, to('http://localhost:8080/'), '/redirect_uris/0'],
    [
      'loopback, whatever the hosts',
      { redirect_hosts: ['rp.example', 'localhost'] },
      webClient,
      to('https://localhost/'),
      '/redirect_uris/0',
    ],
    [
      'scopes',
      { scopes: ['openid', 'email'] },
      { ...webClient, scope: 'openid' },
      { ...webClient, scope: 'openid profile' },
      '/scope',
    ],
    [
      'grant_types',
      { grant_types: ['authorization_code'] },
      webClient,
      { ...webClient, grant_types: ['authorization_code', 'refresh_token'] },
      '/grant_types/1',
    ],
    [
      'token_endpoint_auth_methods',
      { token_endpoint_auth_methods: ['client_secret_post'] },
      { ...webClient, token_endpoint_auth_method: 'client_secret_post' },
      webClient,
      '/token_endpoint_auth_method',
    ],
    [
      'authorization_details_types',
      { authorization_details_types: ['calendar'] },
      { ...webClient, authorization_details_types: ['calendar'] },
      { ...webClient, authorization_details_types: ['calendar', 'payment_initiation'] },
      '/authorization_details_types/1',
    ],
    [
      'fapi_profile',
      { fapi_profile: 'fapi1-baseline' },
      { ...webClient, token_endpoint_auth_method: 'client_secret_jwt', scope: 'openid' },
      { ...webClient, token_endpoint_auth_method: 'client_secret_basic' },
      '/token_endpoint_auth_method',
    ],
  ];
  test.each(rows)('decides about %s', async (_, policy, allowed, refused, pointer) => {
    const token = await tokenFor(op, policy);
    expect((await register(op, token, allowed)).body).toHaveProperty('client_id');
    const answer = await register(op, token, refused);
    expect([answer.status, pointersOf(answer)]).toEqual([400, [pointer]]);
  });

  test('opens no types of authorization details that it does not name', async () => {
    const asked = { ...webClient, authorization_details_types: ['calendar'] };
    const answer = await register(op, await tokenFor(op, {}), asked);
    expect([answer.status, pointersOf(answer)]).toEqual([400, ['/authorization_details_types/0']]);
  });

  test('gives its scopes to a client that names none', async () => {
    const token = await tokenFor(op, { scopes: ['openid', 'email'] });
    expect((await registered(op, token)).scope).toBe('openid email');
  });

  test('with a lifetime makes clients that end, secret included', async () => {
    const before = Math.floor(Date.now() / 1000);
    const information = await registered(op, await tokenFor(op, { lifetime: 3600 }));
    const expires = information.client_secret_expires_at;
    expect(expires - before - 3600).toBeLessThan(10);
    expect(expires - before - 3600).toBeGreaterThanOrEqual(0);
    const known = await op.admin(`/clients/${information.client_id}`);
    expect(known.body.expires_at).toBe(expires);
  });

  test('with a lifetime of secrets says when they end', async () => {
    const before = Math.floor(Date.now() / 1000);
    const information = await registered(op, await tokenFor(op, { secret_lifetime: 600 }));
    expect(information.client_secret_expires_at - before - 600).toBeLessThan(10);
    expect(information.client_secret_expires_at - before).toBeGreaterThanOrEqual(600);
  });

  test('has a quota over all its tokens, which refused registrations do not use up', async () => {
    await make('/registration-policies', { name: 'few', quota: { clients: 3, per: 600 } });
    const [one, two] = [await tokenFor(op, 'few'), await tokenFor(op, 'few')];
    for (let i = 0; i < 5; i += 1) expect((await register(op, one, to())).status).toBe(400);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => register(op, i % 2 ? one : two)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    const late = await register(op, one);
    expect([late.status, late.body.error]).toEqual([429, 'temporarily_unavailable']);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(500);
  });

  test('is refused with all its mistakes', async () => {
    const answer = await make('/registration-tokens', {
      policy: {
        types: ['robot'],
        redirect_domains: ['sub.example.com'],
        redirect_hosts: ['example.com:443'],
        surprise: true,
      },
      uses: 0,
    });
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid']);
    expect(pointersOf(answer)).toEqual(['/uses']);
    const again = await make('/registration-tokens', {
      policy: {
        types: ['robot'],
        redirect_domains: ['sub.example.com'],
        redirect_hosts: ['example.com:443'],
        surprise: true,
      },
    });
    expect(pointersOf(again).sort()).toEqual([
      '/policy/redirect_domains/0',
      '/policy/redirect_hosts/0',
      '/policy/surprise',
      '/policy/types/0',
    ]);
    const scopes = await make('/registration-policies', {
      name: 'x',
      scopes: ['openid', 'nothing'],
    });
    expect(pointersOf(scopes)).toEqual(['/scopes/1']);
    const financial = await make('/registration-policies', { name: 'x', types: ['financial'] });
    expect(pointersOf(financial)).toEqual(['/fapi_profile']);
  });

  test('is created, listed, read, changed and deleted, each with an event', async () => {
    const made = await make('/registration-policies', { name: 'partners', scopes: ['openid'] });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe('/api/v1/registration-policies/partners');
    expect(made.body).toMatchObject({
      name: 'partners',
      types: ['web', 'single-page-application', 'native'],
      loopback: false,
    });
    expect((await make('/registration-policies', { name: 'partners' })).status).toBe(409);
    expect((await make('/registration-policies', { name: 'Not a name' })).status).toBe(422);
    const path = '/registration-policies/partners';
    const patch = { lifetime: 3600, scopes: null };
    const changed = await op.admin(path, { method: 'PATCH', body: patch });
    expect([changed.status, changed.body.lifetime]).toEqual([200, 3600]);
    expect(changed.body).not.toHaveProperty('scopes');
    expect(changed.headers.get('etag')).toBe('"2"');
    const stale = { method: 'PUT', body: {}, headers: { 'if-match': '"1"' } };
    expect((await op.admin(path, stale)).status).toBe(412);
    const renamed = await op.admin(path, { method: 'PUT', body: { name: 'others' } });
    expect([renamed.status, pointersOf(renamed)]).toEqual([422, ['/name']]);

    const { body: token } = await make('/registration-tokens', { policy: 'partners' });
    expect((await op.admin(path, { method: 'DELETE' })).status).toBe(409);
    await op.admin(`/registration-tokens/${token.id}`, { method: 'DELETE' });
    expect((await op.admin(path, { method: 'DELETE' })).status).toBe(204);
    expect((await op.admin(path)).status).toBe(404);
    const events = await op.admin('/audit?target=registration-policy:partners');
    expect(events.body.items.map(({ action }: { action: string }) => action)).toEqual([
      'registration-policy.delete',
      'registration-policy.update',
      'registration-policy.create',
    ]);
  });
});

describe('an initial access token', () => {
  test('with 5 uses registers exactly 5 of 20 clients at once', async () => {
    const token = await tokenFor(op, {}, { uses: 5 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => register(op, token)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    const refused = answers.filter(({ status }) => status === 401);
    expect(refused).toHaveLength(15);
    for (const { body } of refused) expect(body.error).toBe('invalid_token');
  });

  test('is not used up by what is refused', async () => {
    const token = await tokenFor(op, {}, { uses: 1 });
    expect((await register(op, token, to())).status).toBe(400);
    // What the protocol engine alone finds wrong shows later than our own rules.
    const symmetric = {
      ...webClient,
      subject_type: 'pairwise',
      sector_identifier_uri: 'https://127.0.0.1:1/',
    };
    expect((await register(op, token, symmetric)).status).toBeGreaterThanOrEqual(400);
    expect((await register(op, token)).status).toBe(201);
    expect((await register(op, token)).status).toBe(401);
  });

  test('is shown once, kept as a digest, listed without it, and dead when deleted', async () => {
    const made = await make('/registration-tokens', { policy: {}, expires_in: 600, uses: 3 });
    expect(made.status).toBe(201);
    const { id, token, ...rest } = made.body;
    expect(token).toHaveLength(43);
    expect(rest).toMatchObject({ uses: 3, uses_left: 3, policy: { loopback: false } });
    expect(rest.expires_at - rest.created_at).toBeGreaterThanOrEqual(599);
    expect(made.headers.get('location')).toBe(`/api/v1/registration-tokens/${id}`);
    await registered(op, token);
    const read = await op.admin(`/registration-tokens/${id}`);
    expect(read.body).toEqual({ id, ...rest, uses_left: 2 });
    const list = await op.admin('/registration-tokens?limit=500');
    expect(list.body.items).toContainEqual(read.body);
    const stored = await op.store
      .collection<unknown>({
        name: 'registration_tokens',
        indexes: { hash: 'unique', policy: 'plain' },
      })
      .get(id);
    expect(JSON.stringify(stored)).not.toContain(token);
    expect((await op.admin(`/registration-tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await register(op, token)).status).toBe(401);
    const events = await op.admin(`/audit?target=registration-token:${id}`);
    expect(events.body.items).toHaveLength(2);
    expect(JSON.stringify(events.body)).not.toContain(token);
  });

  test('names a policy that there is', async () => {
    const answer = await make('/registration-tokens', { policy: 'nowhere' });
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
  });

  test('takes part in the client’s origin', async () => {
    const { body } = await make('/registration-tokens', { policy: {} });
    const { client_id } = await registered(op, body.token);
    const known = await op.admin(`/clients/${client_id}`);
    expect(known.body.origin).toEqual({ via: 'registration', initial_access_token: body.id });
  });

  test('with a profile to impose makes a financial client', async () => {
    const { publicKey } = await generateKeyPair('ES256');
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] };
    const policy = { types: ['financial'], fapi_profile: 'fapi2-message-signing' };
    const { client_id } = await registered(op, await tokenFor(op, policy), { ...webClient, jwks });
    const known = await op.admin(`/clients/${client_id}`);
    expect(known.body).toMatchObject({ type: 'financial', fapi_profile: 'fapi2-message-signing' });
  });

  test('with OpenID conformance makes clients that have it, and keep it', async () => {
    const token = await tokenFor(op, { openid_conformance: true });
    const information = await registered(op, token);
    const conformance = async ({ client_id }: typeof information) =>
      (await op.admin(`/clients/${client_id}`)).body.openid_conformance;
    expect(await conformance(information)).toBe(true);
    const answer = await update(op, information, { client_name: 'Renamed' });
    expect([answer.status, answer.body.client_name]).toEqual([200, 'Renamed']);
    expect(await conformance(information)).toBe(true);
    expect(await conformance(await registered(op, await tokenFor(op, {})))).toBe(false);
  });
});

describe('the administration of registration', () => {
  const callerWith = async (scope: string) => {
    const { client_id, client_secret } = op.adminClient;
    const { body } = await op.post(
      '/token',
      { grant_type: 'client_credentials', scope, resource: `${op.issuer}/api/v1` },
      { basic: [client_id, client_secret] },
    );
    return { authorization: `Bearer ${body.access_token}` };
  };

  test('has scopes of its own', async () => {
    const [reader, stranger] = [
      await callerWith('registration:read'),
      await callerWith('clients:read'),
    ];
    for (const kind of ['registration-tokens', 'registration-policies']) {
      expect((await op.get(`/api/v1/${kind}`, reader)).status).toBe(200);
      expect((await op.get(`/api/v1/${kind}`, stranger)).status).toBe(403);
      const written = await fetch(`${op.issuer}/api/v1/${kind}`, {
        method: 'POST',
        headers: { ...reader, 'content-type': 'application/json' },
        body: '{}',
      });
      expect(written.status).toBe(403);
    }
  });

  test('stands in the OpenAPI document', async () => {
    const { body } = await op.get('/api/v1/openapi.json');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/registration-tokens',
        '/registration-tokens/{id}',
        '/registration-policies',
        '/registration-policies/{name}',
        '/clients/{client_id}/quarantine',
      ]),
    );
    expect(body.components.schemas.RegistrationPolicy.properties).toHaveProperty(
      'redirect_domains',
    );
  });
});
