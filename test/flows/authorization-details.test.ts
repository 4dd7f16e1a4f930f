import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { createAgent, isConsent, leftFor, wordsOf } from '../support/agent.ts';
import { type Fields, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { ask, createAsker, decide, poll } from './ciba-requests.ts';
import { accountDetail, accountsType, payment, paymentType } from './detail-types.ts';
import {
  authorizeUrl,
  introspect,
  obtainCode,
  obtainTokens,
  pkce,
  postAs,
  redeem,
  refresh,
} from './requests.ts';

let op: Op;
let shop: TestClient;
let ours: TestClient;
let service: TestClient;
let person: TestAccount;
let bank: string;

const types = ['payment_initiation', 'account_information'];
const scopes = [{ name: 'read' }];

beforeAll(async () => {
  op = await startOp();
  const registered = { authorization_details_types: types };
  [shop, ours, service, person] = await Promise.all([
    createAsker(op, { client_name: 'Their Shop', first_party: false, ...registered }),
    op.createClient({ client_name: 'Our Till', ...registered }),
    op.createClient({ type: 'server-to-server', ...registered }),
    op.createAccount(),
  ]);
  bank = (await createBank()).identifier;
});
afterAll(() => op?.close());

const createBank = (more: Parameters<Op['createResource']>[0] = {}) =>
  op.createResource({
    name: 'Lumen Bank',
    scopes,
    access: [{ client_id: '*', scopes: ['read'] }],
    authorization_details_types: [paymentType, accountsType],
    ...more,
  });

const json = (...details: object[]) => JSON.stringify(details);
const asking = (...details: object[]) => ({
  scope: 'openid',
  resource: bank,
  authorization_details: json(...details),
});

const payloadOf = async (token: string) =>
  (
    await jwtVerify(token, createRemoteJWKSet(new URL(`${op.issuer}/jwks`)), {
      issuer: op.issuer,
      audience: bank,
      typ: 'at+jwt',
    })
  ).payload;

/** The error that an authorization request ends with. */
async function refusalOf(client: TestClient, fields: Fields) {
  const left = leftFor(await createAgent(op.issuer).visit(authorizeUrl(op, client, fields)));
  return [left.searchParams.get('error'), left.searchParams.get('error_description')];
}

describe('a relying party', () => {
  test('discovers the types that resources declare, those of a new one, too', async () => {
    const typesNow = async () => {
      const { config } = await createRp(op.issuer, shop);
      return config.serverMetadata().authorization_details_types_supported;
    };
    expect(await typesNow()).toEqual(expect.arrayContaining(types));
    const made = await op.createResource({
      authorization_details_types: [{ ...paymentType, type: 'urn:example:late' }],
    });
    expect(await typesNow()).toContain('urn:example:late');
    await op.admin(`/resources/${made.id}`, { method: 'DELETE' });
    expect(await typesNow()).not.toContain('urn:example:late');
  });

  test('is given what a person allowed: in the response, the token and introspection', async () => {
    const rp = await createRp(op.issuer, shop);
    const { tokens } = await rp.signIn(person, asking(payment));
    expect(tokens.authorization_details).toEqual([payment]);
    expect((await payloadOf(tokens.access_token)).authorization_details).toEqual([payment]);
    const seen = await introspect(op, service, String(tokens.refresh_token));
    expect(seen.active).toBe(true);
    expect(seen).not.toHaveProperty('authorization_details');
    expect(await introspect(op, shop, String(tokens.refresh_token))).toMatchObject({
      authorization_details: [payment],
    });
  });

  test('is shown them by introspection of an opaque token, as the resource is', async () => {
    const opaque = await createBank({ access_token_format: 'opaque' });
    const fields = { ...asking(payment), resource: opaque.identifier };
    const { access_token } = await obtainTokens(op, shop, person, fields);
    for (const client of [shop, service])
      expect(await introspect(op, client, access_token)).toMatchObject({
        active: true,
        authorization_details: [payment],
      });
  });

  test('pushes the request', async () => {
    const rp = await createRp(op.issuer, shop);
    const { url, checks } = await rp.start(asking(payment));
    const pushed = await openid.buildAuthorizationUrlWithPAR(rp.config, url.searchParams);
    const back = leftFor(await createAgent(op.issuer).authorize(pushed, person));
    const tokens = await rp.redeem(back, { url, checks }, { resource: bank });
    expect(tokens.authorization_details).toEqual([payment]);
  });

  test('signs the request', async () => {
    const { privateKey, publicKey } = await openid.randomDPoPKeyPair('ES256', {
      extractable: true,
    });
    const { exportJWK } = await import('jose');
    const client = await op.createClient({
      authorization_details_types: types,
      request_object_signing_alg: 'ES256',
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }] },
    });
    const rp = await createRp(op.issuer, client);
    const { url, checks } = await rp.start(asking(payment));
    const signed = await openid.buildAuthorizationUrlWithJAR(rp.config, url.searchParams, {
      key: privateKey,
      kid: 'k',
    });
    const back = leftFor(await createAgent(op.issuer).authorize(signed, person));
    const tokens = await rp.redeem(back, { url, checks }, { resource: bank });
    expect(tokens.authorization_details).toEqual([payment]);
  });

  test('needs not name the resource that a detail says, or that alone declares its type', async () => {
    const type = { ...accountsType, type: 'urn:example:alone' };
    const client = await op.createClient({ authorization_details_types: [type.type, ...types] });
    const { identifier } = await op.createResource({
      access: [{ client_id: '*', scopes: [] }],
      authorization_details_types: [type],
    });
    for (const detail of [
      { ...accountDetail, type: type.type },
      { ...accountDetail, locations: [identifier], type: type.type },
    ]) {
      const fields = { scope: 'openid', authorization_details: json(detail) };
      const code = await obtainCode(op, client, person, fields);
      const { body } = await redeem(op, client, code, { resource: identifier });
      expect(body.authorization_details).toEqual([detail]);
    }
    const nobody = await refusalOf(client, { authorization_details: json(accountDetail) });
    expect(nobody[0]).toBe('invalid_authorization_details');
  });

  test('gets by client credentials what it is registered for', async () => {
    const rp = await createRp(op.issuer, { ...service, redirect_uris: [] });
    const tokens = await openid.clientCredentialsGrant(rp.config, {
      resource: bank,
      authorization_details: json(accountDetail),
    });
    expect(tokens.authorization_details).toEqual([accountDetail]);
    expect((await payloadOf(tokens.access_token)).authorization_details).toEqual([accountDetail]);
  });

  test('asks by the back channel', async () => {
    const asked = await ask(op, shop, person, asking(payment));
    expect(wordsOf(await createAgent(op.issuer).visit(asked.link))).toContain(
      'Pay 123.50 EUR to Merchant A',
    );
    await decide(op, asked.link, person);
    const { body } = await poll(op, shop, asked);
    expect((await refresh(op, shop, body.refresh_token, { resource: bank })).body).toMatchObject({
      authorization_details: [payment],
    });
  });

  test('asks from a device', async () => {
    const client = await op.createClient({
      type: 'device',
      redirect_uris: undefined,
      first_party: false,
      authorization_details_types: types,
    });
    const { body: begun } = await postAs(op, client, '/device/authorize', asking(payment));
    const agent = createAgent(op.issuer);
    let page = await agent.visit(begun.verification_uri_complete);
    page = await agent.submit(page, { confirm: 'yes' });
    page = await agent.login(page, person);
    expect(wordsOf(page)).toContain('Pay 123.50 EUR to Merchant A');
    await agent.consent(page);
    const { body } = await postAs(op, client, '/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: begun.device_code,
      resource: bank,
    });
    expect(body.authorization_details).toEqual([payment]);
  });
});

describe('a token', () => {
  test('for UserInfo carries none', async () => {
    const code = await obtainCode(op, shop, person, asking(payment));
    const { body } = await redeem(op, shop, code);
    expect(body).not.toHaveProperty('authorization_details');
  });

  test('of each resource carries its own', async () => {
    const other = await createBank({ authorization_details_types: [accountsType] });
    const fields = {
      scope: 'openid read',
      resource: [bank, other.identifier],
      authorization_details: json(payment, { ...accountDetail, locations: [other.identifier] }),
    };
    const code = await obtainCode(op, shop, person, fields);
    const { body } = await redeem(op, shop, code, { resource: other.identifier });
    expect(body.authorization_details).toEqual([
      { ...accountDetail, locations: [other.identifier] },
    ]);
    const next = await refresh(op, shop, body.refresh_token, { resource: bank });
    expect(next.body.authorization_details).toEqual([payment]);
  });

  test('may be narrowed when a code is redeemed and when tokens are refreshed, and not widened', async () => {
    const code = await obtainCode(op, shop, person, asking(payment, accountDetail));
    const narrow = { ...accountDetail, actions: ['list_accounts'] };
    const other = { ...payment, creditorName: 'Merchant B' };
    const early = { resource: bank, authorization_details: json(other) };
    expect((await redeem(op, shop, code, early)).body.error).toBe('invalid_authorization_details');
    const { body } = await redeem(op, shop, code, {
      resource: bank,
      authorization_details: json(narrow),
    });
    expect(body.authorization_details).toEqual([narrow]);
    const whole = await refresh(op, shop, body.refresh_token, { resource: bank });
    expect(whole.body.authorization_details).toEqual([payment, accountDetail]);
    for (const wider of [
      { ...payment, instructedAmount: { currency: 'EUR', amount: '999.00' } },
      { ...accountDetail, actions: ['list_accounts', 'read_transactions'] },
      { ...accountDetail, locations: [bank] },
    ]) {
      const refused = await refresh(op, shop, whole.body.refresh_token, {
        resource: bank,
        authorization_details: json(narrow, wider),
      });
      expect([refused.status, refused.body.error, refused.body.error_description]).toEqual([
        400,
        'invalid_authorization_details',
        'authorization_details/1: is not within what was granted',
      ]);
    }
  });

  test('never has what an earlier request of the same session was granted', async () => {
    const agent = createAgent(op.issuer);
    await obtainCode(op, shop, person, asking(payment), agent);
    const code = await obtainCode(op, shop, person, { scope: 'openid', resource: bank }, agent);
    const { body } = await redeem(op, shop, code, { resource: bank });
    expect(body).not.toHaveProperty('authorization_details');
    const asked = await refresh(op, shop, body.refresh_token, asking(payment));
    expect(asked.body.error).toBe('invalid_authorization_details');
  });

  test('loses what its resource does not declare any more, and its client is not registered for', async () => {
    const client = await op.createClient({ authorization_details_types: types });
    const made = await createBank();
    const fields = { ...asking(payment, accountDetail), resource: made.identifier };
    const tokens = await obtainTokens(op, client, person, fields);
    const patch = { authorization_details_types: [accountsType] };
    await op.admin(`/resources/${made.id}`, { method: 'PATCH', body: patch });
    const next = await refresh(op, client, tokens.refresh_token, { resource: made.identifier });
    expect(next.body.authorization_details).toEqual([accountDetail]);
    await op.admin(`/clients/${client.client_id}`, {
      method: 'PATCH',
      body: { authorization_details_types: ['payment_initiation'] },
    });
    const last = await refresh(op, client, next.body.refresh_token, { resource: made.identifier });
    expect(last.status).toBe(200);
    expect(last.body).not.toHaveProperty('authorization_details');
  });
});

describe('a person', () => {
  const visit = async (client: TestClient, fields: Fields, who = person) => {
    const agent = createAgent(op.issuer);
    const page = await agent.login(authorizeUrl(op, client, fields), who);
    return { agent, page };
  };

  test('reads every detail, in their language, and decides about the whole', async () => {
    const { agent, page } = await visit(shop, { ...asking(payment), ui_locales: 'de' });
    const words = wordsOf(page);
    for (const said of ['Lumen Bank', 'Zahlung', '123,50 EUR an Merchant A', 'Verwendungszweck'])
      expect(words).toContain(said);
    expect(words).toContain('Ref Number Merchant');
    expect(page.forms[0]?.boxes).toEqual([]);
    const denied = leftFor(await agent.consent(page, { decision: 'deny' }));
    expect(denied.searchParams.get('error')).toBe('access_denied');
  });

  test('reads hostile values as the text that they are', async () => {
    const name = '<img src=x onerror=alert(1)> {{ 7*7 }} {amount} & "Co"';
    const { page } = await visit(shop, asking({ ...payment, creditorName: name }));
    expect(page.html).not.toContain('<img src=x');
    expect(wordsOf(page)).toContain(name);
  });

  test('grants nothing that was taken back while they read', async () => {
    const made = await createBank();
    const { agent, page } = await visit(shop, { ...asking(payment), resource: made.identifier });
    const patch = { authorization_details_types: [accountsType] };
    await op.admin(`/resources/${made.id}`, { method: 'PATCH', body: patch });
    expect(wordsOf(await agent.visit(page.url))).not.toContain('Merchant A');
    const code = leftFor(await agent.consent(page)).searchParams.get('code') ?? '';
    const { body } = await redeem(op, shop, code, { resource: made.identifier });
    expect(body.access_token).toBeTruthy();
    expect(body).not.toHaveProperty('authorization_details');
  });

  test('is asked again for a payment, and not for what is remembered', async () => {
    const who = await op.createAccount();
    for (const [detail, again] of [
      [payment, true],
      [accountDetail, false],
    ] as const) {
      await obtainTokens(op, shop, who, asking(detail));
      const { page } = await visit(shop, asking(detail), who);
      expect(isConsent(page)).toBe(again);
    }
    const wider = { ...accountDetail, actions: ['list_accounts'] };
    expect(isConsent((await visit(shop, asking(wider), who)).page)).toBe(true);
    const code = leftFor((await visit(shop, asking(accountDetail), who)).page);
    const { body } = await redeem(op, shop, code.searchParams.get('code') ?? '', {
      resource: bank,
    });
    expect(body.authorization_details).toEqual([accountDetail]);
  });

  test('is not asked by a first-party client, which gets what it asks for', async () => {
    const tokens = await obtainTokens(op, ours, person, asking(payment));
    expect(tokens.authorization_details).toEqual([payment]);
  });

  test('can be told by an administrator what they allowed', async () => {
    const who = await op.createAccount();
    await obtainTokens(op, shop, who, asking(payment));
    const { body } = await op.admin(`/accounts/${who.id}/grants`);
    expect(body.items[0].authorization_details).toEqual([{ detail: payment, resources: [bank] }]);
  });
});

describe('a request is refused', () => {
  const bad: [what: string, detail: unknown, at: string][] = [
    ['of a type that no resource declares', { type: 'unheard_of' }, 'index 0'],
    ['of a type of another name', { type: 'constructor' }, 'index 0'],
    ['without a member that it needs', { ...payment, creditorName: undefined }, '/0/creditorName'],
    ['with a member that is unknown', { ...payment, extra: 1 }, '/0/extra'],
    ['with an unheard-of action', { ...payment, actions: ['steal'] }, '/0/actions/0'],
    [
      'with an amount that is none',
      { ...payment, instructedAmount: { currency: 'EUR', amount: '1e9' } },
      '/0/instructedAmount/amount',
    ],
    [
      'with an amount above the highest',
      { ...payment, instructedAmount: { currency: 'EUR', amount: '10000.01' } },
      '/0/instructedAmount/amount',
    ],
    [
      'in a currency that is not offered',
      { ...payment, instructedAmount: { currency: 'DOGE', amount: '1' } },
      '/0/instructedAmount/currency',
    ],
    ['with text that hides', { ...payment, creditorName: 'a\u202eb' }, '/0/creditorName'],
    ['with an object for a text', { ...payment, creditorName: { $gt: '' } }, '/0/creditorName'],
    ['for another resource', { ...payment, locations: ['https://evil.example/'] }, '/0/locations'],
    ['with data that the type has none of', { ...payment, datatypes: ['x'] }, '/0/datatypes'],
  ];

  test.each(bad)('%s', async (_, detail, at) => {
    const [error, description] = await refusalOf(shop, asking(detail as object));
    expect([error, description]).toEqual([
      'invalid_authorization_details',
      expect.stringContaining(at),
    ]);
    const pushed = await postAs(op, shop, '/par', {
      response_type: 'code',
      redirect_uri: shop.redirect_uris[0],
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
      ...asking(detail as object),
    });
    expect([pushed.status, pushed.body.error]).toEqual([400, 'invalid_authorization_details']);
    const direct = await postAs(op, service, '/token', {
      grant_type: 'client_credentials',
      ...asking(detail as object),
    });
    expect([direct.status, direct.body.error]).toEqual([400, 'invalid_authorization_details']);
  });

  test.each([
    ['is no JSON', '{'],
    ['is no list', '{"type":"payment_initiation"}'],
    ['lists what is no object', '[["payment_initiation"]]'],
    ['has no type', '[{}]'],
    [
      'nests too deep',
      `[{"type":"payment_initiation","x":${'['.repeat(5000)}${']'.repeat(5000)}}]`,
    ],
    ['is too long', json({ ...payment, creditorName: 'x'.repeat(17_000) })],
    ['has too many', json(...Array.from({ length: 11 }, () => payment))],
  ])('that %s', async (_, text) => {
    const { status, body } = await postAs(op, service, '/token', {
      grant_type: 'client_credentials',
      resource: bank,
      authorization_details: text,
    });
    expect([status, body.error]).toEqual([400, 'invalid_authorization_details']);
  });

  test('of a client that is not registered for the type, or for any', async () => {
    const one = await op.createClient({ authorization_details_types: ['account_information'] });
    const none = await op.createClient();
    for (const client of [one, none])
      expect(await refusalOf(client, asking(payment))).toEqual([
        'invalid_authorization_details',
        `authorization details type 'payment_initiation' is not allowed for this client`,
      ]);
  });

  test('of a client that the resource does not let in', async () => {
    const closed = await createBank({ access: [] });
    const [error] = await refusalOf(shop, { ...asking(payment), resource: closed.identifier });
    expect(error).toBe('invalid_authorization_details');
  });

  test('without a code in its response type', async () => {
    const client = await op.createClient({
      authorization_details_types: types,
      response_types: ['id_token'],
      grant_types: ['implicit'],
    });
    const url = authorizeUrl(op, client, {
      ...asking(payment),
      response_type: 'id_token',
      nonce: 'n',
    });
    const left = leftFor(await createAgent(op.issuer).visit(url));
    expect(new URLSearchParams(left.hash.slice(1)).get('error')).toBe('invalid_request');
  });

  test('that asks nobody, when somebody must be asked', async () => {
    const agent = createAgent(op.issuer);
    await obtainCode(op, shop, person, asking(payment), agent);
    const url = authorizeUrl(op, shop, { ...asking(payment), prompt: 'none' });
    const left = leftFor(await agent.visit(url));
    expect(left.searchParams.get('error')).toBe('consent_required');
  });
});

test('a client keeps working when its type is taken back', async () => {
  const client = await op.createClient({ authorization_details_types: ['gone'] });
  expect((await obtainTokens(op, client, person)).access_token).toBeTruthy();
});
