/** Access tokens of the administration API that are bound to a key or a certificate. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '../../src/lib/ids.ts';
import { epoch } from '../../src/lib/time.ts';
import { shownBy } from '../flows/client-methods.ts';
import { createHolder, type Holder } from '../flows/dpop-proofs.ts';
import { issue } from '../support/certificates.ts';
import { type Answer, type Op, startOp, type TestClient } from '../support/op.ts';

const api = () => `${op.issuer}/api/v1`;
let op: Op;
let holder: Holder;
let client: TestClient;
let basic: [string, string];
beforeAll(async () => {
  op = await startOp({ mtls: { mode: 'proxy' } });
  holder = await createHolder();
  client = await op.createClient({ type: 'server-to-server' });
  basic = [client.client_id, String(client.client_secret)];
  const { body } = await op.admin('/resources');
  const own = body.items.find(({ identifier }: { identifier: string }) => identifier === api());
  const access = [...own.access, { client_id: client.client_id, scopes: ['clients:read'] }];
  const granted = await op.admin(`/resources/${own.id}`, { method: 'PATCH', body: { access } });
  expect(granted.status).toBe(200);
});

afterAll(() => op?.close());

const nonceOf = ({ headers }: Answer): string => headers.get('dpop-nonce') ?? '';

const obtain = async (headers: Record<string, string>) => {
  const fields = {
    grant_type: 'client_credentials',
    resource: api(),
    scope: 'clients:read',
  };
  const { status, body } = await op.post('/token', fields, { basic, headers });
  expect(status).toBe(200);
  return body.access_token as string;
};
const obtainBound = async () => {
  const prove = (claims: object) => holder.prove('POST', `${op.issuer}/token`, claims);
  const fields = { grant_type: 'client_credentials' };
  const dpop = await prove({ nonce: 'none' });
  const nonce = nonceOf(await op.post('/token', fields, { basic, headers: { dpop } }));
  return obtain({ dpop: await prove({ nonce }) });
};

const call = async (
  token: string,
  { claims = {}, by = holder, url = `${api()}/clients`, ath = token, scheme = 'DPoP' } = {},
) =>
  op.get('/api/v1/clients?limit=1', {
    authorization: `${scheme} ${token}`,
    dpop: await by.prove('GET', url, claims, ath),
  });

test('takes a bound token with a proof, and never the same proof again', async () => {
  const token = await obtainBound();
  const answer = await call(token, { claims: { jti: 'one' } });
  expect(answer.status).toBe(200);
  expect(nonceOf(answer)).toMatch(/^[\w-]{43}$/);
  const again = await call(token, { claims: { jti: 'one' } });
  expect([again.status, again.body.code]).toEqual([401, 'unauthenticated']);
  expect(again.headers.get('www-authenticate')).toContain(
    `DPoP realm="${api()}", error="invalid_dpop_proof", error_description="DPoP proof JWT Replay detected", algs="ES256 PS256 Ed25519 EdDSA"`,
  );
});

test('lacks a scope in the words of its scheme', async () => {
  const token = await obtainBound();
  const { status, headers } = await op.get('/api/v1/accounts', {
    authorization: `DPoP ${token}`,
    dpop: await holder.prove('GET', `${api()}/accounts`, {}, token),
  });
  expect(status).toBe(403);
  expect(headers.get('www-authenticate')).toMatch(/^DPoP error="insufficient_scope"/);
});

test('of twenty uses of one proof at the same time takes one', async () => {
  const token = await obtainBound();
  const claims = { jti: newId() };
  const answers = await Promise.all(Array.from({ length: 20 }, () => call(token, { claims })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(401)]);
});

test.each([
  ['for another address', async () => ({ url: `${api()}/accounts` }), 'invalid_dpop_proof'],
  ['for another method', async () => ({ claims: { htm: 'POST' } }), 'invalid_dpop_proof'],
  ['for another token', async () => ({ ath: 'other' }), 'invalid_dpop_proof'],
  ['for no token', async () => ({ claims: { ath: undefined } }), 'invalid_dpop_proof'],
  ['by another key', async () => ({ by: await createHolder() }), 'invalid_token'],
  ['that is old', async () => ({ claims: { iat: epoch() - 400 } }), 'use_dpop_nonce'],
  ['with a nonce of its own', async () => ({ claims: { nonce: 'x' } }), 'use_dpop_nonce'],
])('refuses a proof %s', async (_, flaw, error) => {
  const { status, headers } = await call(await obtainBound(), await flaw());
  expect(status).toBe(401);
  expect(headers.get('www-authenticate')).toContain(`error="${error}"`);
});

test('refuses a bound token as a bearer token, and one that is not bound with a proof', async () => {
  const bound = await obtainBound();
  const bearer = await call(bound, { scheme: 'Bearer' });
  expect(bearer.status).toBe(401);
  const unproven = await op.get('/api/v1/clients', { authorization: `DPoP ${bound}` });
  expect(unproven.status).toBe(401);
  expect((await call(await obtain({}))).status).toBe(401);
  const free = { authorization: `Bearer ${await obtain({})}` };
  expect((await op.get('/api/v1/clients', free)).status).toBe(200);
});

test('takes a token that is bound to a certificate with that certificate alone', async () => {
  await op.admin(`/clients/${client.client_id}`, {
    method: 'PATCH',
    body: { tls_client_certificate_bound_access_tokens: true },
  });
  const certificate = issue();
  const authorization = `Bearer ${await obtain(shownBy(certificate))}`;
  const ask = (headers: Record<string, string>) =>
    op.get('/api/v1/clients', { authorization, ...headers });
  expect((await ask(shownBy(certificate))).status).toBe(200);
  expect((await ask(shownBy(issue()))).status).toBe(401);
  expect((await ask({})).status).toBe(401);
  await op.admin(`/clients/${client.client_id}`, {
    method: 'PATCH',
    body: { tls_client_certificate_bound_access_tokens: false },
  });
});

test('asks a client for a nonce that needs one, and tells it', async () => {
  await op.admin(`/clients/${client.client_id}`, {
    method: 'PATCH',
    body: { dpop_require_nonce: true },
  });
  const token = await obtainBound();
  const asked = await call(token);
  expect(asked.status).toBe(401);
  expect(asked.headers.get('www-authenticate')).toContain('error="use_dpop_nonce"');
  expect((await call(token, { claims: { nonce: nonceOf(asked) } })).status).toBe(200);
});
