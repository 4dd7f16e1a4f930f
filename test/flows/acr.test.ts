/** Authentication context classes: asked for, told, and refused when no login satisfies them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createVault } from '../../src/lib/seal.ts';
import type { Artifact } from '../../src/oidc/artifacts.ts';
import { sessionsCollection } from '../../src/oidc/artifacts.ts';
import { createAgent, isLogin, leftFor } from '../support/agent.ts';
import { type Fields, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { authorizeUrl, obtainTokens, postAs, redeem, refresh } from './requests.ts';

const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
const BRONZE = 'https://op.example/bronze';

let op: Op;
let client: TestClient;
let account: TestAccount;
beforeAll(async () => {
  const acr_values = { [PASSWORD]: ['pwd' as const], [BRONZE]: ['pwd' as const] };
  op = await startOp({ authentication: { acr_values } });
  [client, account] = await Promise.all([op.createClient(), op.createAccount()]);
});
afterAll(() => op?.close());

const read = (token: string) => JSON.parse(atob(token.split('.')[1] ?? ''));
const asking = (acr: unknown): Fields => ({ claims: JSON.stringify({ id_token: { acr } }) });
const acrOf = async (fields: Fields, by = client) =>
  read((await obtainTokens(op, by, account, fields)).id_token).acr;

test('discovery tells the classes of the configuration', async () => {
  const { body } = await op.get('/.well-known/openid-configuration');
  expect(body.acr_values_supported).toEqual([PASSWORD, BRONZE]);
});

test('a server without a configuration of its own offers what a password is', async () => {
  const plain = await startOp();
  try {
    const { body } = await plain.get('/.well-known/openid-configuration');
    expect(body.acr_values_supported).toEqual([PASSWORD]);
  } finally {
    await plain.close();
  }
});

describe('the ID token tells', () => {
  test.each<[string, Fields, string | undefined]>([
    ['no class when none is asked for', {}, undefined],
    ['the class that is asked for', { acr_values: BRONZE }, BRONZE],
    ['the first one that the login satisfies', { acr_values: `phr ${BRONZE} ${PASSWORD}` }, BRONZE],
    ['the class of the login when it is another', { acr_values: 'phr phrh' }, PASSWORD],
    ['the class of the login when any will do', asking(null), PASSWORD],
    ['any class when that is essential', asking({ essential: true }), PASSWORD],
    ['a value that is essential', asking({ essential: true, value: BRONZE }), BRONZE],
    ['one of those that are', asking({ essential: true, values: ['phr', BRONZE] }), BRONZE],
    ['another one when the value is a wish', asking({ value: 'phr' }), PASSWORD],
    [
      'what claims ask for, before acr_values',
      { ...asking({ value: BRONZE }), acr_values: 'x' },
      BRONZE,
    ],
  ])('%s', async (_what, fields, acr) => {
    expect(await acrOf(fields)).toBe(acr);
  });

  test('each request its own, within one session and from each endpoint', async () => {
    const hybrid = await op.createClient({
      grant_types: ['authorization_code', 'implicit', 'refresh_token'],
      response_types: ['code id_token', 'code'],
    });
    const agent = createAgent(op.issuer);
    await obtainTokens(op, client, account, { acr_values: PASSWORD }, agent);
    const url = (acr_values?: string) =>
      authorizeUrl(op, hybrid, { response_type: 'code id_token', nonce: 'a-nonce', acr_values });
    for (const acr of [BRONZE, PASSWORD, undefined]) {
      const answer = new URLSearchParams(leftFor(await agent.visit(url(acr))).hash.slice(1));
      expect(read(answer.get('id_token') ?? '').acr).toBe(acr);
      const { body } = await redeem(op, hybrid, answer.get('code') ?? '');
      expect(read(body.id_token).acr).toBe(acr);
      const later = await refresh(op, hybrid, body.refresh_token);
      expect(read(later.body.id_token).acr).toBe(acr);
    }
  });

  test('how the person signed in, when that is asked for', async () => {
    const claims = JSON.stringify({ id_token: { amr: null } });
    const { id_token } = await obtainTokens(op, client, account, { claims });
    expect(read(id_token).amr).toEqual(['pwd']);
    expect(read(id_token)).not.toHaveProperty('acr');
  });

  test('it with OpenID conformance too', async () => {
    expect(
      await acrOf({ acr_values: BRONZE }, await op.createClient({ openid_conformance: true })),
    ).toBe(BRONZE);
  });
});

describe('an essential class that no login satisfies is refused', () => {
  const impossible = asking({ essential: true, values: ['phr', 'phrh'] });

  test.each([{}, { prompt: 'none' }, { prompt: 'login' }])('at once, with %j', async (more) => {
    const left = leftFor(
      await createAgent(op.issuer).visit(authorizeUrl(op, client, { ...impossible, ...more })),
    );
    expect(left.searchParams.get('error')).toBe('unmet_authentication_requirements');
    expect(left.searchParams.get('state')).toBe('some-state');
  });

  test('when the request is pushed', async () => {
    const { searchParams } = new URL(authorizeUrl(op, client, impossible));
    const { status, body } = await postAs(op, client, '/par', Object.fromEntries(searchParams));
    expect([status, body.error]).toEqual([400, 'unmet_authentication_requirements']);
  });

  test('but one that it satisfies asks for a login first', async () => {
    const page = await createAgent(op.issuer).visit(
      authorizeUrl(op, client, asking({ essential: true, value: BRONZE })),
    );
    expect(isLogin(page)).toBe(true);
  });
});

describe('a session whose login was another', () => {
  /** Signs in, and lets the session say that it was by other methods: there is but one way to here. */
  async function signedInBy(amr: string[]) {
    const person = await op.createAccount();
    const agent = createAgent(op.issuer);
    await agent.login(authorizeUrl(op, client), person);
    const sessions = op.store.collection<Artifact>(sessionsCollection);
    const vault = createVault(op.config.secrets_key ?? '');
    for (const { id, version, value } of await sessions.find('account', person.id)) {
      const context = `${sessionsCollection.name}:${id}`;
      const payload = { ...JSON.parse(vault.open(value.sealed, context)), amr };
      const sealed = vault.seal(JSON.stringify(payload), context);
      await sessions.update(id, version, { ...value, sealed });
    }
    return { person, agent };
  }
  const essential = asking({ essential: true, value: BRONZE });

  test('has to sign in again for an essential class, once', async () => {
    const { person, agent } = await signedInBy(['hwk']);
    const url = authorizeUrl(op, client, essential);
    const silent = leftFor(await agent.visit(`${url}&prompt=none`));
    expect(silent.searchParams.get('error')).toBe('login_required');
    const page = await agent.visit(url);
    expect(isLogin(page)).toBe(true);
    const left = leftFor(await agent.login(page, person));
    const { body } = await redeem(op, client, left.searchParams.get('code') ?? '');
    expect(read(body.id_token)).toMatchObject({ acr: BRONZE });
    expect((await agent.visit(`${url}&prompt=none`)).left?.searchParams.get('code')).toBeTruthy();
  });

  test('is told no class when one is a wish: none would be true', async () => {
    const { person, agent } = await signedInBy(['hwk']);
    const tokens = await obtainTokens(op, client, person, { acr_values: BRONZE }, agent);
    expect(read(tokens.id_token)).not.toHaveProperty('acr');
  });
});

describe('default_acr_values', () => {
  test('stand where a request names none', async () => {
    const mine = await op.createClient({ default_acr_values: [BRONZE] });
    expect(await acrOf({}, mine)).toBe(BRONZE);
    expect(await acrOf({ acr_values: PASSWORD }, mine)).toBe(PASSWORD);
    expect(await acrOf(asking({ value: PASSWORD }), mine)).toBe(PASSWORD);
  });

  test('do not make a wish of what is essential', async () => {
    const mine = await op.createClient({ default_acr_values: [BRONZE] });
    const url = authorizeUrl(op, mine, asking({ essential: true, value: 'phr' }));
    const left = leftFor(await createAgent(op.issuer).visit(url));
    expect(left.searchParams.get('error')).toBe('unmet_authentication_requirements');
  });

  test('must be what the server offers', async () => {
    const body = { redirect_uris: client.redirect_uris, default_acr_values: [BRONZE, 'phr'] };
    const answer = await op.admin('/clients', { method: 'POST', body });
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: [{ rule: 'server-offers', pointer: '/default_acr_values', fix: BRONZE }] },
    });
  });
});

test('a class that promises what is not there cannot be configured', async () => {
  const acr_values = { 'urn:acr:hardware': ['hwk'] } as never;
  await expect(startOp({ authentication: { acr_values } })).rejects.toThrow(/acr_values/);
});
