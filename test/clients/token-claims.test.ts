import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { introspect, obtainTokens } from '../flows/requests.ts';
import { type Op, startOp } from '../support/op.ts';

let op: Op;
beforeAll(async () => {
  op = await startOp({
    tokens: {
      access_token_claims: {
        tenant: 'client.extra_metadata.tenant',
        'https://claims.example/plan': 'client.extra_metadata.plan',
        app: 'client.client_name',
        family: 'account.family_name',
      },
    },
  });
});
afterAll(() => op?.close());

test('extra metadata and claims of the account get into access tokens as configured', async () => {
  const client = await op.createClient({
    client_name: 'Shop',
    extra_metadata: { tenant: 'acme', secret: 'not mapped' },
  });
  const account = await op.createAccount({ family_name: 'Lovelace' });
  const { identifier } = await op.createResource({
    scopes: [{ name: 'read' }],
    access: [{ client_id: client.client_id, scopes: ['read'] }],
  });
  const fields = { scope: 'openid read', resource: identifier };
  const tokens = await obtainTokens(op, client, account, fields);
  const claims = decodeJwt(tokens.access_token);
  expect(claims).toMatchObject({ tenant: 'acme', app: 'Shop', family: 'Lovelace' });
  expect(JSON.stringify(claims)).not.toContain('not mapped');
  expect(claims).not.toHaveProperty(['https://claims.example/plan']);

  const opaque = await obtainTokens(op, client, account, { scope: 'openid' });
  expect(await introspect(op, client, opaque.access_token)).toMatchObject({ tenant: 'acme' });
  expect(decodeJwt(tokens.id_token)).not.toHaveProperty('tenant');
});

test.each([
  [{ sub: 'client.client_name' }],
  [{ cnf: 'client.client_name' }],
  [{ tenant: 'client.client_secret' }],
  [{ tenant: 'account' }],
])('a mapping of %j is a mistake of the configuration', async (access_token_claims) => {
  await expect(startOp({ tokens: { access_token_claims } })).rejects.toMatchObject({
    message: expect.stringContaining('mistake'),
  });
});
