import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { newId } from '../../src/lib/ids.ts';
import { introspect, obtainCode, obtainTokens, postAs, redeem } from '../flows/requests.ts';
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

describe('a module of the operator’s', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'clientele-claims-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A server whose module is this text. */
  async function withModule(text: string, use: (op: Op) => Promise<void>) {
    const claims_module = join(folder, `${newId()}.mjs`);
    writeFileSync(claims_module, text);
    const access_token_claims = { tenant: 'client.extra_metadata.tenant' };
    const other = await startOp({ tokens: { claims_module, access_token_claims } });
    await use(other).finally(other.close);
  }

  test('adds claims from client, account and token, and knows a program from a person', () =>
    withModule(
      `export default async ({ client, account, token }) => ({
        plan: client.extra_metadata.plan,
        desk: account ? account.sub + ' ' + account.family_name : client.client_id,
        what: [token.scope, token.audience, token.grant_type].join(' '),
      });`,
      async (other) => {
        const extra_metadata = { tenant: 'acme', plan: 'gold' };
        const client = await other.createClient({ extra_metadata });
        const program = await other.createClient({ type: 'server-to-server' });
        const account = await other.createAccount({ family_name: 'Lovelace' });
        const { identifier } = await other.createResource({
          scopes: [{ name: 'read' }],
          access: [client, program].map(({ client_id }) => ({ client_id, scopes: ['read'] })),
        });
        const fields = { scope: 'openid read', resource: identifier };
        const { access_token } = await obtainTokens(other, client, account, fields);
        expect(decodeJwt(access_token)).toMatchObject({
          sub: account.id,
          tenant: 'acme',
          plan: 'gold',
          desk: `${account.id} Lovelace`,
          what: `read ${identifier} authorization_code`,
        });
        const { body } = await postAs(other, program, '/token', {
          grant_type: 'client_credentials',
          resource: identifier,
          scope: 'read',
        });
        expect(decodeJwt(body.access_token)).toMatchObject({
          desk: program.client_id,
          what: `read ${identifier} client_credentials`,
        });
        const opaque = await obtainTokens(other, client, account);
        expect(await introspect(other, client, opaque.access_token)).toMatchObject({
          plan: 'gold',
        });
      },
    ));

  test.each([
    ['claims of the protocol', 'export default () => ({ sub: "somebody else", plan: "gold" })'],
    ['no claims', 'export default () => "gold"'],
    ['an error', 'export default () => { throw new Error("the directory is down") }'],
  ])('that answers %s has no token issued, and the log says why', (_, text) =>
    withModule(text, async (other) => {
      const [client, account] = await Promise.all([other.createClient(), other.createAccount()]);
      const code = await obtainCode(other, client, account);
      const { status, body } = await redeem(other, client, code);
      expect([status, body.error]).toEqual([500, 'server_error']);
      expect(JSON.stringify(body)).not.toMatch(/mjs|directory/);
      expect(JSON.stringify(other.logs)).toMatch(/mjs answered|the directory is down/);
    }),
  );

  test.each([
    ['is not there', undefined, 'cannot be read'],
    ['has no function', 'export const claims = {}', 'whose default export is nothing'],
    ['is broken', 'export default (', 'which fails to load'],
  ])('that %s is a mistake of the configuration', async (_, text, says) => {
    const claims_module = join(folder, `${newId()}.mjs`);
    if (text !== undefined) writeFileSync(claims_module, text);
    await expect(startOp({ tokens: { claims_module } })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(says),
    });
  });
});
