/** Proof of possession (RFC 9449) and its nonces, at every endpoint that takes one. */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { epoch } from '../../src/lib/time.ts';
import { createAgent, leftFor } from '../support/agent.ts';
import {
  type Answer,
  CALLBACK,
  type Fields,
  type Op,
  startOp,
  type TestClient,
} from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { pass } from './clock.ts';
import { createHolder, type Holder } from './dpop-proofs.ts';
import { obtainCode, pkce } from './requests.ts';

const ORIGIN = new URL(CALLBACK).origin;
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

let op: Op;
let holder: Holder;
let needing: TestClient;
let photos: string;
beforeAll(async () => {
  op = await startOp();
  holder = await createHolder();
  needing = await op.createClient({
    token_endpoint_auth_method: 'none',
    type: 'single-page-application',
    dpop_bound_access_tokens: true,
    dpop_require_nonce: true,
  });
  const access = [{ client_id: '*', scopes: ['read'] }];
  photos = (await op.createResource({ scopes: [{ name: 'read' }], access })).identifier;
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

const nonceOf = ({ headers }: Answer): string => headers.get('dpop-nonce') ?? '';

const post = async (path: string, fields: Fields, claims: object = {}, client = needing) =>
  op.post(
    path,
    { client_id: client.client_id, ...fields },
    {
      headers: {
        dpop: await holder.prove('POST', `${op.issuer}${path}`, claims),
        origin: ORIGIN,
      },
    },
  );

const codeFields = async (client = needing): Promise<Fields> => ({
  grant_type: 'authorization_code',
  code: await obtainCode(op, client, await op.createAccount(), {
    scope: 'openid offline_access',
    prompt: 'consent',
  }),
  redirect_uri: CALLBACK,
  code_verifier: pkce.verifier,
});

/** Tokens of the client that needs nonces, and the nonce for the next proof. */
async function signIn() {
  const fields = await codeFields();
  const nonce = nonceOf(await post('/token', fields));
  const answer = await post('/token', fields, { nonce });
  expect([answer.status, answer.body.token_type]).toEqual([200, 'DPoP']);
  return { tokens: answer.body, nonce };
}

describe('a client that needs nonces', () => {
  test('is told one at the token endpoint, as a page of its origin may read, and keeps its code', async () => {
    const fields = await codeFields();
    const asked = await post('/token', fields);
    expect([asked.status, asked.body.error]).toEqual([400, 'use_dpop_nonce']);
    expect(nonceOf(asked)).toMatch(/^[\w-]{43}$/);
    expect(asked.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(asked.headers.get('access-control-expose-headers')).toMatch(/\bDPoP-Nonce\b/);
    expect((await post('/token', fields, { nonce: nonceOf(asked) })).status).toBe(200);
  });

  test('is told one at the pushed authorization request endpoint', async () => {
    const fields = {
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
    };
    const asked = await post('/par', fields);
    expect([asked.status, asked.body.error]).toEqual([400, 'use_dpop_nonce']);
    expect((await post('/par', fields, { nonce: nonceOf(asked) })).status).toBe(201);
  });

  test.each(['/userinfo', '/USERINFO'])('is told one at UserInfo, %s', async (path) => {
    const { tokens, nonce } = await signIn();
    const ask = async (claims: object) =>
      op.get(path, {
        authorization: `DPoP ${tokens.access_token}`,
        dpop: await holder.prove('GET', `${op.issuer}/userinfo`, claims, tokens.access_token),
      });
    const asked = await ask({});
    expect(asked.status).toBe(401);
    expect(asked.headers.get('www-authenticate')).toMatch(/^DPoP .*error="use_dpop_nonce"/);
    expect(nonceOf(asked)).toMatch(/^[\w-]{43}$/);
    expect((await ask({ nonce })).status).toBe(200);
  });

  test('needs no right clock, and its nonce goes out of use in time', async () => {
    const { tokens, nonce } = await signIn();
    const refresh = (token: string, claims: object) =>
      post('/token', { grant_type: 'refresh_token', refresh_token: token }, claims);
    const refreshed = await refresh(tokens.refresh_token, { nonce, iat: epoch() - 86_400 });
    expect(refreshed.status).toBe(200);

    pass(240);
    const late = await refresh(refreshed.body.refresh_token, { nonce });
    expect([late.status, late.body.error]).toEqual([400, 'use_dpop_nonce']);
    expect(nonceOf(late)).not.toBe(nonce);
    const again = await refresh(refreshed.body.refresh_token, { nonce: nonceOf(late) });
    expect(again.status).toBe(200);
  });

  test.each(['made up', '', 'x'.repeat(43), 7, ['a']])('is not believed %p', async (nonce) => {
    const { status, body } = await post('/token', await codeFields(), { nonce });
    expect(status).toBe(400);
    expect(body.error).toBe(typeof nonce === 'string' ? 'use_dpop_nonce' : 'invalid_dpop_proof');
  });

  test('gets by with openid-client, which knows nothing but discovery', async () => {
    const rp = await createRp(op.issuer, needing);
    const DPoP = openid.getDPoPHandle(rp.config, await openid.randomDPoPKeyPair());
    const { url, checks } = await rp.start();
    const pushed = await openid.buildAuthorizationUrlWithPAR(rp.config, url.searchParams, { DPoP });
    const agent = createAgent(op.issuer);
    const callback = leftFor(await agent.authorize(pushed, await op.createAccount()));
    const { config } = rp;
    const tokens = await openid.authorizationCodeGrant(config, callback, checks, {}, { DPoP });
    const subject = tokens.claims()?.sub ?? '';
    const told = await openid.fetchUserInfo(rp.config, tokens.access_token, subject, { DPoP });
    expect(told.sub).toBe(subject);
  });
});

test('a client that does not need them may use them, and is told the next one', async () => {
  const client = await op.createClient({ token_endpoint_auth_method: 'none' });
  const first = await post('/token', await codeFields(client), {}, client);
  expect(first.status).toBe(200);
  const fields = { grant_type: 'refresh_token', refresh_token: first.body.refresh_token };
  const old = await post('/token', fields, { iat: epoch() - 400 }, client);
  expect([old.status, old.body.error]).toEqual([400, 'use_dpop_nonce']);
  const second = await post('/token', fields, { nonce: nonceOf(first) }, client);
  expect(second.status).toBe(200);
});

test('the refresh token of a public client is bound to its key', async () => {
  const { tokens, nonce } = await signIn();
  const thief = await createHolder();
  const fields = {
    client_id: needing.client_id,
    grant_type: 'refresh_token',
    refresh_token: tokens.refresh_token,
  };
  const dpop = await thief.prove('POST', `${op.issuer}/token`, { nonce });
  for (const headers of [{ dpop }, undefined]) {
    const { status, body } = await op.post('/token', fields, headers ? { headers } : {});
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
  }
});

test('grants that the engine does not have take its nonces, and make those that it takes', async () => {
  const client = await op.createClient({
    type: 'server-to-server',
    grant_types: ['client_credentials', TOKEN_EXCHANGE],
    token_exchange: { subject_clients: ['*'], delegation: true },
    dpop_require_nonce: true,
  });
  const send = async (fields: Fields, claims: object = {}) =>
    op.post('/token', fields, {
      basic: [client.client_id, String(client.client_secret)],
      headers: { dpop: await holder.prove('POST', `${op.issuer}/token`, claims) },
    });
  const exchange = { grant_type: TOKEN_EXCHANGE, subject_token: 'x', subject_token_type: 'y' };
  const credentials = { grant_type: 'client_credentials', resource: photos };
  const [ours, engines] = await Promise.all([send(exchange), send(credentials)]);
  for (const { status, body } of [ours, engines]) {
    expect([status, body.error]).toEqual([400, 'use_dpop_nonce']);
  }
  expect((await send(credentials, { nonce: nonceOf(ours) })).status).toBe(200);
  // What is wrong now is the token.
  const taken = await send(exchange, { nonce: nonceOf(engines) });
  expect([taken.status, taken.body.error]).toEqual([400, 'invalid_request']);
});
