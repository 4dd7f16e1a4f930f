/** Each recogniser of `oidc/failures` is shown the failure that it is for, made by real requests. */
import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { clientsCollection, type StoredClient } from '../../src/clients/client.ts';
import { failuresCollection } from '../../src/oidc/failures/failures.ts';
import { caseOf, type Reason, reasons } from '../../src/oidc/failures/reason.ts';
import { createClientWith, selfSigned, shownBy, withAssertion } from '../flows/client-methods.ts';
import { pass } from '../flows/clock.ts';
import { authorizeUrl, obtainCode, postAs, redeem } from '../flows/requests.ts';
import { registered, tokenFor } from '../registration/registrations.ts';
import { createAgent } from '../support/agent.ts';
import { guarded } from '../support/guarded-store.ts';
import { CALLBACK, type Fields, type Op, startOp, type TestClient } from '../support/op.ts';

const broken = { now: false };
/** Documents that are not there yet when they are first asked for. */
const late = new Set<string>();

/** Fails while it is told to, in everything but the writing down of failures; and lags. */
const through = guarded((spec, method, given) => {
  if (broken.now && spec !== failuresCollection) return Promise.reject(new Error('full'));
  return method === 'get' && late.delete(String(given[0])) ? Promise.resolve(undefined) : undefined;
});

let op: Op;
beforeAll(async () => {
  op = await startOp(
    {
      failures: { per_minute: 100 },
      mtls: { mode: 'proxy' },
      registration: { unused_days: 10, quarantine_days: 5, check_seconds: 1 },
      limits: { client: { client_ip: { max: 2, per: 60 } } },
    },
    { through },
  );
});
afterEach(() => {
  broken.now = false;
  jest.restoreAllMocks();
});
afterAll(() => op?.close());

type Answered = { headers: Pick<Headers, 'get'> };

const authorize = (client: { client_id: string }, fields: Fields = {}): Promise<Answered> =>
  op.get(authorizeUrl(op, client, fields).slice(op.issuer.length), { accept: 'text/html' });
const logout = (fields: Record<string, string>): Promise<Answered> =>
  op.get(`/logout?${new URLSearchParams(fields)}`, { accept: 'text/html' });
const grant = { grant_type: 'authorization_code', code: 'x', redirect_uri: CALLBACK };
const token = (client: TestClient, fields: Fields = grant) => postAs(op, client, '/token', fields);
const code = async (client: TestClient) => obtainCode(op, client, await op.createAccount());

/** Makes of a stored client what a version before this one could have left. */
async function alter(clientId: string, change: (client: StoredClient) => object): Promise<void> {
  const clients = op.store.collection<StoredClient>(clientsCollection);
  const { value, version } = (await clients.get(clientId)) ?? {};
  if (!value || version === undefined) throw new Error('no such client');
  await clients.update(clientId, version, { ...value, ...change(value) } as StoredClient);
}

const selfRegistered = async (policy: object): Promise<TestClient> => {
  const access = await tokenFor(op, { types: ['web', 'server-to-server'], ...policy });
  return registered(op, access, { grant_types: ['client_credentials'] });
};

/** By the case, what makes it; the answer bears the correlation id. */
const cases: Readonly<Record<string, () => Promise<Answered>>> = {
  client_unknown: () => authorize({ client_id: 'nobody' }),
  client_disabled: async () => authorize(await op.createClient({ disabled: true })),
  client_quarantined: async () => {
    const client = await selfRegistered({});
    pass(11 * 86_400);
    const aside = async () =>
      (await op.admin(`/clients/${client.client_id}`)).body.quarantined_at !== undefined;
    for (let tries = 0; tries < 60 && !(await aside()); tries += 1) await pause(100);
    return token(client, { grant_type: 'client_credentials' });
  },
  client_expired: async () => {
    const client = await selfRegistered({ lifetime: 3600 });
    pass(3601);
    return token(client, { grant_type: 'client_credentials' });
  },
  client_served: async () => {
    const client = await op.createClient();
    late.add(client.client_id);
    return authorize(client);
  },
  profile: async () => {
    const { client_id } = await createClientWith(op, 'private_key_jwt', {
      fapi_profile: 'fapi1-baseline',
      grant_types: ['authorization_code'],
    });
    const redirect_uris = ['http://rp.example/callback'];
    await alter(client_id, ({ metadata }) => ({ metadata: { ...metadata, redirect_uris } }));
    return authorize({ client_id });
  },
  secret_missing: async () => {
    const client = await op.createClient();
    await alter(client.client_id, () => ({ secrets: [] }));
    return token(client);
  },
  secret_expired: async () => {
    const client = await op.createClient();
    await op.admin(`/clients/${client.client_id}/secrets`, {
      method: 'POST',
      body: { overlap: 0, expires_in: 60 },
    });
    pass(61);
    return token(client);
  },
  secret_wrong: async () =>
    token({ ...(await op.createClient()), client_secret: 'not the secret' }),
  method: async () => {
    const { client_id, client_secret } = await op.createClient();
    return op.post('/token', { ...grant, client_id, client_secret });
  },
  method_several: async () => {
    const client = await op.createClient();
    return token(client, { ...grant, client_secret: client.client_secret });
  },
  method_missing: () => op.post('/token', grant),
  authorization_header: () =>
    op.post('/token', grant, { headers: { authorization: 'Basic YWJj' } }),
  too_many_attempts: async () => {
    const client = { ...(await op.createClient()), client_secret: 'not the secret' };
    for (let tries = 0; tries < 4; tries += 1) await token(client);
    return token(client);
  },
  certificate: async () => {
    const { client_id } = await createClientWith(op, 'tls_client_auth');
    return op.post('/token', { ...grant, client_id }, { headers: shownBy(selfSigned, 'FAILED') });
  },
  assertion: async () => {
    const client = await createClientWith(op, 'private_key_jwt');
    const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return op.post('/token', { ...grant, ...(await withAssertion(op, client, { key })) });
  },
  missing_parameter: async () => authorize(await op.createClient(), { response_type: undefined }),
  redirect_uri_none: async () =>
    authorize(await op.createClient({ type: 'device', redirect_uris: [] })),
  redirect_uri: async () => authorize(await op.createClient(), { redirect_uri: `${CALLBACK}/` }),
  post_logout_redirect_uri_none: async () => {
    const { client_id } = await op.createClient();
    return logout({ client_id, post_logout_redirect_uri: 'https://rp.example/out' });
  },
  post_logout_redirect_uri: async () => {
    const post_logout_redirect_uri = 'https://rp.example/out';
    const { client_id } = await op.createClient({
      post_logout_redirect_uris: [post_logout_redirect_uri],
    });
    return logout({ client_id, post_logout_redirect_uri: `${post_logout_redirect_uri}/` });
  },
  redirect_uri_changed: async () => {
    const other = 'https://rp.example/other';
    const client = await op.createClient({ redirect_uris: [CALLBACK, other] });
    return redeem(op, client, await code(client), { redirect_uri: other });
  },
  pkce_missing: async () =>
    authorize(await op.createClient(), {
      code_challenge: undefined,
      code_challenge_method: undefined,
    }),
  pkce_challenge: async () =>
    authorize(await op.createClient(), { code_challenge_method: 'plain' }),
  pkce_verifier_wrong: async () => {
    const client = await op.createClient();
    return redeem(op, client, await code(client), { code_verifier: 'y'.repeat(43) });
  },
  pkce_verifier: async () => {
    const client = await op.createClient();
    return redeem(op, client, await code(client), { code_verifier: undefined });
  },
  scope: async () =>
    authorize(await op.createClient({ scope: 'openid' }), { scope: 'openid email' }),
  scope_openid: async () =>
    authorize(await op.createClient(), {
      scope: 'email',
      claims: JSON.stringify({ userinfo: { email: null } }),
    }),
  response_type: async () => authorize(await op.createClient(), { response_type: 'token' }),
  grant_type: async () => token(await op.createClient(), { grant_type: 'client_credentials' }),
  pushed_request: async () =>
    authorize(await op.createClient({ require_pushed_authorization_requests: true })),
  request_object: async () => authorize(await op.createClient(), { request: 'of.no.use' }),
  dpop: async () => {
    const client = await op.createClient();
    const { client_id, client_secret = '' } = client;
    return op.post(
      '/token',
      { ...grant, code: await code(client), code_verifier: 'y'.repeat(43) },
      { basic: [client_id, client_secret], headers: { dpop: 'of.no.use' } },
    );
  },
  code_used: async () => {
    const client = await op.createClient();
    const used = await code(client);
    await redeem(op, client, used);
    return redeem(op, client, used);
  },
  code_expired: async () => {
    // The engine counts whole seconds, the store parts of them: in between it is there and over.
    const clock = jest.spyOn(Date, 'now');
    const begun = Math.ceil(performance.timeOrigin + performance.now()) + 1000;
    const at = begun - (begun % 1000) + 900;
    clock.mockReturnValue(at);
    const client = await op.createClient();
    const old = await code(client);
    clock.mockReturnValue(at + op.config.ttl.authorization_code * 1000 - 500);
    return redeem(op, client, old);
  },
  code_of_another: async () =>
    redeem(op, await op.createClient(), await code(await op.createClient())),
  code_unknown: async () => token(await op.createClient()),
  target: async () => authorize(await op.createClient(), { resource: 'https://nowhere.example' }),
  declined: async () => {
    const client = await op.createClient({ first_party: false });
    const agent = createAgent(op.issuer);
    const person = { ...(await op.createAccount()), decision: 'deny' } as const;
    await agent.authorize(authorizeUrl(op, client), person);
    const { items } = (await op.admin(`/failures?client_id=${client.client_id}`)).body;
    return { headers: new Headers({ 'x-correlation-id': items[0]?.id ?? '' }) };
  },
  session_gone: () => op.get('/interaction/of-nobody', { accept: 'text/html' }),
  server: async () => {
    const client = await op.createClient();
    const good = await code(client);
    broken.now = true;
    return redeem(op, client, good);
  },
};

/** Of the three ways of a mismatch the last: what the engine compares, it has always been sent. */
const beyondRequests = ['redirect_uri_unsent', 'post_logout_redirect_uri_unsent'];

test('every recogniser has its failure here', () => {
  const known = new Set(reasons.map(caseOf));
  expect([...Object.keys(cases), ...beyondRequests].sort()).toEqual([...known].sort());
});

test.each(Object.entries(cases))('%s', async (name, produce) => {
  const { headers } = await produce();
  broken.now = false;
  const id = headers.get('x-correlation-id') ?? '';
  expect(id).not.toBe('');
  const { items } = (await op.admin(`/failures?id=${encodeURIComponent(id)}`)).body;
  // The engine may refuse one request for two things.
  const told = items.map(({ reason }: { reason: Reason }) => reason);
  expect(told.map((reason: Reason) => reason.case)).toContain(name);
  const reason = told.find((one: Reason) => one.case === name);
  expect(reason.code).toBe(reasons.find((one) => caseOf(one) === name)?.code);
  expect(reason.detail).not.toMatch(/\{\w+\}|undefined/);
  expect(reason.fix).not.toBe('');
});
