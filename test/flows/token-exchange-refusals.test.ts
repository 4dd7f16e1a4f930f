/** Token exchange (RFC 8693): every way in which it is refused, and what is said. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Fields, TestClient } from '../support/op.ts';
import { actor, openExchange, policy, subject, type } from './exchange.ts';
import { signAsServer } from './forge.ts';
import { obtainTokens, postAs } from './requests.ts';

const {
  op,
  app,
  service,
  twoSided,
  account,
  photos,
  albums,
  prints,
  closed,
  signIn,
  exchange,
  ownToken,
  createService,
} = await openExchange();
afterAll(() => op.close());

describe('an exchange is refused', () => {
  interface Refusal {
    what: string;
    error: string;
    says: RegExp;
    fields(): Promise<Fields>;
    client?(): Promise<TestClient>;
  }
  const good = async () => subject((await signIn()).access_token);
  const forged = async (claims: object, header: object = {}) => {
    const { access_token } = await signIn();
    return signAsServer(op, { ...decodeJwt(access_token), ...claims }, header);
  };
  const chain = (depth: number): object =>
    depth === 1 ? { sub: 'a' } : { sub: 'a', act: chain(depth - 1) };
  const unusable = /^subject_token is not a living token/;

  const table: Refusal[] = [
    {
      what: 'a wider scope',
      error: 'invalid_scope',
      says: /more than the subject_token has/,
      fields: async () => ({
        ...subject((await signIn(photos, account, { scope: 'openid read' })).access_token),
        scope: 'read write',
      }),
    },
    {
      what: 'a scope that the client may not have',
      error: 'invalid_scope',
      says: /than this client may have/,
      fields: async () => ({
        ...subject((await signIn(photos, account, { scope: 'openid read admin' })).access_token),
        scope: 'admin',
      }),
    },
    {
      what: 'a resource that the person did not grant',
      error: 'invalid_target',
      says: /leads to nothing of this resource/,
      fields: async () => ({ ...(await good()), resource: prints }),
    },
    {
      what: 'an ID token for a resource that the person did not grant',
      error: 'invalid_target',
      says: /leads to nothing of this resource/,
      fields: async () => ({
        ...subject((await signIn(photos, await op.createAccount())).id_token, 'id_token'),
        audience: prints,
      }),
    },
    {
      what: 'a resource that the client may not use',
      error: 'invalid_target',
      says: /this client may not ask/,
      fields: async () => subject((await signIn(closed)).access_token),
    },
    {
      what: 'two resources',
      error: 'invalid_target',
      says: /one resource or audience/,
      fields: async () => ({ ...(await good()), resource: photos, audience: albums }),
    },
    {
      what: 'an ID token without a resource',
      error: 'invalid_target',
      says: /name the resource/,
      fields: async () => subject((await signIn()).id_token, 'id_token'),
    },
    {
      what: 'no subject token',
      error: 'invalid_request',
      says: /^subject_token is missing/,
      fields: async () => ({ subject_token_type: type('access_token') }),
    },
    {
      what: 'an unknown type',
      error: 'invalid_request',
      says: /^subject_token_type must be one of/,
      fields: async () => ({ ...(await good()), subject_token_type: type('saml2') }),
    },
    {
      what: 'the type of a refresh token',
      error: 'invalid_request',
      says: /^subject_token_type must be one of/,
      fields: async () => subject((await signIn()).refresh_token, 'refresh_token'),
    },
    {
      what: 'a refresh token',
      error: 'invalid_request',
      says: unusable,
      fields: async () => subject((await signIn()).refresh_token),
    },
    {
      what: 'an ID token as an access token',
      error: 'invalid_request',
      says: unusable,
      fields: async () => subject((await signIn()).id_token),
    },
    {
      what: 'an access token as an ID token',
      error: 'invalid_request',
      says: unusable,
      fields: async () => ({
        ...subject((await signIn()).access_token, 'id_token'),
        resource: photos,
      }),
    },
    {
      what: 'a logout token as an ID token',
      error: 'invalid_request',
      says: unusable,
      fields: async () =>
        subject(await forged({ aud: app.client_id }, { typ: 'logout+jwt' }), 'id_token'),
    },
    {
      what: 'a token with another signature',
      error: 'invalid_request',
      says: unusable,
      fields: async () => {
        const [head, , signature] = (await signIn()).access_token.split('.');
        const payload = (await signIn(photos, await op.createAccount())).access_token.split('.')[1];
        return subject(`${head}.${payload}.${signature}`);
      },
    },
    {
      what: 'a token without a signature',
      error: 'invalid_request',
      says: unusable,
      fields: async () => {
        const [, payload] = (await signIn()).access_token.split('.');
        const head = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString(
          'base64url',
        );
        return subject(`${head}.${payload}.`);
      },
    },
    {
      what: 'an expired JWT',
      error: 'invalid_request',
      says: unusable,
      fields: async () => subject(await forged({ exp: 1000 })),
    },
    {
      what: 'a revoked access token',
      error: 'invalid_request',
      says: unusable,
      fields: async () => {
        const { access_token } = await signIn(albums);
        await postAs(op, app, '/revoke', { token: access_token });
        return subject(access_token);
      },
    },
    {
      what: 'a token of another server',
      error: 'invalid_request',
      says: unusable,
      fields: async () => subject(await forged({ iss: 'https://other.example' })),
    },
    {
      what: 'a program’s token',
      error: 'invalid_request',
      says: /is about a program/,
      fields: async () => ({
        ...subject(await ownToken(op.adminClient as never)),
        resource: photos,
      }),
    },
    {
      what: 'a program whose name is an account’s',
      error: 'invalid_request',
      says: /is about a program/,
      fields: async () => {
        const person = await op.createAccount();
        const namesake = await op.createClient({ type: 'server-to-server', client_id: person.id });
        const { body } = await postAs(op, namesake, '/token', {
          grant_type: 'client_credentials',
          resource: photos,
          scope: 'read',
        });
        return subject(body.access_token);
      },
    },
    {
      what: 'a token about an account that was disabled',
      error: 'invalid_request',
      says: /^subject_token is about an account that is not there/,
      fields: async () => {
        const person = await op.createAccount();
        const { access_token } = await signIn(photos, person);
        await op.admin(`/accounts/${person.id}`, { method: 'PATCH', body: { disabled: true } });
        return subject(access_token);
      },
    },
    {
      what: 'a JWT with a pairwise subject',
      error: 'invalid_request',
      says: /pairwise subject/,
      fields: async () => {
        const pairwise = await op.createClient({ subject_type: 'pairwise' });
        const { access_token } = await obtainTokens(op, pairwise, account, {
          scope: 'openid read',
          resource: photos,
        });
        return subject(access_token);
      },
    },
    {
      what: 'an actor token of another client',
      error: 'invalid_request',
      says: /^actor_token was issued to another client/,
      fields: async () => ({ ...(await good()), ...actor((await signIn()).access_token) }),
    },
    {
      what: 'an actor token without its type',
      error: 'invalid_request',
      says: /^actor_token_type must be one of/,
      fields: async () => ({ ...(await good()), actor_token: await ownToken() }),
    },
    {
      what: 'an actor type without a token',
      error: 'invalid_request',
      says: /^actor_token is missing/,
      fields: async () => ({ ...(await good()), actor_token_type: type('access_token') }),
    },
    {
      what: 'an actor whose own grant has ended',
      error: 'invalid_request',
      says: /^actor_token is not a living token/,
      client: async () => twoSided,
      fields: async () => {
        const person = await op.createAccount();
        const { access_token } = await obtainTokens(op, twoSided, person, {
          scope: 'openid read',
          resource: photos,
        });
        const path = `/accounts/${person.id}/grants/${twoSided.client_id}`;
        await op.admin(path, { method: 'DELETE' });
        return { ...(await good()), ...actor(access_token) };
      },
    },
    {
      what: 'one that may_act does not name',
      error: 'invalid_request',
      says: /names another in may_act/,
      fields: async () => ({
        ...subject(await forged({ may_act: { sub: 'somebody-else' } })),
        ...actor(await ownToken()),
      }),
    },
    {
      what: 'an impersonation that may_act does not name',
      error: 'invalid_request',
      says: /names another in may_act/,
      fields: async () => subject(await forged({ may_act: { client_id: 'somebody-else' } })),
    },
    {
      what: 'more actors than four',
      error: 'invalid_request',
      says: /has 4 actors already/,
      fields: async () => ({
        ...subject(await forged({ act: chain(4) })),
        ...actor(await ownToken()),
      }),
    },
    {
      what: 'a token that is bound to a key',
      error: 'invalid_request',
      says: /^subject_token is bound to a key/,
      fields: async () => subject(await forged({ cnf: { jkt: 'a'.repeat(43) } })),
    },
    {
      what: 'a refresh token in return',
      error: 'invalid_request',
      says: /^requested_token_type must be/,
      fields: async () => ({ ...(await good()), requested_token_type: type('refresh_token') }),
    },
    {
      what: 'a JWT where tokens are opaque',
      error: 'invalid_request',
      says: /^requested_token_type: /,
      fields: async () => ({
        ...subject((await signIn(albums)).access_token),
        requested_token_type: type('jwt'),
      }),
    },
    {
      what: 'a client without a policy',
      error: 'unauthorized_client',
      says: /token_exchange policy/,
      fields: good,
      client: () => createService({ token_exchange: undefined }),
    },
    {
      what: 'a client whose policy lists others',
      error: 'unauthorized_client',
      says: /does not list the client/,
      fields: good,
      client: () => createService({ token_exchange: { ...policy, subject_clients: ['other'] } }),
    },
    {
      what: 'an impersonation that the policy does not allow',
      error: 'unauthorized_client',
      says: /allows no impersonation/,
      fields: good,
      client: () => createService({ token_exchange: { ...policy, impersonation: false } }),
    },
    {
      what: 'a client without the grant',
      error: 'unauthorized_client',
      says: /grant type is not allowed/,
      fields: good,
      client: () => op.createClient({ type: 'server-to-server' }),
    },
    {
      what: 'a public client',
      error: 'unauthorized_client',
      says: /grant type is not allowed/,
      fields: good,
      client: () => op.createClient({ type: 'single-page-application' }),
    },
  ];

  test.each(table)('with $error for $what', async ({ error, says, fields, client }) => {
    const by = client ? await client() : service;
    const { status, body } = await exchange(await fields(), by);
    expect([status, body.error]).toEqual([400, error]);
    expect(body.error_description).toMatch(says);
    expect(body).not.toHaveProperty('access_token');
  });

  test('with unauthorized_client for a delegation that the policy does not allow', async () => {
    const client = await createService({ token_exchange: { ...policy, delegation: false } });
    const { body } = await exchange(
      { ...(await good()), ...actor(await ownToken(client)) },
      client,
    );
    expect(body).toMatchObject({
      error: 'unauthorized_client',
      error_description: expect.stringContaining('no delegation'),
    });
  });

  test('and is not, for who may_act names and for three actors before', async () => {
    const named = await forged({ may_act: { sub: service.client_id }, act: chain(3) });
    const { status, body } = await exchange({ ...subject(named), ...actor(await ownToken()) });
    expect([status, decodeJwt(body.access_token).act]).toEqual([
      200,
      { sub: service.client_id, client_id: service.client_id, act: chain(3) },
    ]);
  });
});
