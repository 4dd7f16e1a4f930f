/** Each profile's preset signs a person in, and what the profile forbids of requests is refused. */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { decodeProtectedHeader, SignJWT } from 'jose';
import { profileNames } from '../../src/clients/values.ts';
import { shownBy } from '../flows/client-methods.ts';
import { pass } from '../flows/clock.ts';
import { createAgent, isConsent, leftFor } from '../support/agent.ts';
import { issue } from '../support/certificates.ts';
import { type ClientKeys, makeKeys } from '../support/keys.ts';
import { CALLBACK, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createProfileRp, type ProfileRp } from '../support/profile-rp.ts';
import { openid } from '../support/rp.ts';

type ProfileName = (typeof profileNames)[number];

let op: Op;
let keys: ClientKeys;
let account: TestAccount;
const clients = new Map<ProfileName, TestClient>();
const of = (profile: ProfileName) => clients.get(profile) as TestClient;
const rpOf = (profile: ProfileName): Promise<ProfileRp> =>
  createProfileRp(op.issuer, of(profile), keys);

beforeAll(async () => {
  keys = await makeKeys();
  op = await startOp({ ttl: { authorization_code: 600 }, mtls: { mode: 'proxy' } });
  account = await op.createAccount();
  for (const fapi_profile of profileNames) {
    clients.set(
      fapi_profile,
      await op.createClient({ fapi_profile, jwks: keys.jwks, redirect_uris: [CALLBACK] }),
    );
  }
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

/** A client assertion (RFC 7523), for requests that no library would make. */
const assertion = (client: TestClient, aud: unknown = op.issuer, alg = 'PS256') =>
  new SignJWT({ aud: aud as string, jti: crypto.randomUUID() })
    .setProtectedHeader({ alg, kid: keys.kid })
    .setIssuer(client.client_id)
    .setSubject(client.client_id)
    .setIssuedAt()
    .setNotBefore('0s')
    .setExpirationTime('1m')
    .sign(keys.privateKey);

const asserted = async (client: TestClient, aud?: unknown) => ({
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: await assertion(client, aud),
});

describe.each(['fapi2-security-profile', 'fapi2-message-signing'] as const)('%s', (profile) => {
  test('signs a person in, bound to a key, and refreshes without rotation', async () => {
    const rp = await rpOf(profile);
    const tokens = await rp.signIn(account, {
      scope: 'openid email offline_access',
      prompt: 'consent',
    });
    expect(tokens.token_type).toBe('dpop');
    expect(tokens.claims()).toMatchObject({ sub: account.id, email: account.email });
    expect(decodeProtectedHeader(tokens.id_token ?? '').alg).toBe('PS256');
    const options = { DPoP: rp.dpop as openid.DPoPHandle };
    const told = await openid.fetchUserInfo(rp.config, tokens.access_token, account.id, options);
    expect(told.email).toBe(account.email);
    const first = await openid.refreshTokenGrant(
      rp.config,
      tokens.refresh_token ?? '',
      {},
      options,
    );
    expect(first.refresh_token ?? tokens.refresh_token).toBe(tokens.refresh_token);
    const second = await openid.refreshTokenGrant(
      rp.config,
      tokens.refresh_token ?? '',
      {},
      options,
    );
    expect(second.access_token).not.toBe(first.access_token);
  });

  test('takes no request that was not pushed', async () => {
    const client = of(profile);
    const url = new URL(`${op.issuer}/authorize`);
    url.search = new URLSearchParams({
      client_id: client.client_id,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: CALLBACK,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    }).toString();
    const page = await createAgent(op.issuer).visit(url);
    const { searchParams } = page.left ?? new URL('http://x');
    // A client of signed responses is told so in one.
    expect(searchParams.get('code')).toBeNull();
    expect(
      page.left ? (searchParams.get('error') ?? searchParams.get('response')) : page.status,
    ).toBeTruthy();
    expect(page.html).not.toContain('password');
  });

  test.each([
    ['without a challenge', { code_challenge: undefined }],
    ['with a plain challenge', { code_challenge_method: 'plain' }],
  ])('takes no pushed request %s', async (_name, changes) => {
    const client = of(profile);
    const parameters = {
      client_id: client.client_id,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: CALLBACK,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
      ...changes,
    };
    const answer = await op.post('/par', { ...parameters, ...(await asserted(client)) });
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.body.error).toMatch(/^invalid_request/);
  });

  test.each([
    ['the token endpoint', () => `${op.issuer}/token`],
    ['several', () => [op.issuer]],
  ])('takes no assertion for %s', async (_name, aud) => {
    const client = of(profile);
    const answer = await op.post('/par', {
      client_id: client.client_id,
      ...(await asserted(client, aud())),
    });
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  test('gives no token without proof of possession', async () => {
    const rp = await rpOf(profile);
    const { url, checks } = await rp.start();
    const callback = leftFor(await createAgent(op.issuer).authorize(url, account));
    const unbound = openid.authorizationCodeGrant(rp.config, callback, checks);
    await expect(unbound).rejects.toMatchObject({ status: 400 });
  });

  test('takes no code after a minute, whatever the server’s default is', async () => {
    const rp = await rpOf(profile);
    const { url, checks } = await rp.start();
    const callback = leftFor(await createAgent(op.issuer).authorize(url, account));
    pass(61);
    const late = openid.authorizationCodeGrant(rp.config, callback, checks, undefined, {
      DPoP: rp.dpop as openid.DPoPHandle,
    });
    await expect(late).rejects.toThrow();
  });

  test('tells the issuer in the response', async () => {
    const rp = await rpOf(profile);
    const { url } = await rp.start();
    const back = leftFor(await createAgent(op.issuer).authorize(url, account));
    const response = back.searchParams.get('response');
    const iss = response
      ? JSON.parse(Buffer.from(response.split('.')[1] ?? '', 'base64url').toString()).iss
      : back.searchParams.get('iss');
    expect(iss).toBe(op.issuer);
  });
});

describe('fapi2-message-signing', () => {
  const profile = 'fapi2-message-signing';

  test('takes no unsigned request', async () => {
    const client = of(profile);
    const answer = await op.post('/par', {
      client_id: client.client_id,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: CALLBACK,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
      ...(await asserted(client)),
    });
    expect(answer).toMatchObject({ status: 400 });
  });

  test('answers introspection as a signed JWT alone', async () => {
    const rp = await rpOf(profile);
    const { access_token } = await rp.signIn(account);
    const client = of(profile);
    const plain = await op.post('/introspect', {
      token: access_token,
      ...(await asserted(client)),
    });
    expect(plain).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    const signed = await op.post(
      '/introspect',
      { token: access_token, ...(await asserted(client)) },
      { headers: { accept: 'application/token-introspection+jwt' } },
    );
    expect(signed.headers.get('content-type')).toContain('application/token-introspection+jwt');
    expect(decodeProtectedHeader(signed.body).alg).toBe('PS256');
  });
});

describe('fapi1-baseline', () => {
  const profile = 'fapi1-baseline';

  test('signs a person in, who is asked for consent', async () => {
    const rp = await rpOf(profile);
    const other = await op.createAccount();
    const { url, checks } = await rp.start();
    const agent = createAgent(op.issuer);
    const page = await agent.login(url, other);
    expect(isConsent(page)).toBe(true);
    const callback = leftFor(await agent.consent(page));
    const tokens = await openid.authorizationCodeGrant(rp.config, callback, checks);
    expect(tokens.claims()).toMatchObject({ sub: other.id });
  });

  test.each([
    ['openid without a nonce', { scope: 'openid', nonce: '' }],
    ['another scope without a state', { scope: 'email', nonce: '', state: '' }],
    ['no redirect URI', { redirect_uri: '' }],
  ])('takes no request of %s', async (_name, changes) => {
    const rp = await rpOf(profile);
    const { url } = await rp.start();
    for (const [name, value] of Object.entries(changes)) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    const page = await createAgent(op.issuer).visit(url);
    const error = page.left?.searchParams.get('error');
    expect(error ?? page.status).toEqual(page.left ? 'invalid_request' : 400);
  });
});

describe('fapi1-advanced', () => {
  const profile = 'fapi1-advanced';

  test.each(['by value', 'pushed'])(
    'signs a person in with a signed request %s and a signed response, bound to a certificate',
    async (how) => {
      const certificate = shownBy(issue());
      const client = {
        ...of(profile),
        require_pushed_authorization_requests: how === 'pushed',
      };
      const rp = await createProfileRp(op.issuer, client, keys, certificate);
      const other = await op.createAccount();
      const tokens = await rp.signIn(other);
      expect(tokens.claims()).toMatchObject({ sub: other.id, email: other.email });
      expect(decodeProtectedHeader(tokens.id_token ?? '').alg).toBe('PS256');
      const told = await openid.fetchUserInfo(rp.config, tokens.access_token, other.id);
      expect(told.email).toBe(other.email);
      const refreshed = await openid.refreshTokenGrant(rp.config, tokens.refresh_token ?? '');
      expect(refreshed.access_token).toBeTruthy();
      // Without the certificate the token is worth nothing.
      const bare = { authorization: `Bearer ${tokens.access_token}` };
      expect((await op.get('/userinfo', bare)).status).toBe(401);
    },
  );

  test('takes no unsigned request, and no request object that lives long', async () => {
    const rp = await rpOf(profile);
    const client = of(profile);
    const { url } = await rp.start();
    const claims = JSON.parse(
      Buffer.from(
        (url.searchParams.get('request') ?? '').split('.')[1] ?? '',
        'base64url',
      ).toString(),
    );
    const visit = async (request: string | undefined) => {
      const asked = new URL(`${op.issuer}/authorize`);
      asked.search = new URLSearchParams({
        client_id: client.client_id,
        scope: 'openid',
        response_type: 'code',
        ...(request ? { request } : { redirect_uri: CALLBACK, state: 's', nonce: 'n' }),
      }).toString();
      return createAgent(op.issuer).visit(asked);
    };
    const sign = (changes: object) =>
      new SignJWT({ ...claims, ...changes })
        .setProtectedHeader({ alg: 'PS256', kid: keys.kid })
        .sign(keys.privateKey);
    const now = Math.floor(Date.now() / 1000);
    const shown = await visit(await sign({ nbf: now, exp: now + 3000, jti: 'a' }));
    expect(shown.html).toContain('password');
    for (const request of [
      undefined,
      await sign({ nbf: now, exp: now + 4000, jti: 'b' }),
      await sign({ nbf: undefined, jti: 'c' }),
    ]) {
      expect((await visit(request)).html).not.toContain('password');
    }
  });
});
