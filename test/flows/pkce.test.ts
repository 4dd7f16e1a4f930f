import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createAgent, leftFor } from '../support/agent.ts';
import { type Fields, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { authorizeUrl, obtainCode, pkce, postAs, redeem } from './requests.ts';

let op: Op;
let account: TestAccount;
let clients: Record<string, TestClient>;
beforeAll(async () => {
  op = await startOp();
  account = await op.createAccount();
  clients = {
    confidential: await op.createClient(),
    public: await op.createClient({ type: 'single-page-application' }),
  };
});
afterAll(() => op?.close());

const of = (kind: string) => clients[kind] as TestClient;

const badRequests: [why: string, fields: Fields][] = [
  ['has no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
  ['has a method but no challenge', { code_challenge: undefined }],
  ['names no method', { code_challenge_method: undefined }],
  ['names the method plain', { code_challenge_method: 'plain', code_challenge: pkce.verifier }],
  ['names an unknown method', { code_challenge_method: 'S512' }],
  ['has a challenge that is too short', { code_challenge: 'x'.repeat(42) }],
];

for (const kind of ['confidential', 'public']) {
  test.each(badRequests)(`a request of a ${kind} client that %s is refused`, async (_, fields) => {
    const page = await createAgent(op.issuer).visit(authorizeUrl(op, of(kind), fields));
    expect(Object.fromEntries(leftFor(page).searchParams)).toMatchObject({
      error: 'invalid_request',
      state: 'some-state',
      iss: op.issuer,
    });
  });

  test.each([
    ['none', undefined],
    ['an empty one', ''],
    ['another one', 'x'.repeat(43)],
    ['the challenge instead', pkce.challenge],
  ])(`a code of a ${kind} client with a challenge is not redeemed with %s`, async (_, verifier) => {
    const code = await obtainCode(op, of(kind), account);
    const { status, body } = await redeem(op, of(kind), code, { code_verifier: verifier });
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
  });
}

test('a pushed request without a challenge is refused as well', async () => {
  const { status, body } = await postAs(op, of('confidential'), '/par', {
    response_type: 'code',
    redirect_uri: of('confidential').redirect_uris[0],
    scope: 'openid',
  });
  expect([status, body.error]).toEqual([400, 'invalid_request']);
});

test('a challenge beside a pushed request does not replace the pushed one', async () => {
  const client = of('confidential');
  const pushed = await postAs(op, client, '/par', {
    response_type: 'code',
    redirect_uri: client.redirect_uris[0],
    scope: 'openid',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
  });
  expect(pushed.status).toBe(201);
  const url = new URL(`${op.issuer}/authorize`);
  url.search = String(
    new URLSearchParams({
      client_id: client.client_id,
      request_uri: pushed.body.request_uri,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    }),
  );
  const left = leftFor(await createAgent(op.issuer).authorize(url, account));
  const answer = await redeem(op, client, left.searchParams.get('code') ?? '');
  expect(answer.status).toBe(200);
});

test('a confidential client may be let off PKCE, a public one not, whatever it asks for', async () => {
  const off = await op.createClient({ require_pkce: false });
  const account = await op.createAccount();
  const fields = { code_challenge: undefined, code_challenge_method: undefined };
  const code = await obtainCode(op, off, account, fields);
  const { status } = await redeem(op, off, code, { code_verifier: undefined });
  expect(status).toBe(200);
  // With a challenge it is held to it all the same (RFC 9700, section 4.8.2).
  const bound = await obtainCode(op, off, account);
  const downgraded = await redeem(op, off, bound, { code_verifier: undefined });
  expect(downgraded.body.error).toBe('invalid_grant');
  const unasked = await obtainCode(op, off, account, fields);
  expect((await redeem(op, off, unasked)).body.error).toBe('invalid_grant');
  const warned = await op.admin(`/clients/${off.client_id}`);
  expect(warned.body.warnings).toMatchObject([{ rule: 'proof-key-off' }]);
});
