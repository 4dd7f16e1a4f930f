import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createAgent } from '../support/agent.ts';
import { NO_MONGO, startMongo } from '../support/mongo.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { pass } from './clock.ts';
import { introspect, obtainCode, postAs, redeem, refresh, userInfo } from './requests.ts';

const mongo = await startMongo();
if (!mongo) console.log(NO_MONGO);
afterAll(() => mongo?.stop());

const stores = ['memory', 'sqlite', ...(mongo ? [mongo.url] : [])];
const kindOf = (store: string) => store.split(':', 1)[0];

describe.each(stores.map((store) => [kindOf(store), store]))('on %s', (_, store) => {
  let op: Op;
  let client: TestClient;
  let account: TestAccount;
  beforeAll(async () => {
    op = await startOp({}, { store: store as string });
    [client, account] = await Promise.all([op.createClient(), op.createAccount()]);
  });
  afterEach(() => void jest.restoreAllMocks());
  afterAll(() => op?.close());

  test('a code that is used twice is refused, and what it led to is revoked', async () => {
    const code = await obtainCode(op, client, account);
    const { body: tokens } = await redeem(op, client, code);
    expect(await introspect(op, client, tokens.access_token)).toMatchObject({ active: true });

    const again = await redeem(op, client, code);
    expect([again.status, again.body.error]).toEqual([400, 'invalid_grant']);
    expect(await introspect(op, client, tokens.access_token)).toEqual({ active: false });
    expect(await introspect(op, client, tokens.refresh_token)).toEqual({ active: false });
    expect((await userInfo(op, tokens.access_token)).status).toBe(401);
    const refreshed = await refresh(op, client, tokens.refresh_token);
    expect([refreshed.status, refreshed.body.error]).toEqual([400, 'invalid_grant']);
  });

  test('of twenty requests with one code exactly one gets tokens', async () => {
    const code = await obtainCode(op, client, account);
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(op, client, code)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array(19).fill(400)]);
    const winner = answers.find(({ status }) => status === 200);
    expect(await introspect(op, client, winner?.body.access_token)).toEqual({ active: false });
    expect((await refresh(op, client, winner?.body.refresh_token)).status).toBe(400);
  });

  test('of ten refreshes with one token at most one gets tokens', async () => {
    const code = await obtainCode(op, client, account);
    const { body: tokens } = await redeem(op, client, code);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => refresh(op, client, tokens.refresh_token)),
    );
    const fresh = answers.filter(({ status }) => status === 200);
    expect(fresh.length).toBeLessThanOrEqual(1);
    for (const { status, body } of answers) {
      if (status !== 200) expect([status, body.error]).toEqual([400, 'invalid_grant']);
    }
    for (const { body } of fresh) {
      expect((await refresh(op, client, body.refresh_token)).status).toBe(400);
    }
  });

  test('a pushed request leads to one sign-in only', async () => {
    const pushed = await postAs(op, client, '/par', {
      response_type: 'code',
      redirect_uri: client.redirect_uris[0],
      scope: 'openid',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    const url = `${op.issuer}/authorize?${new URLSearchParams({
      client_id: client.client_id,
      request_uri: pushed.body.request_uri,
    })}`;
    const agent = createAgent(op.issuer);
    expect((await agent.authorize(url, account)).left?.searchParams.get('code')).toBeTruthy();
    const again = await agent.authorize(url, account);
    expect(again.left?.searchParams.get('code') ?? null).toBeNull();
  });

  test('a code is good for a minute and not for longer', async () => {
    const [early, late] = [
      await obtainCode(op, client, account),
      await obtainCode(op, client, account),
    ];
    pass(55);
    expect((await redeem(op, client, early)).status).toBe(200);
    pass(10);
    const { status, body } = await redeem(op, client, late);
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
  });

  test('abuse case 13: a code of another client is refused, and good for nobody any more', async () => {
    const other = await op.createClient();
    const code = await obtainCode(op, client, account);
    const stolen = await redeem(op, other, code);
    expect([stolen.status, stolen.body.error]).toEqual([400, 'invalid_grant']);
    expect((await redeem(op, client, code)).body.error).toBe('invalid_grant');
  });

  test('a code is refused with another redirect URI than it was issued for', async () => {
    const two = await op.createClient({
      redirect_uris: ['https://rp.example/callback', 'https://rp.example/other'],
    });
    const code = await obtainCode(op, two, account);
    const { status, body } = await redeem(op, two, code, {
      redirect_uri: 'https://rp.example/other',
    });
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
  });

  test('one kind of single-use value is none of another', async () => {
    const code = await obtainCode(op, client, account);
    expect((await refresh(op, client, code)).body.error).toBe('invalid_grant');
    const { body: tokens } = await redeem(op, client, code);
    expect((await redeem(op, client, tokens.refresh_token)).body.error).toBe('invalid_grant');
    expect((await redeem(op, client, tokens.access_token)).body.error).toBe('invalid_grant');
    expect((await refresh(op, client, tokens.access_token)).body.error).toBe('invalid_grant');
    expect((await userInfo(op, tokens.refresh_token)).status).toBe(401);
  });
});
