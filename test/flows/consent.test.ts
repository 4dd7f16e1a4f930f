import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAgent, isConsent, isLogin, leftFor, wordsOf } from '../support/agent.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import { authorizeUrl, introspect, obtainTokens, redeem, refresh, userInfo } from './requests.ts';

let op: Op;
let ours: TestClient;
let theirs: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [ours, theirs] = await Promise.all([
    op.createClient({ client_name: 'Our Shop' }),
    op.createClient({ client_name: 'Their Game', first_party: false }),
  ]);
});
// What a person decided is remembered, so each test has a person of its own.
beforeEach(async () => {
  account = await op.createAccount({ name: 'Ada Lovelace', phone_number: '+15550100' });
});
afterAll(() => op?.close());

const scope = 'openid profile email phone';
const consentPage = async (client: TestClient, fields: Record<string, string> = {}) => {
  const agent = createAgent(op.issuer);
  const page = await agent.login(authorizeUrl(op, client, { scope, ...fields }), account);
  return { agent, page };
};

test('a first-party client asks nobody', async () => {
  const { page } = await consentPage(ours);
  expect(leftFor(page).searchParams.get('code')).toBeTruthy();
});

test('a third-party client shows who asks for what, and where it leads', async () => {
  const { page } = await consentPage(theirs);
  expect(isConsent(page)).toBe(true);
  const words = wordsOf(page);
  for (const word of [
    'Their Game',
    account.email,
    'Your profile',
    'Your phone number',
    'rp.example',
  ])
    expect(words).toContain(word);
  expect(page.forms[0]?.boxes.map(({ value }) => value)).toEqual(['profile', 'email', 'phone']);
});

test('what was unticked is in no token and not in UserInfo', async () => {
  const rp = await createRp(op.issuer, theirs);
  const { tokens, claims } = await rp.signIn(
    { ...account, untick: ['profile', 'phone'] },
    { scope },
  );
  expect(tokens.scope).toBe('openid email');
  expect(claims).toMatchObject({ email: account.email });
  const told = await rp.userInfo(tokens);
  const seen = await introspect(op, theirs, tokens.access_token);
  expect(seen.scope).toBe('openid email');
  const refreshed = await rp.refresh(tokens.refresh_token ?? '');
  expect(refreshed.scope).toBe('openid email');
  const widened = await refresh(op, theirs, refreshed.refresh_token ?? '', { scope });
  for (const subject of [claims, told, refreshed.claims(), widened.body]) {
    expect(subject).not.toHaveProperty('name');
    expect(subject).not.toHaveProperty('phone_number');
    expect(subject).not.toHaveProperty('access_token');
  }
});

test('whoever unticks everything still signs in', async () => {
  const rp = await createRp(op.issuer, theirs);
  const { tokens, claims } = await rp.signIn(
    { ...account, untick: ['profile', 'email', 'phone'] },
    { scope },
  );
  expect(tokens.scope).toBe('openid');
  expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'nonce', 'sub']);
  expect(await rp.userInfo(tokens)).toEqual({ sub: account.id });
});

test('a scope that the page did not offer cannot be ticked', async () => {
  const { agent, page } = await consentPage(theirs, { scope: 'openid email' });
  const after = await agent.submit(page, {
    scope: ['email', 'phone', 'profile', 'https://api.example clients:write', 'offline_access'],
    decision: 'allow',
  });
  const code = leftFor(after).searchParams.get('code') ?? '';
  const { body } = await redeem(op, theirs, code);
  expect(body.scope).toBe('openid email');
});

describe('a decision', () => {
  test('is remembered as long as the session is', async () => {
    const rp = await createRp(op.issuer, theirs);
    const { agent } = await rp.signIn({ ...account, untick: ['phone'] }, { scope });
    const again = await rp.start({ scope });
    const tokens = await rp.redeem(leftFor(await agent.visit(again.url)), again);
    expect(tokens.scope).toBe('openid profile email');
  });

  test('is remembered in another session, with what was unticked', async () => {
    const rp = await createRp(op.issuer, theirs);
    await rp.signIn({ ...account, untick: ['phone'] }, { scope });
    const later = createAgent(op.issuer);
    const again = await rp.start({ scope });
    const page = await later.login(again.url, account);
    const tokens = await rp.redeem(leftFor(page), again);
    expect(tokens.scope).toBe('openid profile email');
    expect(tokens.claims()).not.toHaveProperty('phone_number');
  });

  test('of an earlier session grows by what a later one asks for', async () => {
    const rp = await createRp(op.issuer, theirs);
    await rp.signIn(account, { scope: 'openid email' });
    const agent = createAgent(op.issuer);
    const more = await rp.start({ scope: 'openid email phone' });
    const page = await agent.login(more.url, account);
    expect(isConsent(page)).toBe(true);
    const tokens = await rp.redeem(leftFor(await agent.consent(page)), more);
    expect(tokens.scope).toBe('openid email phone');
  });

  test('is listed and revoked through REST, tokens included, and asked for anew', async () => {
    const rp = await createRp(op.issuer, theirs);
    const { tokens } = await rp.signIn({ ...account, untick: ['phone'] }, { scope });
    const grants = `/accounts/${account.id}/grants`;
    const { body } = await op.admin(grants);
    expect(body.items).toEqual([
      {
        client_id: theirs.client_id,
        client_name: 'Their Game',
        scopes: [
          { scope: 'openid', granted: true },
          { scope: 'profile', granted: true },
          { scope: 'email', granted: true },
          { scope: 'phone', granted: false },
        ],
        active: 1,
        created_at: expect.any(Number),
        updated_at: expect.any(Number),
      },
    ]);
    const revoke = () => op.admin(`${grants}/${theirs.client_id}`, { method: 'DELETE' });
    expect((await revoke()).status).toBe(204);
    expect((await revoke()).status).toBe(404);
    expect((await op.admin(grants)).body.items).toEqual([]);
    expect((await introspect(op, theirs, tokens.access_token)).active).toBe(false);
    const refused = await refresh(op, theirs, tokens.refresh_token ?? '');
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const { page } = await consentPage(theirs);
    expect(isConsent(page)).toBe(true);
  });

  test('is no other account’s', async () => {
    const agent = createAgent(op.issuer);
    await agent.authorize(authorizeUrl(op, theirs, { scope }), account);
    const other = await op.createAccount();
    agent.forget();
    expect(isConsent(await agent.login(authorizeUrl(op, theirs, { scope }), other))).toBe(true);
  });

  test('is asked for when a further scope is, and then covers both', async () => {
    const rp = await createRp(op.issuer, theirs);
    const { agent } = await rp.signIn(account, { scope: 'openid email' });
    const more = await rp.start({ scope: 'openid email phone' });
    const page = await agent.visit(more.url);
    expect(isConsent(page)).toBe(true);
    const tokens = await rp.redeem(leftFor(await agent.consent(page)), more);
    expect(tokens.scope).toBe('openid email phone');
    const less = await rp.start({ scope: 'openid email phone' });
    expect((await agent.visit(less.url)).left).toBeDefined();
  });

  test('can be changed when the client asks for the page', async () => {
    const rp = await createRp(op.issuer, theirs);
    const { agent } = await rp.signIn({ ...account, untick: ['phone'] }, { scope });
    const again = await rp.start({ scope, prompt: 'consent' });
    const page = await agent.visit(again.url);
    expect(isConsent(page)).toBe(true);
    const boxes = Object.fromEntries(
      page.forms[0]?.boxes.map(({ value, checked }) => [value, checked]) ?? [],
    );
    expect(boxes).toEqual({ profile: true, email: true, phone: false });
    const after = await agent.submit(page, { scope: ['phone'], decision: 'allow' });
    const tokens = await rp.redeem(leftFor(after), again);
    expect(tokens.scope).toBe('openid phone');
    expect(await rp.userInfo(tokens)).toEqual({ sub: account.id, phone_number: '+15550100' });
  });

  test('taken back later holds for tokens that are out already', async () => {
    const rp = await createRp(op.issuer, theirs);
    const { agent, tokens } = await rp.signIn(account, { scope });
    const page = await agent.visit((await rp.start({ scope, prompt: 'consent' })).url);
    await agent.consent(page, { untick: ['phone'] });
    expect(await rp.userInfo(tokens)).not.toHaveProperty('phone_number');
  });

  test('is not made by looking: prompt=none without one is refused', async () => {
    const agent = createAgent(op.issuer);
    await agent.authorize(authorizeUrl(op, ours), account);
    const left = leftFor(await agent.visit(authorizeUrl(op, theirs, { prompt: 'none' })));
    expect(left.searchParams.get('error')).toBe('consent_required');
  });
});

describe('who denies', () => {
  test('sends the client an error and no code', async () => {
    const { agent, page } = await consentPage(theirs);
    const left = leftFor(await agent.consent(page, { decision: 'deny' }));
    expect(Object.fromEntries(left.searchParams)).toMatchObject({
      error: 'access_denied',
      state: 'some-state',
      iss: op.issuer,
    });
    expect(left.searchParams.has('code')).toBe(false);
  });

  test('stays signed in, and is asked again the next time', async () => {
    const { agent, page } = await consentPage(theirs);
    await agent.consent(page, { decision: 'deny' });
    const again = await agent.visit(authorizeUrl(op, theirs, { scope }));
    expect([isLogin(again), isConsent(again)]).toEqual([false, true]);
  });

  test('is whoever posts no decision at all', async () => {
    const { agent, page } = await consentPage(theirs);
    const left = leftFor(await agent.submit(page, { scope: ['email'] }));
    expect(left.searchParams.get('error')).toBe('access_denied');
  });
});

describe('the form', () => {
  test.each([
    ['none', undefined],
    ['another one', 'x'.repeat(43)],
    ['an empty one', ''],
  ])('does nothing with %s instead of its token', async (_, csrf) => {
    const { agent, page } = await consentPage(theirs);
    const refused = await agent.submit(page, { csrf, decision: 'allow', scope: ['email'] });
    expect(refused.status).toBe(403);
    expect(isConsent(refused)).toBe(true);
    const again = await agent.visit(authorizeUrl(op, theirs, { scope }));
    expect(isConsent(again)).toBe(true);
  });

  test('does nothing with the token of another interaction', async () => {
    const { page: foreign } = await consentPage(theirs);
    const { agent, page } = await consentPage(theirs);
    const csrf = foreign.forms[0]?.fields.find(([name]) => name === 'csrf')?.[1];
    const refused = await agent.submit(page, { csrf, decision: 'allow' });
    expect([refused.status, refused.left]).toEqual([403, undefined]);
  });
});

describe('a resource', () => {
  let identifier: string;
  beforeAll(async () => {
    const resource = await op.createResource({
      name: 'Photo Album',
      scopes: [
        { name: 'photos:read', description: 'See your photos' },
        { name: 'photos:delete', description: 'Delete your photos' },
        { name: 'photos:admin', description: 'Everybody’s photos' },
      ],
      access: [{ client_id: theirs.client_id, scopes: ['photos:read', 'photos:delete'] }],
    });
    identifier = resource.identifier;
  });
  const photos = 'openid email photos:read photos:delete photos:admin';

  test('is a group of its own, with the words of its scopes', async () => {
    const { page } = await consentPage(theirs, { scope: photos, resource: identifier });
    const words = wordsOf(page);
    expect(words).toMatch(/Your email address.*Photo Album.*See your photos.*Delete your photos/);
    expect(words).not.toContain('Everybody’s photos');
    expect(page.forms[0]?.boxes.map(({ value }) => value)).toEqual([
      'email',
      `${identifier} photos:read`,
      `${identifier} photos:delete`,
    ]);
  });

  test('gets only what was ticked', async () => {
    const untick = [`${identifier} photos:delete`];
    const tokens = await obtainTokens(
      op,
      theirs,
      { ...account, untick },
      {
        scope: photos,
        resource: identifier,
      },
    );
    expect(tokens.scope).toBe('photos:read');
    const { body: refreshed } = await refresh(op, theirs, tokens.refresh_token, {
      resource: identifier,
    });
    expect(refreshed.scope).toBe('photos:read');
  });

  test('whose scopes are all unticked is in no token', async () => {
    const untick = ['email', `${identifier} photos:read`, `${identifier} photos:delete`];
    const resource = identifier;
    const bare = await obtainTokens(
      op,
      theirs,
      { ...account, untick },
      { scope: photos, resource },
    );
    const seen = JSON.parse(Buffer.from(bare.access_token.split('.')[1], 'base64url').toString());
    expect(seen.scope ?? '').toBe('');
    expect((await userInfo(op, bare.access_token)).status).toBe(401);
  });
});
