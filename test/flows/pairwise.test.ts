/** Pairwise subjects (OpenID Connect Core 1.0, section 8.1): one for each sector, and no way from one to another. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createAgent } from '../support/agent.ts';
import { type Stranger, serveJson } from '../support/https.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { createRp } from '../support/rp.ts';
import { introspect } from './requests.ts';

const SHOP = 'https://shop.example/callback';
const BOOKS = 'https://books.example/callback';

let op: Op;
let account: TestAccount;
/** The operator of two applications says that they are one sector. */
let sector: Stranger;
let receiver: Receiver;
beforeAll(async () => {
  sector = await serveJson(() => [SHOP, BOOKS]);
  receiver = await startReceiver();
  op = await startOp();
  account = await op.createAccount();
});
afterAll(async () => {
  await op?.close();
  await receiver?.close();
  sector?.close();
});

const create = (redirect_uri: string, more: object = {}): Promise<TestClient> =>
  op.createClient({ redirect_uris: [redirect_uri], subject_type: 'pairwise', ...more });
const together = () => ({ sector_identifier_uri: `${sector.origin}/uris.json` });
const signIn = async (client: TestClient, parameters = {}) => {
  const rp = await createRp(op.issuer, client);
  return { rp, ...(await rp.signIn(account, parameters)) };
};
const subOf = async (client: TestClient) => (await signIn(client)).claims.sub;

test('one client has one, in each sign-in and not the public one', async () => {
  const client = await create(SHOP);
  const sub = await subOf(client);
  expect(await subOf(client)).toBe(sub);
  expect(sub).not.toBe(account.id);
  expect(await subOf(await op.createClient())).toBe(account.id);
});

test('clients of one host share it, of two hosts do not', async () => {
  const [one, same, other] = await Promise.all([create(SHOP), create(SHOP), create(BOOKS)]);
  expect(await subOf(same)).toBe(await subOf(one));
  expect(await subOf(other)).not.toBe(await subOf(one));
});

test('a sector identifier makes clients of two hosts one sector', async () => {
  const [shop, books, alone] = await Promise.all([
    create(SHOP, together()),
    create(BOOKS, together()),
    create(BOOKS),
  ]);
  expect(await subOf(books)).toBe(await subOf(shop));
  expect(await subOf(alone)).not.toBe(await subOf(shop));
});

test('a client that the sector does not list is none of it', async () => {
  const { status, body } = await op.admin('/clients', {
    method: 'POST',
    body: {
      redirect_uris: ['https://evil.example/callback'],
      subject_type: 'pairwise',
      ...together(),
    },
  });
  expect(status).toBe(422);
  expect(body.errors[0].detail).toMatch(/sector_identifier_uri/);
});

describe('whatever a client is told names the person so', () => {
  test('in the ID token, at UserInfo, in a refresh, in tokens and in introspection', async () => {
    const client = await create(SHOP);
    const { identifier } = await op.createResource({
      scopes: [{ name: 'read' }],
      access: [{ client_id: client.client_id, scopes: ['read'] }],
    });
    const { rp, claims, tokens } = await signIn(client, { scope: 'openid email' });
    // openid-client compares the one of UserInfo with that of the ID token itself.
    expect((await rp.userInfo(tokens)).sub).toBe(claims.sub);
    const refreshed = await rp.refresh(String(tokens.refresh_token));
    expect(refreshed.claims()?.sub).toBe(claims.sub);
    expect(await introspect(op, client, refreshed.access_token)).toMatchObject({ sub: claims.sub });
    const forResource = await signIn(client, { scope: 'openid read', resource: identifier });
    expect(decodeJwt(forResource.tokens.access_token)).toMatchObject({
      aud: identifier,
      sub: claims.sub,
    });
    const said = JSON.stringify([claims, decodeJwt(forResource.tokens.access_token)]);
    expect(said).not.toContain(account.id);
  });

  test('to a resource server that introspects the token, too', async () => {
    const client = await create(SHOP);
    const server = await op.createClient({ type: 'server-to-server' });
    const { tokens } = await signIn(client);
    const told = await introspect(op, server, tokens.access_token);
    expect(told.active).toBe(true);
    expect(JSON.stringify(told)).not.toContain(account.id);
  });

  test('in a logout token', async () => {
    const client = await create(SHOP, {
      backchannel_logout_uri: receiver.uri,
      backchannel_logout_session_required: true,
    });
    const rp = await createRp(op.issuer, client);
    const agent = createAgent(op.issuer);
    const { claims } = await rp.signIn(account, {}, agent);
    await agent.submit(await agent.visit(`${op.issuer}/logout`), { logout: 'yes' });
    expect(decodeJwt(receiver.tokens.at(-1) ?? '')).toMatchObject({ sub: claims.sub });
  });
});
