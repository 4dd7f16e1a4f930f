import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Agent, createAgent, type Page, wordsOf } from '../support/agent.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { readQr } from '../support/qr-reader.ts';
import { createRp, openid } from '../support/rp.ts';
import { pass } from './clock.ts';
import {
  type Asked,
  ask,
  createDevice,
  enter,
  letIn,
  obtain,
  poll,
  refusal,
  scope,
} from './device-requests.ts';
import { refresh, userInfo } from './requests.ts';

let op: Op;
let ours: TestClient;
let theirs: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [ours, theirs, account] = await Promise.all([
    createDevice(op, { client_name: 'Our Films' }),
    createDevice(op, { client_name: 'Their Games', first_party: false }),
    op.createAccount({ name: 'Ada Lovelace', phone_number: '+15550100' }),
  ]);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

describe('a relying party that knows the issuer alone', () => {
  test.each([
    ['a first-party', () => ours],
    ['a third-party', () => theirs],
  ])('signs a person in as %s client, asks UserInfo and refreshes', async (_, client) => {
    const rp = await createRp(op.issuer, client());
    const asked = await openid.initiateDeviceAuthorization(rp.config, { scope });
    expect(asked).toMatchObject({
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${op.issuer}/device`,
      expires_in: 600,
      interval: 5,
    });
    expect(wordsOf(await letIn(op, asked as unknown as Asked, account))).toContain(
      'Your device is connected',
    );

    // One poll is enough by now, so it need not wait five seconds for it.
    const tokens = await openid.pollDeviceAuthorizationGrant(rp.config, { ...asked, interval: 0 });
    expect(tokens.claims()).toMatchObject({ sub: account.id, aud: client().client_id });
    expect(await rp.userInfo(tokens)).toMatchObject({
      name: 'Ada Lovelace',
      phone_number: '+15550100',
    });
    const fresh = await rp.refresh(tokens.refresh_token ?? '');
    expect(fresh.access_token).not.toBe(tokens.access_token);
    expect(await rp.userInfo(fresh)).toMatchObject({ email: account.email });
  });
});

describe('a person', () => {
  test('sees the code again, who asks, for what and from where, before anything else', async () => {
    const agent = createAgent(op.issuer);
    const { user_code } = await ask(op, ours);
    const page = await enter(op, agent, user_code);
    const words = wordsOf(page);
    for (const word of [user_code, 'Our Films', 'Your phone number', '127.0.0.1', 'node'])
      expect(words).toContain(word);
    expect(page.forms[0]?.buttons.map(({ name }) => name)).toEqual(['confirm', 'abort']);
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  const browser = (system: string, program: string) =>
    `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) ${program} Safari/537.36`;
  test.each([
    [
      browser('Linux; Android 12; BRAVIA 4K', 'Chrome/120.0'),
      'Device Chrome on Android TV Network',
    ],
    [
      browser('SMART-TV; Linux; Tizen 7.0', 'Version/7.0 TV'),
      'Device Safari on Samsung TV Network',
    ],
    [browser('PlayStation; PlayStation 5/9.00', 'Version/16.4'), 'Safari on PlayStation'],
    ['AppleTV11,1/11.1', 'Device Apple TV'],
    ['Films/4.2 (tvOS 17.1)', 'Device Films on Apple TV Network'],
    ['curl/8.5.0', 'Device curl Network'],
    ['<b>x</b>', 'Device Unknown Network'],
    ['', 'Device Unknown Network'],
  ])('is told in words that it is %j which asks', async (agent, words) => {
    const headers = { 'user-agent': agent };
    const fields = { client_id: ours.client_id, scope };
    const { body } = await op.post('/device/authorize', fields, { headers });
    expect(wordsOf(await enter(op, createAgent(op.issuer), body.user_code))).toContain(words);
  });

  test('is told whether the device is in the network that they are in', async () => {
    const proxied = await startOp({ http: { trust_proxy: true } });
    try {
      const client = await createDevice(proxied);
      const from = (ip: string) => ({ 'x-forwarded-for': ip });
      const see = async (device: string, person: string) => {
        const fields = { client_id: client.client_id, scope };
        const { body } = await proxied.post('/device/authorize', fields, { headers: from(device) });
        const agent = createAgent(proxied.issuer, from(person));
        return wordsOf(await agent.visit(body.verification_uri_complete));
      };
      expect(await see('203.0.113.7', '203.0.113.7')).toContain('203.0.113.7 Your own network');
      expect(await see('203.0.113.7', '198.51.100.1')).toContain('203.0.113.7 Another network');
      expect(await see('2001:db8::1', '2001:db8::2')).toContain('2001:db8::1 Your own network');
    } finally {
      await proxied.close();
    }
  });

  test('is not asked for a client that was disabled meanwhile', async () => {
    const gone = await createDevice(op);
    const asked = await ask(op, gone);
    await op.admin(`/clients/${gone.client_id}`, { method: 'PATCH', body: { disabled: true } });
    const agent = createAgent(op.issuer);
    for (const page of [
      await agent.visit(asked.verification_uri_complete),
      await enter(op, agent, asked.user_code),
    ]) {
      expect([page.status, page.forms]).toEqual([400, []]);
      expect(wordsOf(page)).toContain('Unknown application');
    }
  });

  test.each(['capitals', 'lower case', 'no dash', 'spaces'])(
    'may type a code with %s',
    async (how) => {
      const asked = await ask(op, ours);
      const plain = asked.user_code.replace('-', '');
      const typed: Record<string, string> = {
        capitals: asked.user_code,
        'lower case': asked.user_code.toLowerCase(),
        'no dash': plain.toLowerCase(),
        spaces: ` ${plain.slice(0, 4)} ${plain.slice(4)} `,
      };
      const page = await enter(op, createAgent(op.issuer), typed[how] as string);
      expect(wordsOf(page)).toContain(asked.user_code);
      expect(page.status).toBe(200);
    },
  );

  test('who follows the device’s link confirms it all the same, and nothing runs a script', async () => {
    const agent = createAgent(op.issuer);
    const asked = await ask(op, ours);
    const page = await agent.visit(asked.verification_uri_complete);
    expect(page.html).not.toContain('<script');
    expect(wordsOf(page)).toContain(asked.user_code);
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'authorization_pending']);
    const login = await agent.submit(page, { confirm: 'yes' });
    expect(wordsOf(await agent.login(login, account))).toContain('Your device is connected');
    pass(5);
    expect((await poll(op, ours, asked)).status).toBe(200);
  });

  test('who is signed in already has to confirm, too', async () => {
    const agent = createAgent(op.issuer);
    await letIn(op, await ask(op, ours), account, agent);
    const asked = await ask(op, ours);
    const page = await enter(op, agent, asked.user_code);
    expect(wordsOf(page)).toContain('Does your device show this code?');
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'authorization_pending']);
    expect(wordsOf(await agent.submit(page, { confirm: 'yes' }))).toContain('is connected');
  });

  test('decides about each scope of a third-party client', async () => {
    const { tokens } = await obtain(op, theirs, { ...account, untick: ['phone', 'profile'] });
    expect(tokens.scope).toBe('openid email');
    const { body } = await userInfo(op, tokens.access_token);
    expect(body).toMatchObject({ sub: account.id, email: account.email });
    expect(body).not.toHaveProperty('phone_number');
    const { body: fresh } = await refresh(op, theirs, tokens.refresh_token);
    expect(fresh.scope).toBe('openid email');
  });

  test.each([
    ['cancels at the code', (page: Page, agent: Agent) => agent.submit(page, { abort: 'yes' })],
    [
      'cancels at the login',
      async (page: Page, agent: Agent) => {
        const login = await agent.submit(page, { confirm: 'yes' });
        return agent.submit(login, { cancel: 'yes' }, login.forms[1]);
      },
    ],
    [
      'denies',
      async (page: Page, agent: Agent) => {
        const login = await agent.submit(page, { confirm: 'yes' });
        return agent.consent(await agent.login(login, account), { decision: 'deny' });
      },
    ],
  ])('who %s lets nobody in, and the device is told once', async (_, how) => {
    const agent = createAgent(op.issuer);
    const asked = await ask(op, theirs);
    const page = await how(await enter(op, agent, asked.user_code), agent);
    expect([page.status, wordsOf(page)]).toEqual([
      200,
      expect.stringContaining('Their Games was not given access'),
    ]);
    expect(refusal(await poll(op, theirs, asked))).toEqual([400, 'access_denied']);
    expect(refusal(await poll(op, theirs, asked))).toEqual([400, 'invalid_grant']);
    expect(wordsOf(await enter(op, agent, asked.user_code))).toContain('already used');
  });

  test('is told what is wrong with a code', async () => {
    const agent = createAgent(op.issuer);
    const wrong = await enter(op, agent, 'bcdf-bcdf');
    expect([wrong.status, wordsOf(wrong)]).toEqual([422, expect.stringContaining('do not know')]);
    expect(wrong.forms[0]?.fields).toContainEqual(['user_code', 'bcdf-bcdf']);
    const none = await enter(op, agent, ' ');
    expect([none.status, wordsOf(none)]).toEqual([422, expect.stringContaining('do not know')]);
    const empty = await enter(op, agent, '');
    expect([empty.status, wordsOf(empty)]).toEqual([
      422,
      expect.stringContaining('enter the code'),
    ]);
    const link = await agent.visit(`${op.issuer}/device?user_code=XXXX-XXXX`);
    expect([link.status, wordsOf(link)]).toEqual([422, expect.stringContaining('do not know')]);
  });

  test('cannot use a code twice, nor one that has expired', async () => {
    const { asked } = await obtain(op, ours, account);
    const agent = createAgent(op.issuer);
    const used = await enter(op, agent, asked.user_code);
    expect([used.status, wordsOf(used)]).toEqual([422, expect.stringContaining('already used')]);

    const late = await ask(op, ours);
    pass(601);
    const expired = await enter(op, agent, late.user_code);
    expect([expired.status, wordsOf(expired)]).toEqual([422, expect.stringContaining('expired')]);
    expect(refusal(await poll(op, ours, late))).toEqual([400, 'expired_token']);
  });

  test('is asked again by a form that is not of their own browser', async () => {
    const asked = await ask(op, ours);
    const agent = createAgent(op.issuer);
    for (const xsrf of [undefined, 'x'.repeat(48)]) {
      const shown = await agent.visit(`${op.issuer}/device`);
      const page = await agent.submit(shown, {
        xsrf,
        user_code: asked.user_code,
        confirm: 'yes',
      });
      expect([page.status, wordsOf(page)]).toEqual([
        403,
        expect.stringContaining('no longer valid'),
      ]);
    }
    const foreign = await op.post('/device', { user_code: asked.user_code, confirm: 'yes' });
    expect([foreign.status, foreign.headers.get('location')]).toEqual([303, `${op.issuer}/device`]);
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'authorization_pending']);
  });
});

describe('the picture of the device’s link', () => {
  const picture = async ({ verification_uri_qr }: { verification_uri_qr: string }) => {
    const response = await fetch(verification_uri_qr);
    return { status: response.status, headers: response.headers, svg: await response.text() };
  };

  test('is a QR code that a page of the device may show, wherever it is from', async () => {
    const asked = await ask(op, ours);
    const { status, headers, svg } = await picture(asked);
    expect([status, headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(readQr(svg)).toBe(asked.verification_uri_complete);
  });

  test('is drawn for codes that nobody was given, too, and for nothing else', async () => {
    const at = (code: string) => ({
      verification_uri_qr: `${op.issuer}/device/qr?user_code=${code}`,
    });
    expect((await picture(at('bcdfghjk'))).svg).toBe((await picture(at('BCDF-GHJK'))).svg);
    for (const code of [
      '',
      'BCDF',
      'AAAA-AAAA',
      'BCDF-GHJK&user_code=BCDF-GHJK',
      'https://evil.example',
    ]) {
      expect((await picture(at(code))).status).toBe(404);
    }
  });
});

test('an issuer with a path has the pages below it', async () => {
  const below = await startOp({}, { path: '/auth' });
  try {
    const client = await createDevice(below);
    const person = await below.createAccount();
    const asked = await ask(below, client);
    expect(asked.verification_uri).toBe(`${below.issuer}/device`);
    expect(asked.verification_uri_qr).toMatch(`${below.issuer}/device/qr?`);
    expect((await fetch(asked.verification_uri_qr)).status).toBe(200);
    const agent = createAgent(below.issuer);
    const confirm = await agent.visit(asked.verification_uri_complete);
    const login = await agent.submit(confirm, { confirm: 'yes' });
    expect(wordsOf(await agent.login(login, person))).toContain('Your device is connected');
    expect((await poll(below, client, asked)).status).toBe(200);
  } finally {
    await below.close();
  }
});

test('no code of any kind is in the log', async () => {
  const asked = await ask(op, ours);
  const agent = createAgent(op.issuer);
  await agent.visit(asked.verification_uri_complete);
  await agent.visit(`${op.issuer}/device?user_code=ZZZZ-ZZZZ`);
  const shown = await agent.visit(`${op.issuer}/device`);
  await agent.submit(shown, { user_code: asked.user_code, xsrf: undefined });
  await letIn(op, asked, account);
  expect((await poll(op, ours, asked)).status).toBe(200);
  expect(refusal(await poll(op, ours, asked))).toEqual([400, 'invalid_grant']);

  expect(op.logs.some(({ msg }) => msg === 'code_verification.error')).toBe(true);
  expect(op.logs.some(({ msg }) => msg === 'grant.error')).toBe(true);
  const log = JSON.stringify(op.logs);
  const { device_code, user_code } = asked;
  for (const code of [device_code, user_code, user_code.replace('-', ''), 'ZZZZ'])
    expect(log).not.toContain(code);
});
