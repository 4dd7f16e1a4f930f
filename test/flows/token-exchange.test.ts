/** Token exchange (RFC 8693): a client has a person's token of another, and wants one of its own. */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { TOKEN_EXCHANGE } from '../../src/clients/values.ts';
import { type Artifact, grantsCollection } from '../../src/oidc/artifacts.ts';
import type { Collection, CollectionSpec } from '../../src/store/store.ts';
import { CALLBACK, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { pass } from './clock.ts';
import { accountDetail, accountsType, payment, paymentType } from './detail-types.ts';
import { actor, openExchange, policy, subject, type } from './exchange.ts';
import { introspect, obtainTokens, postAs } from './requests.ts';

const {
  op,
  app,
  service,
  twoSided,
  account,
  photos,
  albums,
  signIn,
  signInForBoth,
  exchange,
  ownToken,
  createService,
} = await openExchange();
afterAll(() => op.close());
afterEach(() => {
  jest.restoreAllMocks();
});

describe('a token that is had for another', () => {
  test('is a JWT about the same person, for the client that asked, through any library', async () => {
    const { access_token } = await signIn();
    const rp = await createRp(op.issuer, { ...service, redirect_uris: [] });
    const tokens = await openid.genericGrantRequest(rp.config, TOKEN_EXCHANGE, {
      subject_token: access_token,
      subject_token_type: type('access_token'),
      requested_token_type: type('jwt'),
      audience: photos,
      scope: 'read',
    });
    expect(tokens).toMatchObject({
      issued_token_type: type('jwt'),
      token_type: 'bearer',
      scope: 'read',
    });
    const claims = decodeJwt(tokens.access_token);
    expect(claims).toMatchObject({
      iss: op.issuer,
      aud: photos,
      sub: account.id,
      client_id: service.client_id,
      scope: 'read',
    });
    expect(claims).not.toHaveProperty('act');
    expect(claims.exp).toBeLessThanOrEqual(Number(decodeJwt(access_token).exp));
  });

  test('has all that both sides have when no scope is named', async () => {
    const { access_token } = await signIn(photos, account, { scope: 'openid read write admin' });
    expect((await exchange(subject(access_token))).body.scope).toBe('read write');
  });

  test('names its actor in introspection, and the actors before', async () => {
    const { access_token } = await signIn(albums);
    const first = await exchange({ ...subject(access_token), ...actor(await ownToken()) });
    expect(first.status).toBe(200);
    const act = { sub: service.client_id, client_id: service.client_id };
    expect(await introspect(op, service, first.body.access_token)).toMatchObject({
      active: true,
      sub: account.id,
      client_id: service.client_id,
      aud: albums,
      scope: 'read write',
      act,
    });
    const next = await createService({});
    const second = await exchange(
      { ...subject(first.body.access_token), ...actor(await ownToken(next)) },
      next,
    );
    const mine = { sub: next.client_id, client_id: next.client_id };
    expect((await introspect(op, next, second.body.access_token)).act).toEqual({ ...mine, act });
    // Who was an actor stays one, whoever goes on without adding themselves.
    const third = await exchange(subject(second.body.access_token));
    expect((await introspect(op, service, third.body.access_token)).act).toEqual({ ...mine, act });
  });

  test('can name a person as the actor, who signed in to the client that asks', async () => {
    const { access_token } = await signIn();
    const clerk = await op.createAccount();
    const { id_token } = await obtainTokens(op, twoSided, clerk);
    const { body } = await exchange(
      { ...subject(access_token), ...actor(id_token, 'id_token') },
      twoSided,
    );
    expect(decodeJwt(body.access_token)).toMatchObject({
      sub: account.id,
      act: { sub: clerk.id, client_id: twoSided.client_id },
    });
  });

  test('can be for another resource that the person granted, and has no more than the first', async () => {
    const { access_token } = await signInForBoth();
    const { body } = await exchange({ ...subject(access_token), resource: albums });
    expect(await introspect(op, service, body.access_token)).toMatchObject({
      aud: albums,
      scope: 'read write',
    });
  });

  test('can be had for an ID token, with what the person granted there', async () => {
    const { id_token } = await signIn();
    const { status, body } = await exchange({ ...subject(id_token, 'id_token'), resource: photos });
    expect([status, body.scope]).toEqual([200, 'read write']);
    expect(decodeJwt(body.access_token).sub).toBe(account.id);
  });

  test('lives no longer than the one that it was had for', async () => {
    const { access_token } = await signIn();
    pass(3000);
    const { body } = await exchange(subject(access_token));
    expect(body.expires_in).toBeLessThanOrEqual(600);
    expect(decodeJwt(body.access_token).exp).toBeLessThanOrEqual(
      Number(decodeJwt(access_token).exp),
    );
  });

  test('is had for somebody who has let a thousand other programs in', async () => {
    const person = await op.createAccount();
    const grants = op.store.collection<Artifact>(grantsCollection);
    const other = { account: person.id, client: 'other', sealed: '' };
    // Before any digest, wherever it is that digests begin.
    await Promise.all(
      Array.from({ length: 1001 }, (_, number) => grants.put(`-${number}`, other, { ttl: 3600 })),
    );
    const { access_token } = await signIn(photos, person);
    expect((await exchange(subject(access_token))).body.scope).toBe('read write');
  });

  describe.each(['jwt', 'opaque'] as const)('with authorization details (%s)', (format) => {
    const types = [paymentType.type, accountsType.type];
    let bank: string;
    let shop: TestClient;
    let teller: TestClient;
    let token: string;
    beforeAll(async () => {
      const resource = (more: object) =>
        op.createResource({ scopes: [{ name: 'read' }], access: [...open], ...more });
      const open = [{ client_id: '*', scopes: ['read'] }];
      const declared = { authorization_details_types: [paymentType, accountsType] };
      bank = (await resource({ access_token_format: format, ...declared })).identifier;
      shop = await op.createClient({ authorization_details_types: types });
      teller = await createService({ authorization_details_types: types });
      const fields = {
        scope: 'openid read',
        resource: bank,
        authorization_details: JSON.stringify([payment, accountDetail]),
      };
      token = (await obtainTokens(op, shop, account, fields)).access_token;
    });

    test('has them in the response and in introspection', async () => {
      const { body } = await exchange(subject(token), teller);
      expect(body.authorization_details).toEqual([payment, accountDetail]);
      const told =
        format === 'jwt'
          ? decodeJwt(body.access_token)
          : await introspect(op, teller, body.access_token);
      expect(told.authorization_details).toEqual([payment, accountDetail]);
    });

    test('has less where less is asked for, and never more', async () => {
      const asking = (details: unknown) =>
        exchange(
          {
            ...subject(token),
            resource: bank,
            authorization_details: JSON.stringify(details),
          },
          teller,
        );
      const less = { ...accountDetail, actions: ['list_accounts'] };
      expect((await asking([less])).body.authorization_details).toEqual([less]);
      const more = { ...payment, instructedAmount: { currency: 'EUR', amount: '9000' } };
      for (const wrong of [[more], [{ type: 'weather' }], [7], {}, 'x']) {
        expect((await asking(wrong)).body.error).toBe('invalid_authorization_details');
      }
    });

    test('has only those of types that the client is registered for', async () => {
      const some = await createService({ authorization_details_types: [accountsType.type] });
      expect((await exchange(subject(token), some)).body.authorization_details).toEqual([
        accountDetail,
      ]);
      const { status, body } = await exchange(subject(token), service);
      expect(status).toBe(200);
      expect(body).not.toHaveProperty('authorization_details');
    });
  });

  test('opens neither UserInfo nor the administration', async () => {
    const { access_token } = await signIn(albums);
    const { body } = await exchange(subject(access_token));
    const headers = { authorization: `Bearer ${body.access_token}` };
    expect([401, 403]).toContain((await op.get('/userinfo', headers)).status);
    expect((await op.get('/api/v1/clients', headers)).status).toBe(401);
  });
});

describe('when what the person granted ends, so does the token', () => {
  const revokeGrant = (client: TestClient, person: TestAccount) =>
    op.admin(`/accounts/${person.id}/grants/${client.client_id}`, { method: 'DELETE' });

  const ways: [string, (person: TestAccount) => Promise<{ status: number }>][] = [
    ['an administrator revokes the grant', (person) => revokeGrant(app, person)],
    [
      'the refresh token is revoked',
      async (person) => {
        const { refresh_token } = tokensOf.get(person.id) as { refresh_token: string };
        return postAs(op, app, '/revoke', { token: refresh_token });
      },
    ],
  ];
  const tokensOf = new Map<
    string,
    { access_token: string; refresh_token: string; id_token: string }
  >();

  test.each(ways)('%s', async (_, end) => {
    const person = await op.createAccount();
    const tokens = await signIn(albums, person);
    tokensOf.set(person.id, tokens);
    const opaque = await exchange(subject(tokens.access_token));
    const fromId = await exchange({ ...subject(tokens.id_token, 'id_token'), resource: albums });
    const further = await exchange(subject(opaque.body.access_token), await createService({}));
    const values = [opaque, fromId, further].map(({ body }) => body.access_token);
    const active = async () =>
      Promise.all(values.map(async (value) => (await introspect(op, service, value)).active));
    expect(await active()).toEqual([true, true, true]);
    expect((await end(person)).status).toBeLessThan(300);
    expect(await active()).toEqual([false, false, false]);
    const { status, body } = await exchange({
      ...subject(tokens.id_token, 'id_token'),
      resource: albums,
    });
    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });

  test('and another person’s token lives on', async () => {
    const [one, other] = await Promise.all([op.createAccount(), op.createAccount()]);
    const ofOther = await exchange(subject((await signIn(albums, other)).access_token));
    await signIn(albums, one);
    await revokeGrant(app, one);
    expect((await introspect(op, service, ofOther.body.access_token)).active).toBe(true);
  });
});

test('a grant that ends while a token is exchanged takes the new one with it', async () => {
  let meanwhile = async (): Promise<unknown> => undefined;
  /** Waits for what happens meanwhile before a grant is kept that is made from another. */
  const slow = <T>(collection: Collection<T>): Collection<T> => ({
    ...collection,
    async put(id, value, options) {
      if (Object.hasOwn(value as object, 'derived')) await meanwhile();
      return collection.put(id, value, options);
    },
  });
  const other = await startOp(
    {},
    {
      through: (store) => ({
        ...store,
        collection: <T>(spec: CollectionSpec) =>
          spec.name === 'grants' ? slow(store.collection<T>(spec)) : store.collection<T>(spec),
      }),
    },
  );
  try {
    const [web, client, person] = await Promise.all([
      other.createClient(),
      other.createClient({
        type: 'server-to-server',
        grant_types: [TOKEN_EXCHANGE],
        token_exchange: policy,
      }),
      other.createAccount(),
    ]);
    const access = [{ client_id: '*', scopes: ['read'] }];
    const made = await other.createResource({ scopes: [{ name: 'read' }], access });
    const tokens = await obtainTokens(other, web, person, {
      scope: 'openid read',
      resource: made.identifier,
    });
    const path = `/accounts/${person.id}/grants`;
    meanwhile = () => other.admin(`${path}/${web.client_id}`, { method: 'DELETE' });
    const { status, body } = await postAs(other, client, '/token', {
      grant_type: TOKEN_EXCHANGE,
      ...subject(tokens.access_token),
    });
    expect([status, body.error]).toEqual([400, 'invalid_request']);
    expect((await other.admin(path)).body).toMatchObject({ items: [] });
  } finally {
    await other.close();
  }
});

test('discovery names the grant, and a client without a policy is warned', async () => {
  const { body } = await op.get('/.well-known/openid-configuration');
  expect(body.grant_types_supported).toContain(TOKEN_EXCHANGE);
  const made = await op.admin('/clients', {
    method: 'POST',
    body: {
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', TOKEN_EXCHANGE],
    },
  });
  expect(made).toMatchObject({
    status: 201,
    body: { warnings: [{ rule: 'token-exchange-policy' }] },
  });
});
