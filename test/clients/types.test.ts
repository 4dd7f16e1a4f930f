/** Each type's preset is accepted as it is, and its flow completes with a real relying party. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { types } from '../../src/clients/types/all.ts';
import { clientTypes } from '../../src/clients/values.ts';
import { createAgent, leftFor } from '../support/agent.ts';
import { makeKeys } from '../support/keys.ts';
import { CALLBACK, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createProfileRp } from '../support/profile-rp.ts';
import { createRp, openid } from '../support/rp.ts';

let op: Op;
let account: TestAccount;
const keys = await makeKeys();
beforeAll(async () => {
  op = await startOp();
  account = await op.createAccount();
});
afterAll(() => op?.close());

type TypeName = (typeof clientTypes)[number];

/** What nobody but the caller can know: where people are sent back to, and public keys. */
const needed: Readonly<Record<TypeName, object>> = {
  web: { redirect_uris: [CALLBACK] },
  'single-page-application': { redirect_uris: [CALLBACK] },
  native: { redirect_uris: ['http://127.0.0.1/callback', 'com.example.app:/callback'] },
  'server-to-server': {},
  device: {},
  financial: { redirect_uris: [CALLBACK], jwks: keys.jwks },
};

const create = async (type: TypeName): Promise<TestClient> => {
  const made = await op.admin('/clients', { method: 'POST', body: { type, ...needed[type] } });
  expect(made).toMatchObject({ status: 201, body: { type, conforming: true, violations: [] } });
  expect(made.body).toMatchObject(types[type].initial);
  expect(made.body).toMatchObject(types[type].fixed);
  return made.body;
};

/** A whole sign-in by code, with refresh and UserInfo; `back` where the application listens today. */
async function signIn(client: TestClient, back?: string) {
  const rp = await createRp(op.issuer, { ...client, ...(back && { redirect_uris: [back] }) });
  const started = await rp.start({ scope: 'openid email' });
  const callback = leftFor(await createAgent(op.issuer).authorize(started.url, account));
  const tokens = await rp.redeem(callback, started);
  expect(tokens.claims()?.sub).toBe(account.id);
  expect((await rp.userInfo(tokens)).email).toBe(account.email);
  const refreshed = await rp.refresh(tokens.refresh_token ?? '');
  expect(refreshed.access_token).not.toBe(tokens.access_token);
  return { rp, tokens, refreshed };
}

const flows: Readonly<Record<Exclude<TypeName, 'device'>, (client: TestClient) => Promise<void>>> =
  {
    async web(client) {
      expect(client.client_secret).toBeDefined();
      await signIn(client);
    },

    async 'single-page-application'(client) {
      expect(client.client_secret).toBeUndefined();
      const { rp, tokens, refreshed } = await signIn(client);
      // Rotation with reuse detection: the old token ends the whole family.
      await expect(rp.refresh(tokens.refresh_token ?? '')).rejects.toThrow();
      await expect(rp.refresh(refreshed.refresh_token ?? '')).rejects.toThrow();
      const preflight = await fetch(`${op.issuer}/token`, {
        method: 'POST',
        headers: { origin: new URL(CALLBACK).origin },
        body: new URLSearchParams({ client_id: client.client_id, grant_type: 'refresh_token' }),
      });
      expect(preflight.headers.get('access-control-allow-origin')).toBe(new URL(CALLBACK).origin);
    },

    async native(client) {
      expect(client.client_secret).toBeUndefined();
      // Any port of loopback (RFC 8252, section 7.3), and a scheme of its own.
      await signIn(client, 'http://127.0.0.1:49152/callback');
      await signIn(client, 'com.example.app:/callback');
    },

    async 'server-to-server'(client) {
      const { identifier } = await op.createResource({
        scopes: [{ name: 'read' }, { name: 'write' }],
        access: [{ client_id: client.client_id, scopes: ['read'] }],
      });
      const { config } = await createRp(op.issuer, client);
      const tokens = await openid.clientCredentialsGrant(config, {
        resource: identifier,
        scope: 'read',
      });
      expect(tokens).toMatchObject({ scope: 'read' });
      expect(tokens).not.toHaveProperty('refresh_token');
      expect(tokens).not.toHaveProperty('id_token');
      // A scope that the client was not given is in no token, and none does not mean all.
      for (const scope of ['write', undefined]) {
        const less = await openid.clientCredentialsGrant(config, {
          resource: identifier,
          ...(scope && { scope }),
        });
        expect(less.scope).toBeUndefined();
        expect(decodeJwt(less.access_token)).not.toHaveProperty('scope');
      }
      const other = openid.clientCredentialsGrant(config, { resource: `${op.issuer}/api/v1` });
      await expect(other).rejects.toMatchObject({ error: 'invalid_target' });
    },

    async financial(client) {
      expect(client).toMatchObject({ fapi_profile: 'fapi2-security-profile' });
      expect(client.client_secret).toBeUndefined();
      const rp = await createProfileRp(op.issuer, client, keys);
      const tokens = await rp.signIn(account);
      expect(tokens.token_type).toBe('dpop');
      expect(tokens.claims()?.sub).toBe(account.id);
    },
  };

describe.each(Object.entries(flows))('a client of the type %s', (type, flow) => {
  test('is accepted from its preset and completes its flow', async () => {
    await flow(await create(type as TypeName));
  });
});

test('the types are listed with what a form needs of them', async () => {
  const { status, body } = await op.admin('/client-types');
  expect(status).toBe(200);
  expect(body.items.map(({ type }: { type: string }) => type)).toEqual([...clientTypes]);
  for (const item of body.items) {
    expect(item).toMatchObject({
      title: expect.any(String),
      description: expect.any(String),
      initial: expect.any(Object),
      rules: expect.any(Array),
    });
  }
});

test('a financial client cannot leave its profile, whoever asks and however', async () => {
  const { client_id, ...metadata } = await create('financial');
  const at = `/clients/${client_id}`;
  const { fapi_profile: _, ...rest } = metadata;
  for (const [method, body] of [
    ['PATCH', { fapi_profile: null }],
    ['PUT', rest],
    ['PATCH', { token_endpoint_auth_method: 'client_secret_basic' }],
  ] as const) {
    expect(await op.admin(at, { method, body })).toMatchObject({ status: 422 });
  }
  expect((await op.admin(at)).body.fapi_profile).toBe('fapi2-security-profile');
});
