import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DEVICE_CODE } from '../../src/clients/values.ts';
import { newId } from '../../src/lib/ids.ts';
import {
  type Agent,
  type Choice,
  type Credentials,
  createAgent,
  isConsent,
  isLogin,
  type Page,
  wordsOf,
} from '../support/agent.ts';
import { type Fields, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { pass } from './clock.ts';
import { introspect, postAs, refresh, userInfo } from './requests.ts';

let op: Op;
let ours: TestClient;
let theirs: TestClient;
let account: TestAccount;
const device = (metadata: object = {}) =>
  op.createClient({ type: 'device', redirect_uris: [], ...metadata });
beforeAll(async () => {
  op = await startOp();
  [ours, theirs, account] = await Promise.all([
    device({ client_name: 'Our Films' }),
    device({ client_name: 'Their Games', first_party: false }),
    op.createAccount({ name: 'Ada Lovelace', phone_number: '+15550100' }),
  ]);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

/** What the device is answered. */
interface Asked {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
}

const scope = 'openid profile email phone';
const given: Asked[] = [];
const ask = async (client: TestClient, fields: Fields = {}): Promise<Asked> => {
  const { body } = await postAs(op, client, '/device/authorize', { scope, ...fields });
  given.push(body);
  return body;
};

const poll = (client: TestClient, { device_code }: Asked) =>
  postAs(op, client, '/token', { grant_type: DEVICE_CODE, device_code });

const refusal = ({ status, body }: { status: number; body: { error?: string } }) => [
  status,
  body.error,
];

/** Types a code in, and stops at what that leads to. */
const enter = async (agent: Agent, user_code: string): Promise<Page> =>
  agent.submit(await agent.visit(`${op.issuer}/device`), { user_code });

/** Goes all the way: enters the code, says that it is theirs, signs in and consents. */
async function letIn(
  asked: Asked,
  person: Credentials & Choice = account,
  agent = createAgent(op.issuer),
): Promise<Page> {
  let page = await agent.submit(await enter(agent, asked.user_code), { confirm: 'yes' });
  if (isLogin(page)) page = await agent.login(page, person);
  if (isConsent(page)) page = await agent.consent(page, person);
  return page;
}

/** Tokens by device code, all the way. */
async function obtain(client: TestClient, person: Credentials & Choice = account) {
  const asked = await ask(client);
  await letIn(asked, person);
  const { status, body } = await poll(client, asked);
  if (status !== 200) throw new Error(`no tokens: ${JSON.stringify(body)}`);
  return { asked, tokens: body };
}

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
    expect(wordsOf(await letIn(asked as Asked))).toContain('Your device is connected');

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
    const { user_code } = await ask(ours);
    const page = await enter(agent, user_code);
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
    expect(wordsOf(await enter(createAgent(op.issuer), body.user_code))).toContain(words);
  });

  test('is told whether the device is in the network that they are in', async () => {
    const proxied = await startOp({ http: { trust_proxy: true } });
    try {
      const client = await proxied.createClient({ type: 'device', redirect_uris: [] });
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
    const gone = await device();
    const asked = await ask(gone);
    await op.admin(`/clients/${gone.client_id}`, { method: 'PATCH', body: { disabled: true } });
    const agent = createAgent(op.issuer);
    for (const page of [
      await agent.visit(asked.verification_uri_complete),
      await enter(agent, asked.user_code),
    ]) {
      expect([page.status, page.forms]).toEqual([400, []]);
      expect(wordsOf(page)).toContain('Unknown application');
    }
  });

  test.each(['capitals', 'lower case', 'no dash', 'spaces'])(
    'may type a code with %s',
    async (how) => {
      const asked = await ask(ours);
      const plain = asked.user_code.replace('-', '');
      const typed: Record<string, string> = {
        capitals: asked.user_code,
        'lower case': asked.user_code.toLowerCase(),
        'no dash': plain.toLowerCase(),
        spaces: ` ${plain.slice(0, 4)} ${plain.slice(4)} `,
      };
      const page = await enter(createAgent(op.issuer), typed[how] as string);
      expect(wordsOf(page)).toContain(asked.user_code);
      expect(page.status).toBe(200);
    },
  );

  test('who follows the device’s link confirms it all the same, and nothing runs a script', async () => {
    const agent = createAgent(op.issuer);
    const asked = await ask(ours);
    const page = await agent.visit(asked.verification_uri_complete);
    expect(page.html).not.toContain('<script');
    expect(wordsOf(page)).toContain(asked.user_code);
    expect(refusal(await poll(ours, asked))).toEqual([400, 'authorization_pending']);
    const login = await agent.submit(page, { confirm: 'yes' });
    expect(wordsOf(await agent.login(login, account))).toContain('Your device is connected');
    pass(5);
    expect((await poll(ours, asked)).status).toBe(200);
  });

  test('who is signed in already has to confirm, too', async () => {
    const agent = createAgent(op.issuer);
    await letIn(await ask(ours), account, agent);
    const asked = await ask(ours);
    const page = await enter(agent, asked.user_code);
    expect(wordsOf(page)).toContain('Does your device show this code?');
    expect(refusal(await poll(ours, asked))).toEqual([400, 'authorization_pending']);
    expect(wordsOf(await agent.submit(page, { confirm: 'yes' }))).toContain('is connected');
  });

  test('decides about each scope of a third-party client', async () => {
    const { tokens } = await obtain(theirs, { ...account, untick: ['phone', 'profile'] });
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
    const asked = await ask(theirs);
    const page = await how(await enter(agent, asked.user_code), agent);
    expect([page.status, wordsOf(page)]).toEqual([
      200,
      expect.stringContaining('Their Games was not given access'),
    ]);
    expect(refusal(await poll(theirs, asked))).toEqual([400, 'access_denied']);
    expect(refusal(await poll(theirs, asked))).toEqual([400, 'invalid_grant']);
    expect(wordsOf(await enter(agent, asked.user_code))).toContain('already used');
  });

  test('is told what is wrong with a code', async () => {
    const agent = createAgent(op.issuer);
    const wrong = await enter(agent, 'bcdf-bcdf');
    expect([wrong.status, wordsOf(wrong)]).toEqual([422, expect.stringContaining('do not know')]);
    expect(wrong.forms[0]?.fields).toContainEqual(['user_code', 'bcdf-bcdf']);
    const none = await enter(agent, ' ');
    expect([none.status, wordsOf(none)]).toEqual([422, expect.stringContaining('do not know')]);
    const empty = await enter(agent, '');
    expect([empty.status, wordsOf(empty)]).toEqual([
      422,
      expect.stringContaining('enter the code'),
    ]);
    const link = await agent.visit(`${op.issuer}/device?user_code=XXXX-XXXX`);
    expect([link.status, wordsOf(link)]).toEqual([422, expect.stringContaining('do not know')]);
  });

  test('cannot use a code twice, nor one that has expired', async () => {
    const { asked } = await obtain(ours);
    const agent = createAgent(op.issuer);
    const used = await enter(agent, asked.user_code);
    expect([used.status, wordsOf(used)]).toEqual([422, expect.stringContaining('already used')]);

    const late = await ask(ours);
    pass(601);
    const expired = await enter(agent, late.user_code);
    expect([expired.status, wordsOf(expired)]).toEqual([422, expect.stringContaining('expired')]);
    expect(refusal(await poll(ours, late))).toEqual([400, 'expired_token']);
  });

  test('is asked again by a form that is not of their own browser', async () => {
    const asked = await ask(ours);
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
    expect(refusal(await poll(ours, asked))).toEqual([400, 'authorization_pending']);
  });
});

describe('a device', () => {
  test('that polls too fast is slowed down, and answered at its interval', async () => {
    const asked = await ask(ours);
    expect(refusal(await poll(ours, asked))).toEqual([400, 'authorization_pending']);
    expect(refusal(await poll(ours, asked))).toEqual([400, 'slow_down']);
    pass(5);
    expect(refusal(await poll(ours, asked))).toEqual([400, 'authorization_pending']);
    const both = await Promise.all([poll(ours, asked), poll(ours, asked)]);
    expect(both.map(refusal)).toEqual([
      [400, 'slow_down'],
      [400, 'slow_down'],
    ]);
    pass(10);
    const { status } = await letIn(asked);
    expect([status, (await poll(ours, asked)).status]).toEqual([200, 200]);
  });

  test('gets tokens once: a code that is used twice is refused, and what it led to is revoked', async () => {
    const { asked, tokens } = await obtain(ours);
    expect(await introspect(op, ours, tokens.access_token)).toMatchObject({ active: true });
    expect(refusal(await poll(ours, asked))).toEqual([400, 'invalid_grant']);
    expect(await introspect(op, ours, tokens.access_token)).toEqual({ active: false });
    expect(refusal(await refresh(op, ours, tokens.refresh_token))).toEqual([400, 'invalid_grant']);
  });

  test('of ten polls at once with a code that was allowed exactly one gets tokens', async () => {
    const asked = await ask(ours);
    await letIn(asked);
    const answers = await Promise.all(Array.from({ length: 10 }, () => poll(ours, asked)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(400)]);
  });

  test('that presents another client’s code is refused, and the code is spoiled', async () => {
    const waiting = await ask(ours);
    expect(refusal(await poll(theirs, waiting))).toEqual([400, 'invalid_grant']);
    expect(refusal(await poll(ours, waiting))).toEqual([400, 'invalid_grant']);
    expect(wordsOf(await enter(createAgent(op.issuer), waiting.user_code))).toContain(
      'do not know',
    );

    const { asked, tokens } = await obtain(ours);
    expect(refusal(await poll(theirs, asked))).toEqual([400, 'invalid_grant']);
    expect(await introspect(op, ours, tokens.access_token)).toEqual({ active: false });
    expect(refusal(await refresh(op, ours, tokens.refresh_token))).toEqual([400, 'invalid_grant']);
  });

  test('gets no refresh token when its client is not registered for it', async () => {
    const { tokens } = await obtain(await device({ grant_types: [DEVICE_CODE] }));
    expect(Object.keys(tokens).sort()).toEqual([
      'access_token',
      'expires_in',
      'id_token',
      'scope',
      'token_type',
    ]);
  });

  test('gets an ID token as by a code: OpenID conformance moves the profile to UserInfo', async () => {
    const claims = async (client: TestClient) => {
      const { tokens } = await obtain(client);
      return JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString());
    };
    expect(await claims(ours)).toMatchObject({ sub: account.id, name: 'Ada Lovelace' });
    const conforming = await claims(await device({ openid_conformance: true }));
    expect(conforming).toMatchObject({ sub: account.id });
    expect(conforming).not.toHaveProperty('name');
  });

  test('of a native client registered for it signs people in', async () => {
    const native = await op.createClient({
      type: 'native',
      redirect_uris: ['com.example.tool:/cb'],
      grant_types: ['authorization_code', 'refresh_token', DEVICE_CODE],
    });
    expect((await obtain(native)).tokens.refresh_token).toEqual(expect.any(String));
  });

  test('of a client that is not registered for it is refused at both endpoints', async () => {
    const web = await op.createClient();
    expect(refusal(await postAs(op, web, '/device/authorize', { scope }))).toEqual([
      400,
      'invalid_request',
    ]);
    expect(refusal(await poll(web, await ask(ours)))).toEqual([400, 'invalid_request']);
  });
});

test('wrong codes are limited by address and by account, shown and told in seconds', async () => {
  const rate = { max: 3, per: 600 };
  const strict = await startOp({ limits: { device: { account: rate, ip: { max: 6, per: 600 } } } });
  try {
    const [client, person] = await Promise.all([
      strict.createClient({ type: 'device', redirect_uris: [], client_name: 'Our Films' }),
      strict.createAccount(),
    ]);
    const right = async () =>
      (await postAs(strict, client, '/device/authorize', { scope })).body as Asked;
    const type = async (agent: Agent, user_code: string) =>
      agent.submit(await agent.visit(`${strict.issuer}/device`), { user_code });

    const known = createAgent(strict.issuer);
    const asked = await right();
    const login = await known.submit(await type(known, asked.user_code), { confirm: 'yes' });
    await known.login(login, person);
    for (let tries = 0; tries < 3; tries += 1)
      expect((await type(known, 'BBBB-BBBB')).status).toBe(422);
    const refused = await type(known, (await right()).user_code);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(590);
    expect(wordsOf(refused)).toContain('There were too many wrong codes. You can try again in');

    // Somebody else at the same address has three of the address's six tries left.
    const stranger = createAgent(strict.issuer);
    for (let tries = 0; tries < 3; tries += 1)
      expect((await type(stranger, 'CCCC-CCCC')).status).toBe(422);
    expect((await type(stranger, (await right()).user_code)).status).toBe(429);
    const link = await createAgent(strict.issuer).visit((await right()).verification_uri_complete);
    expect(link.status).toBe(429);

    pass(601);
    expect((await type(stranger, (await right()).user_code)).status).toBe(200);
    expect(JSON.stringify(strict.logs)).not.toMatch(/BBBB|CCCC/);
  } finally {
    await strict.close();
  }
});

test('two processes on one store slow the same poller down', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clientele-'));
  const store = `sqlite:${join(folder, 'shared.db')}`;
  const shared = { secrets_key: newId(256), admin: { client_secret: newId(256) } };
  const one = await startOp(shared, { store });
  const two = await startOp(shared, { store });
  try {
    const client = await one.createClient({ type: 'device', redirect_uris: [] });
    const { body: asked } = await postAs(one, client, '/device/authorize', { scope });
    const at = async (op: Op) => {
      const fields = { grant_type: DEVICE_CODE, device_code: asked.device_code };
      return refusal(await postAs(op, client, '/token', fields));
    };
    expect(await at(one)).toEqual([400, 'authorization_pending']);
    await pause(two.store.staleness + 150);
    expect(await at(two)).toEqual([400, 'slow_down']);
    pass(5);
    expect(await at(two)).toEqual([400, 'authorization_pending']);
  } finally {
    await Promise.all([one.close(), two.close()]);
    rmSync(folder, { recursive: true });
  }
});

test('an issuer with a path has the pages below it', async () => {
  const below = await startOp({}, { path: '/auth' });
  try {
    const client = await below.createClient({ type: 'device', redirect_uris: [] });
    const person = await below.createAccount();
    const { body: asked } = await postAs(below, client, '/device/authorize', { scope });
    expect(asked.verification_uri).toBe(`${below.issuer}/device`);
    const agent = createAgent(below.issuer);
    const confirm = await agent.visit(asked.verification_uri_complete);
    const login = await agent.submit(confirm, { confirm: 'yes' });
    expect(wordsOf(await agent.login(login, person))).toContain('Your device is connected');
    const fields = { grant_type: DEVICE_CODE, device_code: asked.device_code };
    expect((await postAs(below, client, '/token', fields)).status).toBe(200);
  } finally {
    await below.close();
  }
});

test('no code of any kind is in the log', () => {
  expect(op.logs.some(({ msg }) => msg === 'code_verification.error')).toBe(true);
  const log = JSON.stringify(op.logs);
  const codes = given.flatMap(({ user_code, device_code }) => [
    device_code,
    user_code,
    user_code.replace('-', ''),
  ]);
  expect(codes.length).toBeGreaterThan(60);
  expect(codes.filter((code) => log.includes(code))).toEqual([]);
});

describe('a client of the type device', () => {
  const create = (body: object) =>
    op.admin('/clients', { method: 'POST', body: { client_name: 'TV', type: 'device', ...body } });
  const flaws = ({ body }: { body: { errors?: Record<string, string>[] } }) =>
    (body.errors ?? []).map(({ pointer, rule, fix }) => ({ pointer, rule, fix }));

  test('begins as a public client with the device flow and refresh tokens', async () => {
    const { status, body } = await create({});
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({
        grant_types: [DEVICE_CODE, 'refresh_token'],
        response_types: [],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
      }),
    ]);
    expect(body).not.toHaveProperty('client_secret');
  });

  test('has no redirects and no other grants, and is told what to change', async () => {
    const redirects = await create({ redirect_uris: ['https://tv.example/callback'] });
    expect(redirects.status).toBe(422);
    expect(flaws(redirects)).toContainEqual({
      pointer: '/redirect_uris',
      rule: 'no-user-flows',
      fix: expect.stringMatching(/\w/),
    });
    const grants = await create({ grant_types: [DEVICE_CODE, 'client_credentials'] });
    expect(grants.status).toBe(422);
    expect(flaws(grants)).toContainEqual({
      pointer: '/grant_types/1',
      rule: 'allowed-grants',
      fix: expect.stringMatching(/\w/),
    });
  });
});
