/** Who is signed in, and what they allowed: seen and ended by administrators. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consentsCollection } from '../../src/accounts/consents.ts';
import {
  authorizeUrl,
  introspect,
  obtainCode,
  obtainTokens,
  redeem,
  refresh,
} from '../flows/requests.ts';
import { type Agent, createAgent, isLogin } from '../support/agent.ts';
import { type Mongo, NO_MONGO, startMongo } from '../support/mongo.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';

interface Listed {
  id: string;
  account: { id: string; email: string; name?: string };
  clients: { client_id: string; client_name?: string }[];
  client_id: string;
  signed_in_at: number;
}

const mongo: Mongo | undefined = await startMongo();
if (!mongo) console.warn(NO_MONGO);
afterAll(() => mongo?.stop());

describe.each(['memory', 'sqlite', ...(mongo ? [mongo.url] : [])])('on the store %s', (store) => {
  let op: Op;
  let ours: TestClient;
  let theirs: TestClient;
  beforeAll(async () => {
    op = await startOp({}, { store });
    ours = await op.createClient({ client_name: 'Ours' });
    theirs = await op.createClient({ client_name: 'Theirs', first_party: false });
  });
  afterAll(() => op?.close());

  /** Everything that pages of two hold. */
  async function listed(path: string, query: Record<string, string> = {}): Promise<Listed[]> {
    const all: Listed[] = [];
    for (let after = ''; ; ) {
      const asked = new URLSearchParams({ ...query, limit: '2', ...(after && { after }) });
      const { status, body } = await op.admin(`${path}?${asked}`);
      expect(status).toBe(200);
      expect(body.items.length).toBeLessThanOrEqual(2);
      all.push(...body.items);
      if (body.next === undefined) return all;
      after = body.next;
    }
  }
  const tokensOf = (client: TestClient, account: TestAccount, agent?: Agent) =>
    obtainTokens(op, client, account, { scope: 'openid offline_access', prompt: 'consent' }, agent);
  const isAlive = async (client: TestClient, token: string) =>
    (await introspect(op, client, token)).active;
  const actions = async ({ id }: TestAccount) =>
    (await op.admin(`/audit?target=account:${id}`)).body.items.map(
      ({ action }: { action: string }) => action,
    );

  describe('sessions', () => {
    test('say whose they are, since when and at which clients', async () => {
      const account = await op.createAccount({ name: 'Ada <b>' });
      const agent = createAgent(op.issuer);
      const before = Math.floor(Date.now() / 1000);
      await obtainCode(op, ours, account, {}, agent);
      await obtainCode(op, theirs, account, {}, agent);
      const [session, ...others] = await listed('/sessions', { account: account.id });
      expect(others).toEqual([]);
      expect(session).toMatchObject({
        account: { id: account.id, email: account.email, name: 'Ada <b>' },
        expires_at: expect.any(Number),
        last_seen_at: expect.any(Number),
      });
      expect(session?.signed_in_at).toBeGreaterThanOrEqual(before);
      expect(session?.clients).toHaveLength(2);
      expect(session?.clients).toEqual(
        expect.arrayContaining([
          { client_id: ours.client_id, client_name: 'Ours' },
          { client_id: theirs.client_id, client_name: 'Theirs' },
        ]),
      );
      expect((await op.admin(`/sessions/${session?.id}`)).body).toEqual(session);
      // What the API tells opens nothing.
      const cookie = agent.cookie('session')?.value;
      expect(session?.id).not.toBe(cookie);
      const thief = createAgent(op.issuer);
      thief.plant({ name: 'session', value: session?.id ?? '' });
      expect(isLogin(await thief.visit(authorizeUrl(op, ours)))).toBe(true);
    });

    test('are listed newest first, of everybody, of an account, of a client', async () => {
      const [one, two] = [await op.createAccount(), await op.createAccount()];
      const alone = await op.createClient();
      for (const account of [one, two, one]) await obtainCode(op, alone, account);
      await obtainCode(op, ours, two);
      // Somebody who looks at the login page is not signed in.
      await createAgent(op.issuer).visit(authorizeUrl(op, alone));
      const ofClient = await listed('/sessions', { client: alone.client_id });
      expect(ofClient.map(({ account }) => account.id).toSorted()).toEqual(
        [one.id, one.id, two.id].toSorted(),
      );
      const times = ofClient.map(({ signed_in_at }) => signed_in_at);
      expect(times).toEqual(times.toSorted((a, b) => b - a));
      expect(await listed('/sessions', { account: two.id })).toHaveLength(2);
      const both = { account: two.id, client: alone.client_id };
      expect(await listed('/sessions', both)).toHaveLength(1);
      const all = (await listed('/sessions')).map(({ id }) => id);
      expect(new Set(all).size).toBe(all.length);
      for (const { id } of ofClient) expect(all).toContain(id);
      expect(await listed('/sessions', { account: 'nobody' })).toEqual([]);
    });

    test('end one at a time, with the tokens of that sign-in alone', async () => {
      const account = await op.createAccount();
      const [here, there] = [createAgent(op.issuer), createAgent(op.issuer)];
      const first = await tokensOf(theirs, account, here);
      const [mine] = await listed('/sessions', { account: account.id });
      const second = await tokensOf(theirs, account, there);
      expect((await op.admin(`/sessions/${mine?.id}`, { method: 'DELETE' })).status).toBe(204);
      expect(isLogin(await here.visit(authorizeUrl(op, theirs)))).toBe(true);
      expect(isLogin(await there.visit(authorizeUrl(op, theirs)))).toBe(false);
      expect(await isAlive(theirs, first.access_token)).toBe(false);
      expect((await refresh(op, theirs, first.refresh_token)).status).toBe(400);
      expect(await isAlive(theirs, second.access_token)).toBe(true);
      expect((await refresh(op, theirs, second.refresh_token)).status).toBe(200);
      expect(await listed('/sessions', { account: account.id })).toHaveLength(1);
      expect(await actions(account)).toContain('session.end');
      const again = await op.admin(`/sessions/${mine?.id}`, { method: 'DELETE' });
      expect(again).toMatchObject({ status: 404, body: { code: 'not_found' } });
      expect((await op.admin(`/sessions/${mine?.id}`)).status).toBe(404);
    });

    test('that nobody is signed in to are none', async () => {
      const agent = createAgent(op.issuer);
      const account = await op.createAccount();
      await obtainCode(op, ours, account, {}, agent);
      const [session] = await listed('/sessions', { account: account.id });
      await op.admin(`/accounts/${account.id}/sessions`, { method: 'DELETE' });
      expect(await listed('/sessions', { account: account.id })).toEqual([]);
      expect((await op.admin(`/sessions/${session?.id}`)).status).toBe(404);
    });
  });

  describe('grants', () => {
    const grants = (query: Record<string, string>) => listed('/grants', query);

    test('are listed with account and client, and join in pages', async () => {
      const others = [await op.createClient({ first_party: false }), await op.createClient()];
      const people = [await op.createAccount(), await op.createAccount(), await op.createAccount()];
      for (const account of people) {
        for (const client of others) await obtainCode(op, client, account);
      }
      // Several sign-ins are one grant.
      await obtainCode(op, others[0] as TestClient, people[0] as TestAccount);
      const pairs = (found: Listed[]) => found.map((one) => `${one.account.id} ${one.client_id}`);
      const expected = people
        .flatMap(({ id }) => others.map(({ client_id }) => `${id} ${client_id}`))
        .toSorted();
      for (const client of others) {
        const found = pairs(await grants({ client: client.client_id }));
        expect(found.toSorted()).toEqual(expected.filter((one) => one.endsWith(client.client_id)));
      }
      const all = pairs(await grants({}));
      expect(new Set(all).size).toBe(all.length);
      expect(all.filter((one) => expected.includes(one)).toSorted()).toEqual(expected);
      const account = people[1] as TestAccount;
      expect(await grants({ account: account.id })).toHaveLength(2);
      const one = await grants({ account: account.id, client: String(others[0]?.client_id) });
      expect(one).toMatchObject([
        {
          account: { id: account.id, email: account.email, name: account.name },
          client_id: others[0]?.client_id,
          scopes: [{ scope: 'openid', granted: true }],
          active: 1,
          created_at: expect.any(Number),
        },
      ]);
    });

    test('whose tokens have gone are listed while they are remembered', async () => {
      const account = await op.createAccount();
      await obtainCode(op, theirs, account);
      await op.admin(`/accounts/${account.id}/sessions`, { method: 'DELETE' });
      expect(await grants({ account: account.id })).toMatchObject([{ active: 0 }]);
      const found = await grants({ client: theirs.client_id });
      expect(found.some((one) => one.account.id === account.id)).toBe(true);
    });

    test('end with their tokens', async () => {
      const account = await op.createAccount();
      const tokens = await tokensOf(theirs, account);
      const path = `/accounts/${account.id}/grants/${theirs.client_id}`;
      expect((await op.admin(path, { method: 'DELETE' })).status).toBe(204);
      expect(await isAlive(theirs, tokens.access_token)).toBe(false);
      expect(await grants({ account: account.id })).toEqual([]);
      expect(await actions(account)).toContain('grant.revoke');
    });

    test('go with the account', async () => {
      const account = await op.createAccount();
      const code = await obtainCode(op, theirs, account);
      await op.admin(`/accounts/${account.id}`, { method: 'DELETE' });
      expect((await redeem(op, theirs, code)).status).toBe(400);
      const consents = op.store.collection(consentsCollection);
      expect(await consents.find('account', account.id)).toEqual([]);
      const found = await grants({ client: theirs.client_id });
      expect(found.filter((one) => one.account.id === account.id)).toEqual([]);
    });

    test.each(['x', 'e30', 'WzEsMl0', 'WyJhIl0'])('refuse the cursor %j', async (after) => {
      const answer = await op.admin(`/grants?after=${after}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'malformed' } });
    });
  });
});

test('who may not read accounts sees neither, who may not write them ends neither', async () => {
  const op = await startOp();
  const account = await op.createAccount();
  await obtainCode(op, await op.createClient(), account);
  const { items } = (await op.admin('/sessions')).body;
  const { client_id, client_secret } = op.adminClient;
  const tokenFor = async (scope: string) =>
    (
      await op.post(
        '/token',
        { grant_type: 'client_credentials', resource: `${op.issuer}/api/v1`, scope },
        { basic: [client_id, client_secret] },
      )
    ).body.access_token;
  const call = async (scope: string, path: string, method = 'GET') =>
    (
      await op.admin(path, {
        method,
        headers: { authorization: `Bearer ${await tokenFor(scope)}` },
      })
    ).status;
  const one = `/sessions/${items[0].id}`;
  for (const path of ['/sessions', one, '/grants']) {
    expect(await call('clients:read', path)).toBe(403);
    expect(await call('accounts:read', path)).toBe(200);
  }
  expect(await call('accounts:read', one, 'DELETE')).toBe(403);
  expect(await call('accounts:write', one, 'DELETE')).toBe(204);
  await op.close();
});
