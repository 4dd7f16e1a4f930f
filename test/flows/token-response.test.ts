/** `response_type=token`: an access token in the fragment, and nothing beside it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify, SignJWT } from 'jose';
import { createAgent, leftFor, type Page } from '../support/agent.ts';
import { makeKeys } from '../support/keys.ts';
import {
  CALLBACK,
  type Fields,
  type Op,
  startOp,
  type TestAccount,
  type TestClient,
} from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { authorizeUrl, introspect, postAs, refresh, userInfo } from './requests.ts';

const bare = { response_types: ['token' as const], grant_types: ['implicit' as const] };
const withoutProof: Fields = { code_challenge: undefined, code_challenge_method: undefined };

let op: Op;
let client: TestClient;
let account: TestAccount;
const keys = await makeKeys('ES256');
beforeAll(async () => {
  op = await startOp();
  [client, account] = await Promise.all([op.createClient(bare), op.createAccount()]);
});
afterAll(() => op?.close());

const authorize = (fields: Fields = {}, asked: TestClient = client): Promise<Page> =>
  createAgent(op.issuer).authorize(
    authorizeUrl(op, asked, { response_type: 'token', ...withoutProof, ...fields }),
    account,
  );
/** What came back in the fragment. */
const inFragment = (page: Page) => {
  const left = leftFor(page);
  expect(left.search).toBe('');
  return Object.fromEntries(new URLSearchParams(left.hash.slice(1)));
};

describe('the answer', () => {
  test('is an access token in the fragment, without a code or an ID token', async () => {
    const answer = inFragment(await authorize({ scope: 'openid email' }));
    expect(answer).toEqual({
      access_token: expect.stringMatching(/^[\w-]{20,}$/),
      token_type: 'Bearer',
      expires_in: '3600',
      scope: 'openid email',
      state: 'some-state',
      iss: op.issuer,
      session_state: expect.any(String),
    });
    const rp = await createRp(op.issuer, client);
    const person = await openid.fetchUserInfo(rp.config, answer.access_token ?? '', account.id);
    expect(person).toMatchObject({ sub: account.id, email: account.email });
  });

  test('is a form where the client asks for one', async () => {
    const { html } = await authorize({ response_mode: 'form_post' });
    expect(html).toMatch(/name="access_token" value="[\w-]{20,}"/);
    expect(html).toContain(`action="${CALLBACK}"`);
    expect(html).not.toContain('name="code"');
  });

  test('is signed where the client asks for that, in the fragment too', async () => {
    const { response = '' } = inFragment(await authorize({ response_mode: 'jwt' }));
    const published = createRemoteJWKSet(new URL(`${op.issuer}/jwks`));
    const { payload } = await jwtVerify(response, published, {
      issuer: op.issuer,
      audience: client.client_id,
    });
    expect(payload).toMatchObject({ access_token: expect.any(String), state: 'some-state' });
  });

  test('is the resource’s kind of token, for its scopes and as long as it says', async () => {
    const resource = await op.createResource({
      access_token_format: 'jwt',
      access_token_ttl: 120,
      scopes: [{ name: 'read' }, { name: 'write' }],
      access: [{ client_id: client.client_id, scopes: ['read'] }],
    });
    const answer = inFragment(
      await authorize({ scope: 'read write', resource: resource.identifier }),
    );
    expect(answer).toMatchObject({ scope: 'read', expires_in: '120' });
    const published = createRemoteJWKSet(new URL(`${op.issuer}/jwks`));
    const { payload } = await jwtVerify(answer.access_token ?? '', published, {
      audience: resource.identifier,
    });
    expect(payload).toMatchObject({ sub: account.id, client_id: client.client_id, scope: 'read' });
    expect(payload).not.toHaveProperty('cnf');
  });

  test('comes without asking when the person is signed in and has decided', async () => {
    const agent = createAgent(op.issuer);
    const url = authorizeUrl(op, client, { response_type: 'token', ...withoutProof });
    await agent.authorize(url, account);
    const silent = inFragment(await agent.visit(`${url}&prompt=none`));
    expect(silent.access_token).toBeTruthy();
  });

  test('never leads to a refresh token, whatever is asked for', async () => {
    const both = await op.createClient({
      response_types: ['code', 'token'],
      grant_types: ['authorization_code', 'implicit', 'refresh_token'],
    });
    const answer = inFragment(
      await authorize({ scope: 'openid offline_access', prompt: 'consent' }, both),
    );
    expect(answer.scope).toBe('openid');
    expect(answer).not.toHaveProperty('refresh_token');
    expect(await refresh(op, both, answer.access_token ?? '')).toMatchObject({ status: 400 });
  });

  test('is a token that the client can ask about and take back', async () => {
    const { access_token: token = '' } = inFragment(await authorize());
    expect(await introspect(op, client, token)).toMatchObject({
      active: true,
      client_id: client.client_id,
      sub: account.id,
    });
    expect(await postAs(op, client, '/revoke', { token })).toMatchObject({ status: 200 });
    expect(await userInfo(op, token)).toMatchObject({ status: 401 });
  });
});

describe('the request', () => {
  const signed = (claims: object) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: keys.kid })
      .setIssuedAt()
      .setExpirationTime('1 minute')
      .setAudience(op.issuer)
      .sign(keys.privateKey);
  const claimsOf = ({ client_id }: TestClient) => ({
    iss: client_id,
    client_id,
    response_type: 'token',
    redirect_uri: CALLBACK,
    scope: 'openid',
    state: 'signed-state',
  });

  test('can be a signed request object', async () => {
    const signer = await op.createClient({ ...bare, jwks: keys.jwks });
    const request = await signed(claimsOf(signer));
    const answer = inFragment(await authorize({ request }, signer));
    expect(answer).toMatchObject({ access_token: expect.any(String), state: 'signed-state' });
  });

  test('can be pushed, by its parameters and as a request object', async () => {
    const signer = await op.createClient({ ...bare, jwks: keys.jwks });
    for (const fields of [
      { response_type: 'token', redirect_uri: CALLBACK, scope: 'openid', state: 'signed-state' },
      { request: await signed(claimsOf(signer)) },
    ]) {
      const { status, body } = await postAs(op, signer, '/par', fields as Fields);
      expect(status).toBe(201);
      const url = new URL(`${op.issuer}/authorize`);
      url.searchParams.set('client_id', signer.client_id);
      url.searchParams.set('request_uri', body.request_uri);
      const page = await createAgent(op.issuer).authorize(url, account);
      expect(inFragment(page)).toMatchObject({
        access_token: expect.any(String),
        state: 'signed-state',
      });
    }
  });

  test('is refused in the query of the redirect', async () => {
    const answer = inFragment(await authorize({ response_mode: 'fragment', scope: 'nonsense!"' }));
    expect(answer.error).toBe('invalid_scope');
    const { left } = await authorize({ response_mode: 'query' });
    expect(`${left?.search}${left?.hash}`).toContain('error=invalid_request');
    expect(`${left?.search}${left?.hash}`).not.toContain('access_token');
  });

  test.each([
    ['code', { response_types: ['code'], grant_types: ['authorization_code'] }],
    ['id_token token', { response_types: ['id_token token'], grant_types: ['implicit'] }],
    [
      'code token',
      { response_types: ['code token'], grant_types: ['authorization_code', 'implicit'] },
    ],
  ] as const)('is refused to a client that is registered for %s', async (_, metadata) => {
    const other = await op.createClient(metadata as never);
    expect(inFragment(await authorize({}, other))).toMatchObject({
      error: 'invalid_request',
      error_description: 'requested response_type is not allowed for this client',
      state: 'some-state',
    });
  });

  test.each(['none', 'code token', 'code'])(
    'for %s is refused to a client that is registered for token alone',
    async (response_type) => {
      const { left } = await authorize({ response_type, nonce: 'n' });
      const said = new URLSearchParams(`${left?.search.slice(1)}${left?.hash.slice(1)}`);
      expect(said.get('error_description')).toBe(
        'requested response_type is not allowed for this client',
      );
    },
  );
});

describe('registration', () => {
  const create = (body: object) =>
    op.admin('/clients', { method: 'POST', body: { redirect_uris: [CALLBACK], ...body } });
  const rulesOf = async (body: object) =>
    ((await create(body)).body.errors ?? []).map(({ rule }: { rule: string }) => rule);

  test('shows the response types as they were registered', async () => {
    const { body } = await op.admin(`/clients/${client.client_id}`);
    expect(body.response_types).toEqual(['token']);
    expect(body).not.toHaveProperty('registered_response_types');
  });

  test('needs the grant type', async () => {
    expect(await rulesOf({ response_types: ['token'], grant_types: [] })).toContain(
      'grants-match-responses',
    );
  });

  test('is refused with bound tokens', async () => {
    expect(await rulesOf({ ...bare, dpop_bound_access_tokens: true })).toContain(
      'sender-constraint',
    );
  });

  test.each(['fapi1-advanced', 'fapi2-security-profile'])('is refused by %s', async (profile) => {
    expect(await rulesOf({ fapi_profile: profile, jwks: keys.jwks, ...bare })).toContain(
      'allowed-response-types',
    );
  });

  test('of a pairwise client tells it a subject of its own', async () => {
    const pairwise = await op.createClient({ ...bare, subject_type: 'pairwise' });
    const { access_token: token = '' } = inFragment(await authorize({}, pairwise));
    const { body } = await userInfo(op, token);
    expect(body.sub).toMatch(/^[\w-]{20,}$/);
    expect(body.sub).not.toBe(account.id);
  });
});

test('discovery lists it', async () => {
  const { body } = await op.get('/.well-known/openid-configuration');
  expect(body.response_types_supported).toContain('token');
});
