/** Claims asked for one by one (OpenID Connect Core 1.0, section 5.5): granted, shown, told. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Agent, createAgent, isConsent, leftFor, wordsOf } from '../support/agent.ts';
import { type Fields, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import { authorizeUrl, obtainTokens, refresh, userInfo } from './requests.ts';

let op: Op;
let ours: TestClient;
let theirs: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [ours, theirs] = await Promise.all([
    op.createClient(),
    op.createClient({ client_name: 'Their Game', first_party: false }),
  ]);
});
// What a person decided is remembered, so each test has a person of its own.
beforeEach(async () => {
  account = await op.createAccount({
    name: 'Ada Lovelace',
    nickname: 'Ada',
    birthdate: '1815-12-10',
    phone_number: '+15550100',
  });
});
afterAll(() => op?.close());

const asking = (claims: unknown, more: Fields = {}): Fields => ({
  claims: JSON.stringify(claims),
  nonce: 'a-nonce',
  ...more,
});

const read = (token: string) => JSON.parse(atob(token.split('.')[1] ?? ''));
const told = async (tokens: { access_token: string }) =>
  (await userInfo(op, tokens.access_token)).body;

/** The consent page for a request; a person who is signed in already is not asked to do so again. */
async function pageFor(client: TestClient, fields: Fields, agent: Agent = createAgent(op.issuer)) {
  let page = await agent.visit(authorizeUrl(op, client, fields));
  if (page.forms.some((form) => form.fields.some(([name]) => name === 'password')))
    page = await agent.login(page, account);
  return { agent, page };
}

const boxesOf = (page: { forms: { boxes: { name: string; value: string }[] }[] }) =>
  page.forms[0]?.boxes.map(({ name, value }) => `${name} ${value}`);

test('discovery says that claims can be asked for', async () => {
  const { body } = await op.get('/.well-known/openid-configuration');
  expect(body.claims_parameter_supported).toBe(true);
  expect(body.claims_supported).toEqual(
    expect.arrayContaining(['sub', 'name', 'acr', 'auth_time']),
  );
});

describe('a first-party client', () => {
  test('is told what it asks for where it asks, and nobody is asked', async () => {
    const rp = await createRp(op.issuer, ours);
    const { claims, tokens } = await rp.signIn(account, {
      claims: JSON.stringify({ id_token: { nickname: null }, userinfo: { birthdate: null } }),
    });
    expect(claims.nickname).toBe('Ada');
    expect(claims).not.toHaveProperty('birthdate');
    expect(await rp.userInfo(tokens)).toEqual({ sub: account.id, birthdate: '1815-12-10' });
  });

  test('is told no claim that this server does not know, and nothing that was not asked for', async () => {
    const odd = { shoe_size: null, password: null, email: { essential: true }, __proto__x: null };
    const tokens = await obtainTokens(op, ours, account, asking({ userinfo: odd }));
    expect(await told(tokens)).toEqual({ sub: account.id, email: account.email });
  });

  test('whose person unticked a scope is not told its claims by asking for them one by one', async () => {
    const fields = asking(
      { userinfo: { name: null } },
      { scope: 'openid profile', prompt: 'consent' },
    );
    const tokens = await obtainTokens(op, ours, { ...account, untick: ['profile'] }, fields);
    expect(await told(tokens)).toEqual({ sub: account.id });
  });
});

describe('with OpenID conformance, the ID token', () => {
  const request = asking(
    { id_token: { email: { essential: true } }, userinfo: { birthdate: null } },
    { scope: 'openid profile email' },
  );

  test.each([true, false])(
    'has what was asked for it, and no more; first party %s',
    async (first) => {
      const conformant = await op.createClient({ openid_conformance: true, first_party: first });
      const tokens = await obtainTokens(op, conformant, account, request);
      const identity = ['aud', 'email', 'exp', 'iat', 'iss', 'nonce', 'sub'];
      expect(Object.keys(read(tokens.id_token)).sort()).toEqual(identity);
      expect(await told(tokens)).toMatchObject({ name: 'Ada Lovelace', birthdate: '1815-12-10' });
      const { body } = await refresh(op, conformant, tokens.refresh_token);
      expect(read(body.id_token).email).toBe(account.email);
      expect(read(body.id_token)).not.toHaveProperty('name');
    },
  );

  test('does not have what the person declined', async () => {
    const conformant = await op.createClient({ openid_conformance: true, first_party: false });
    const person = { ...account, untick: ['email'] };
    const tokens = await obtainTokens(op, conformant, person, request);
    expect(read(tokens.id_token)).not.toHaveProperty('email');
    expect(await told(tokens)).not.toHaveProperty('email');
  });
});

describe('a third-party client', () => {
  const request = asking({
    id_token: { nickname: null, sub: null, auth_time: null },
    userinfo: { birthdate: { essential: true }, email: null },
  });

  test('shows each claim in words, and which it says it cannot do without', async () => {
    const { page } = await pageFor(theirs, request);
    expect(isConsent(page)).toBe(true);
    expect(boxesOf(page)).toEqual(['claim birthdate', 'claim email', 'claim nickname']);
    const words = wordsOf(page);
    expect(words).toContain(
      'Your date of birth The application says that it cannot do without this',
    );
    expect(words.match(/cannot do without/g)).toHaveLength(1);
    const german = await pageFor(theirs, { ...request, ui_locales: 'de' });
    expect(wordsOf(german.page)).toContain('Ihr Geburtsdatum');
  });

  test('is told what was left ticked, essential or not', async () => {
    const person = { ...account, untick: ['birthdate'] };
    const tokens = await obtainTokens(op, theirs, person, request);
    expect(read(tokens.id_token)).toMatchObject({ nickname: 'Ada', auth_time: expect.any(Number) });
    expect(await told(tokens)).toEqual({ sub: account.id, email: account.email });
    const { body } = await refresh(op, theirs, tokens.refresh_token);
    expect(read(body.id_token).nickname).toBe('Ada');
    expect(await told(body)).toEqual({ sub: account.id, email: account.email });
  });

  test('is told nothing that the page did not offer', async () => {
    const { agent, page } = await pageFor(theirs, asking({ userinfo: { email: null } }));
    const claim = ['email', 'birthdate', 'phone_number', '__proto__'];
    const after = await agent.submit(page, { claim, scope: ['profile'], decision: 'allow' });
    expect(leftFor(after).searchParams.get('code')).toBeTruthy();
    const tokens = await obtainTokens(op, theirs, account, request, agent);
    expect(await told(tokens)).toEqual({
      sub: account.id,
      email: account.email,
      birthdate: '1815-12-10',
    });
    const { body } = await op.admin(`/accounts/${account.id}/grants`);
    expect(body.items[0].scopes).toEqual([{ scope: 'openid', granted: true }]);
  });

  test('asks once, in this session and in others, with what was unticked', async () => {
    const agent = createAgent(op.issuer);
    await obtainTokens(op, theirs, { ...account, untick: ['email'] }, request, agent);
    for (const browser of [agent, createAgent(op.issuer)]) {
      const { page } = await pageFor(theirs, request, browser);
      expect(leftFor(page).searchParams.get('code')).toBeTruthy();
      const tokens = await obtainTokens(op, theirs, account, request, browser);
      expect(await told(tokens)).toEqual({ sub: account.id, birthdate: '1815-12-10' });
    }
  });

  test('asks again for a claim that was not decided about, with the earlier choice', async () => {
    const agent = createAgent(op.issuer);
    await obtainTokens(op, theirs, { ...account, untick: ['email'] }, request, agent);
    const more = asking({ userinfo: { email: null, phone_number: null } });
    const { page } = await pageFor(theirs, more, agent);
    expect(page.forms[0]?.boxes.map(({ value, checked }) => [value, checked])).toEqual([
      ['email', false],
      ['phone_number', true],
    ]);
    const left = leftFor(await agent.visit(authorizeUrl(op, theirs, { ...more, prompt: 'none' })));
    expect(left.searchParams.get('error')).toBe('consent_required');
  });

  test('is listed and revoked through REST', async () => {
    const tokens = await obtainTokens(op, theirs, { ...account, untick: ['email'] }, request);
    const grants = `/accounts/${account.id}/grants`;
    const { body } = await op.admin(grants);
    expect(body.items).toMatchObject([
      {
        scopes: [{ scope: 'openid', granted: true }],
        claims: [
          { claim: 'birthdate', granted: true },
          { claim: 'email', granted: false },
          { claim: 'nickname', granted: true },
        ],
      },
    ]);
    await op.admin(`${grants}/${theirs.client_id}`, { method: 'DELETE' });
    expect((await userInfo(op, tokens.access_token)).status).toBe(401);
    expect(isConsent((await pageFor(theirs, request)).page)).toBe(true);
  });
});

describe('a claim of a scope', () => {
  const both = asking({ id_token: { email: null } }, { scope: 'openid email' });
  const alone = asking({ userinfo: { email: null } });

  test('that is asked for too is not asked about twice, and goes with the scope', async () => {
    const { page, agent } = await pageFor(theirs, both);
    expect(boxesOf(page)).toEqual(['scope email']);
    const person = { ...account, untick: ['email'] };
    expect(leftFor(await agent.consent(page, person)).searchParams.get('code')).toBeTruthy();
    const tokens = await obtainTokens(op, theirs, account, both, agent);
    expect(read(tokens.id_token)).not.toHaveProperty('email');
  });

  test('that was granted before needs no further question', async () => {
    const agent = createAgent(op.issuer);
    await obtainTokens(op, theirs, account, { scope: 'openid email' }, agent);
    const { page } = await pageFor(theirs, alone, agent);
    expect(page.left).toBeDefined();
    expect(await told(await obtainTokens(op, theirs, account, alone, agent))).toMatchObject({
      email: account.email,
    });
  });

  test('is decided anew with the scope, whichever way, in every session', async () => {
    const agent = createAgent(op.issuer);
    const ask = { scope: 'openid email', prompt: 'consent' };
    await obtainTokens(op, theirs, { ...account, untick: ['email'] }, alone, agent);
    const granted = await obtainTokens(op, theirs, account, { scope: 'openid email' }, agent);
    expect(await told(granted)).toHaveProperty('email');
    const elsewhere = await obtainTokens(op, theirs, account, { scope: 'openid email' });
    expect(await told(elsewhere)).toHaveProperty('email');
    await obtainTokens(op, theirs, { ...account, untick: ['email'] }, ask, agent);
    for (const browser of [agent, createAgent(op.issuer)])
      expect(boxesOf((await pageFor(theirs, alone, browser)).page)).toEqual(['claim email']);
  });
});
