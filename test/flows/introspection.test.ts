import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { pass } from './clock.ts';
import { introspect, obtainTokens, postAs, redeem, refresh, userInfo } from './requests.ts';

let op: Op;
let web: TestClient;
let spa: TestClient;
let machine: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [web, spa, machine, account] = await Promise.all([
    op.createClient(),
    op.createClient({ type: 'single-page-application' }),
    op.createClient({ type: 'server-to-server' }),
    op.createAccount(),
  ]);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

const inactive = { active: false };

describe('introspection', () => {
  test('tells a confidential client about its own token', async () => {
    const tokens = await obtainTokens(op, web, account, { scope: 'openid email' });
    expect(await introspect(op, web, tokens.access_token)).toEqual({
      active: true,
      client_id: web.client_id,
      sub: account.id,
      scope: 'openid email',
      iss: op.issuer,
      iat: expect.any(Number),
      exp: expect.any(Number),
      token_type: 'Bearer',
    });
    expect(await introspect(op, web, tokens.refresh_token)).toMatchObject({ active: true });
  });

  test('tells a confidential client about any access token, as a resource server needs', async () => {
    const tokens = await obtainTokens(op, spa, account);
    expect(await introspect(op, machine, tokens.access_token)).toMatchObject({
      active: true,
      client_id: spa.client_id,
    });
  });

  test('tells a public client about its own token and no other', async () => {
    const [own, other] = [
      await obtainTokens(op, spa, account),
      await obtainTokens(op, web, account),
    ];
    expect(await introspect(op, spa, own.access_token)).toMatchObject({ active: true });
    expect(await introspect(op, spa, other.access_token)).toEqual(inactive);
    expect(await introspect(op, spa, other.refresh_token)).toEqual(inactive);
  });

  test('tells nobody anything who is not a client', async () => {
    const { access_token } = await obtainTokens(op, web, account);
    const { status } = await op.post('/introspect', { token: access_token });
    expect(status).toBe(400);
    const bearer = await op.post(
      '/introspect',
      { token: access_token },
      { headers: { authorization: `Bearer ${access_token}` } },
    );
    expect(bearer.status).toBeGreaterThanOrEqual(400);
  });

  test.each(['unknown', 'x'.repeat(43), '__proto__', ' '])(
    'says no more than inactive of %p',
    async (token) => {
      expect(await introspect(op, web, token)).toEqual(inactive);
    },
  );

  test('says inactive when the token has ended', async () => {
    const { access_token } = await obtainTokens(op, web, account);
    pass(3601);
    expect(await introspect(op, web, access_token)).toEqual(inactive);
  });

  test('needs a token', async () => {
    const { status, body } = await postAs(op, web, '/introspect', {});
    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });

  test('works whatever kind the hint names', async () => {
    const { access_token } = await obtainTokens(op, web, account);
    for (const token_type_hint of ['access_token', 'refresh_token', 'client_credentials', 'x']) {
      const { body } = await postAs(op, web, '/introspect', {
        token: access_token,
        token_type_hint,
      });
      expect(body.active).toBe(true);
    }
  });

  test('is not stored by caches', async () => {
    const { headers } = await postAs(op, web, '/introspect', { token: 'x' });
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('revocation', () => {
  test('of an access token ends it', async () => {
    const { access_token } = await obtainTokens(op, web, account);
    expect((await postAs(op, web, '/revoke', { token: access_token })).status).toBe(200);
    expect(await introspect(op, web, access_token)).toEqual(inactive);
    expect((await userInfo(op, access_token)).status).toBe(401);
  });

  test('of a refresh token ends what was issued with it', async () => {
    const tokens = await obtainTokens(op, web, account);
    await postAs(op, web, '/revoke', { token: tokens.refresh_token });
    expect((await refresh(op, web, tokens.refresh_token)).body.error).toBe('invalid_grant');
    expect(await introspect(op, web, tokens.access_token)).toEqual(inactive);
  });

  test('of a client’s own credentials token ends it', async () => {
    const { body } = await postAs(op, machine, '/token', { grant_type: 'client_credentials' });
    await postAs(op, machine, '/revoke', { token: body.access_token });
    expect(await introspect(op, machine, body.access_token)).toEqual(inactive);
  });

  test('by a public client works for its own token', async () => {
    const { access_token } = await obtainTokens(op, spa, account);
    expect((await postAs(op, spa, '/revoke', { token: access_token })).status).toBe(200);
    expect(await introspect(op, machine, access_token)).toEqual(inactive);
  });

  test.each(['web', 'public'])(
    'by another %s client does nothing and says nothing',
    async (kind) => {
      const victim = kind === 'web' ? spa : web;
      const attacker = kind === 'web' ? web : spa;
      const tokens = await obtainTokens(op, victim, account);
      for (const token of [tokens.access_token, tokens.refresh_token]) {
        const answer = await postAs(op, attacker, '/revoke', { token });
        expect([answer.status, answer.body]).toEqual([200, '']);
      }
      expect(await introspect(op, machine, tokens.access_token)).toMatchObject({ active: true });
      expect((await refresh(op, victim, tokens.refresh_token)).status).toBe(200);
    },
  );

  test('of something unknown is no mistake', async () => {
    expect((await postAs(op, web, '/revoke', { token: 'unknown' })).status).toBe(200);
  });

  test('does not let a code be used', async () => {
    const answer = await redeem(op, web, 'unknown');
    expect(answer.body.error).toBe('invalid_grant');
  });

  test('of a JWT, which nobody could tell of it, is refused', async () => {
    const { identifier } = await op.createResource({
      scopes: [{ name: 'read' }],
      access: [{ client_id: machine.client_id, scopes: ['read'] }],
    });
    const { body } = await postAs(op, machine, '/token', {
      grant_type: 'client_credentials',
      resource: identifier,
      scope: 'read',
    });
    const { status, body: answer } = await postAs(op, machine, '/revoke', {
      token: body.access_token,
    });
    expect([status, answer.error]).toEqual([400, 'unsupported_token_type']);
  });
});
