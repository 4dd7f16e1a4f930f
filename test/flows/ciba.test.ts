import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { CIBA } from '../../src/clients/values.ts';
import { createAgent, wordsOf } from '../support/agent.ts';
import { issue } from '../support/certificates.ts';
import { until } from '../support/mail.ts';
import { type Answer, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { ask, createAsker, decide, mailsTo, poll, scope, send } from './ciba-requests.ts';
import { keys } from './client-methods.ts';
import { pass } from './clock.ts';
import { authorizeUrl, introspect, obtainTokens, userInfo } from './requests.ts';

let op: Op;
let ours: TestClient;
let theirs: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [ours, theirs, account] = await Promise.all([
    createAsker(op, { client_name: 'Our Till', require_auth_time: true }),
    createAsker(op, { client_name: 'Their Shop', first_party: false, require_auth_time: true }),
    op.createAccount({ name: 'Ada Lovelace', phone_number: '+15550100' }),
  ]);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

const refusal = ({ status, body }: Answer): [number, string] => [status, body.error];

describe('a relying party that knows the issuer alone', () => {
  test.each([
    ['a first-party', () => ours],
    ['a third-party', () => theirs],
  ])('signs a person in as %s client, asks UserInfo and refreshes', async (_, client) => {
    const rp = await createRp(op.issuer, client());
    expect(rp.config.serverMetadata()).toMatchObject({
      backchannel_authentication_endpoint: `${op.issuer}/backchannel`,
      backchannel_token_delivery_modes_supported: ['poll', 'ping'],
      backchannel_user_code_parameter_supported: false,
      grant_types_supported: expect.arrayContaining([CIBA]),
    });
    const person = await op.createAccount({ phone_number: '+15550100' });
    const asked = await openid.initiateBackchannelAuthentication(rp.config, {
      scope,
      login_hint: person.email.toUpperCase(),
      binding_message: 'Teller 7: 4711',
    });
    expect(asked).toMatchObject({ expires_in: 600, interval: 5 });
    const [mail] = await mailsTo(op, person.email);
    await decide(op, mail?.link ?? '', person);

    // One poll is enough by now, so it need not wait five seconds for it.
    const tokens = await openid.pollBackchannelAuthenticationGrant(rp.config, {
      ...asked,
      interval: 0,
    });
    expect(tokens.claims()).toMatchObject({
      sub: person.id,
      aud: client().client_id,
      auth_time: expect.any(Number),
    });
    expect(await rp.userInfo(tokens)).toMatchObject({ phone_number: '+15550100' });
    const fresh = await rp.refresh(tokens.refresh_token ?? '');
    expect(await rp.userInfo(fresh)).toMatchObject({ email: person.email });
  });
});

describe('a person', () => {
  test('is told by e-mail, in their language, who asks and for how long', async () => {
    const person = await op.createAccount({ name: 'Ada', locale: 'de' });
    await ask(op, theirs, person, { requested_expiry: '120' });
    const [mail] = await mailsTo(op, person.email);
    expect(mail?.subject).toBe('Bestätigen Sie eine Anfrage von Their Shop');
    expect(mail?.text).toContain('Their Shop bittet um Ihre Zustimmung');
    expect(mail?.text).toContain('2 Minuten');
  });

  test('sees who asks, for what, and the words that the other screen shows', async () => {
    const { link } = await ask(op, theirs, account, { binding_message: 'Kasse 7 – <b>4711</b>' });
    const page = await createAgent(op.issuer).visit(link);
    for (const word of ['Their Shop', account.email, 'Your phone number', 'Kasse 7 – <b>4711</b>'])
      expect(wordsOf(page)).toContain(word);
    expect(page.forms[0]?.boxes.map(({ value }) => value)).toEqual(['profile', 'email', 'phone']);
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  test('gives a third party what they choose, and is asked the same way the next time', async () => {
    const person = await op.createAccount();
    const asked = await ask(op, theirs, person);
    await decide(op, asked.link, { ...person, untick: ['email', 'phone'] });
    expect((await poll(op, theirs, asked)).body.scope).toBe('openid profile');
    const again = await ask(op, theirs, person);
    const page = await createAgent(op.issuer).visit(again.link);
    expect(page.forms[0]?.boxes.map(({ value, checked }) => [value, checked])).toEqual([
      ['profile', true],
      ['email', false],
      ['phone', false],
    ]);
  });

  test('decides about claims that are asked for one by one', async () => {
    const claims = JSON.stringify({ userinfo: { email: null, phone_number: null } });
    const person = await op.createAccount({ phone_number: '+15550100' });
    const asked = await ask(op, theirs, person, { scope: 'openid', claims });
    await decide(op, asked.link, { ...person, untick: ['phone_number'] });
    const { body } = await poll(op, theirs, asked);
    expect((await userInfo(op, body.access_token)).body).toEqual({
      sub: person.id,
      email: person.email,
    });
  });

  test('who denies gives nothing, and needs no password for it', async () => {
    const asked = await ask(op, ours, account);
    const page = await decide(op, asked.link, { password: '', decision: 'deny' });
    expect(wordsOf(page)).toContain('You have denied it');
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'access_denied']);
  });

  test.each([
    ['no', '', 422, 'Please enter your password'],
    ['a wrong', 'not it', 422, 'The password is not right'],
  ])('who allows with %s password allows nothing', async (_, password, status, words) => {
    const asked = await ask(op, theirs, account);
    const page = await decide(op, asked.link, { password, untick: ['phone'] });
    expect(page.status).toBe(status);
    expect(wordsOf(page)).toContain(words);
    expect(page.forms[0]?.boxes.find(({ value }) => value === 'phone')?.checked).toBe(false);
    expect(refusal(await poll(op, theirs, asked))).toEqual([400, 'authorization_pending']);
  });

  test('cannot be made to allow by a page that is not ours', async () => {
    const asked = await ask(op, ours, account);
    const agent = createAgent(op.issuer);
    const page = await agent.visit(asked.link);
    const { password } = account;
    const forged = await agent.submit(page, { password, decision: 'allow', csrf: 'forged' });
    expect(forged.status).toBe(403);
    const stranger = createAgent(op.issuer);
    expect((await stranger.submit(page, { password, decision: 'allow' })).status).toBe(403);
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'authorization_pending']);
  });

  test('answers once: the link is worth nothing afterwards', async () => {
    const asked = await ask(op, ours, account);
    const agent = createAgent(op.issuer);
    const page = await agent.visit(asked.link);
    const allowing = { password: account.password, decision: 'allow' };
    const answers = await Promise.all([
      agent.submit(page, allowing),
      agent.submit(page, allowing),
      agent.submit(page, { decision: 'deny' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410]);
    expect((await agent.visit(asked.link)).status).toBe(410);
  });

  test('who has gone or is disabled since cannot approve', async () => {
    const person = await op.createAccount();
    const { link } = await ask(op, ours, person);
    const at = `/accounts/${person.id}`;
    const { id: _, password: __, ...known } = person;
    const replaced = await op.admin(at, {
      method: 'PUT',
      body: { email: known.email, disabled: true },
    });
    expect(replaced.status).toBe(200);
    expect((await createAgent(op.issuer).visit(link)).status).toBe(410);
    expect(refusal(await send(op, ours, { login_hint: person.email }))).toEqual([
      400,
      'unknown_user_id',
    ]);
  });
});

describe('a client', () => {
  test('that polls is told to wait, then to slow down, and that the request has expired', async () => {
    const asked = await ask(op, ours, account, { requested_expiry: '60' });
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'authorization_pending']);
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'slow_down']);
    pass(5);
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'authorization_pending']);
    jest.restoreAllMocks();
    pass(61);
    expect((await createAgent(op.issuer).visit(asked.link)).status).toBe(410);
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'expired_token']);
  });

  test('is answered as soon as the person has decided, however short ago it asked', async () => {
    const [allowed, denied] = [await ask(op, ours, account), await ask(op, ours, account)];
    for (const asked of [allowed, denied]) {
      expect(refusal(await poll(op, ours, asked))).toEqual([400, 'authorization_pending']);
    }
    await decide(op, allowed.link, account);
    await decide(op, denied.link, { ...account, decision: 'deny' });
    expect((await poll(op, ours, allowed)).status).toBe(200);
    expect(refusal(await poll(op, ours, denied))).toEqual([400, 'access_denied']);
  });

  test('that polls for another’s auth_req_id gets nothing, and does not end the request', async () => {
    const asked = await ask(op, ours, account);
    expect(refusal(await poll(op, theirs, asked))).toEqual([400, 'invalid_grant']);
    await decide(op, asked.link, account);
    expect((await poll(op, ours, asked)).status).toBe(200);
  });

  test('gets tokens once; asking twice ends them', async () => {
    const asked = await ask(op, ours, account);
    await decide(op, asked.link, account);
    const { body } = await poll(op, ours, asked);
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'invalid_grant']);
    expect(await introspect(op, ours, body.access_token)).toEqual({ active: false });
  });

  test('that redeems another’s auth_req_id gets nothing, and neither does the other', async () => {
    const asked = await ask(op, ours, account);
    await decide(op, asked.link, account);
    expect(refusal(await poll(op, theirs, asked))).toEqual([400, 'invalid_grant']);
    expect(refusal(await poll(op, ours, asked))).toEqual([400, 'invalid_grant']);
  });

  test('names a person by address, by id, or by an ID token', async () => {
    const hints = [
      { login_hint: account.email },
      { login_hint: account.id },
      { id_token_hint: (await obtainTokens(op, ours, account)).id_token },
    ];
    for (const hint of hints) expect((await send(op, ours, hint)).status).toBe(200);
  });

  test.each<[string, Record<string, string>, string]>([
    ['nobody', { login_hint: 'nobody@example.com' }, 'unknown_user_id'],
    ['an id that is none', { login_hint: '__proto__' }, 'unknown_user_id'],
    ['no person', {}, 'invalid_request'],
    ['a login_hint_token', { login_hint_token: 'x' }, 'invalid_request'],
    ['two persons', { login_hint: 'a@b.example', login_hint_token: 'x' }, 'invalid_request'],
    ['a user code', { user_code: '1234' }, 'invalid_request'],
    [
      'an acr that no password is',
      { acr_values: 'x', claims: '{"id_token":{"acr":{"essential":true,"value":"urn:none"}}}' },
      'unmet_authentication_requirements',
    ],
    ['no openid', { scope: 'profile' }, 'invalid_request'],
    ['a long message', { binding_message: 'x'.repeat(65) }, 'invalid_binding_message'],
    ['an empty message', { binding_message: ' ' }, 'invalid_binding_message'],
    ['two lines', { binding_message: 'one\ntwo' }, 'invalid_binding_message'],
    ['a turned message', { binding_message: 'a\u202eb' }, 'invalid_binding_message'],
    ['piled marks', { binding_message: 'a\u0301\u0301' }, 'invalid_binding_message'],
    ['an expiry of nothing', { requested_expiry: '0' }, 'invalid_request'],
  ])('that sends %s is refused', async (_, fields, error) => {
    const whom = Object.keys(fields).some((name) => /hint/.test(name)) || 'no person' === _;
    const hint = whom ? {} : { login_hint: account.email };
    expect(refusal(await send(op, ours, { ...hint, ...fields }))).toEqual([400, error]);
  });

  test('without the grant cannot ask', async () => {
    const plain = await op.createClient();
    expect(refusal(await send(op, plain, { login_hint: account.email }))).toEqual([
      400,
      'unauthorized_client',
    ]);
  });

  test('that is disabled meanwhile gets no approval', async () => {
    const client = await createAsker(op, {
      grant_types: [CIBA, 'refresh_token'],
      response_types: [],
      redirect_uris: [],
    });
    const { link } = await ask(op, client, account);
    const at = `/clients/${client.client_id}`;
    await op.admin(at, { method: 'PATCH', body: { disabled: true } });
    expect((await createAgent(op.issuer).visit(link)).status).toBe(410);
  });
});

describe('a signed request', () => {
  let signer: TestClient;
  beforeAll(async () => {
    const jwk = keys.publicKey.export({ format: 'jwk' });
    signer = await createAsker(op, {
      jwks: { keys: [{ ...jwk, kid: 'one', alg: 'ES256' }] },
      backchannel_authentication_request_signing_alg: 'ES256',
    });
  });
  const sign = (claims: object = {}, alg = 'ES256') => {
    const now = Math.floor(Date.now() / 1000);
    const right = { iss: signer.client_id, aud: op.issuer, iat: now, nbf: now, exp: now + 60 };
    const asked = { jti: `${Math.random()}`, scope: 'openid', login_hint: account.email };
    return new SignJWT({ ...right, ...asked, ...claims })
      .setProtectedHeader({ alg })
      .sign(keys.privateKey);
  };

  test('is taken, and what is beside it is not looked at', async () => {
    const fields = { request: await sign(), login_hint: 'nobody@example.com' };
    expect((await send(op, signer, { ...fields, scope: undefined })).status).toBe(200);
  });

  test('is demanded once its algorithm is registered', async () => {
    const answer = await send(op, signer, { login_hint: account.email });
    expect(refusal(answer)).toEqual([400, 'invalid_request']);
  });

  test.each([
    ['for another server', { aud: 'https://other.example' }],
    ['by another client', { iss: 'another' }],
    ['that has expired', { exp: 1 }],
    ['without a jti', { jti: undefined }],
    ['without a beginning', { nbf: undefined }],
  ])('%s is refused', async (_, claims) => {
    expect(refusal(await send(op, signer, { request: await sign(claims) }))).toEqual([
      400,
      'invalid_request',
    ]);
  });
});

describe('a client that is pinged', () => {
  const before = tls.getCACertificates('default');
  const { pem, keyPem } = issue({ subject: [['CN', 'localhost']], san: { dns: ['localhost'] } });
  const pings: { authorization: string | undefined; body: string }[] = [];
  let status = 204;
  let listener: Server;
  let client: TestClient;
  beforeAll(async () => {
    tls.setDefaultCACertificates([...before, pem]);
    listener = createServer({ key: keyPem, cert: pem }, async (request, response) => {
      pings.push({ authorization: request.headers.authorization, body: await text(request) });
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    client = await createAsker(op, {
      backchannel_token_delivery_mode: 'ping',
      backchannel_client_notification_endpoint: `https://localhost:${port}/ping`,
    });
  });
  afterAll(() => {
    tls.setDefaultCACertificates(before);
    listener.closeAllConnections();
    listener.close();
  });
  const token = { client_notification_token: 'a-token-of-the-client' };

  test.each([
    ['allowed', 'allow' as const, 200],
    ['denied', 'deny' as const, 400],
  ])(
    'learns at once that the person has %s, and fetches the answer',
    async (_, decision, answer) => {
      pings.length = 0;
      const asked = await ask(op, client, account, token);
      await decide(op, asked.link, { ...account, decision });
      const ping = await until('ping', () => pings[0]);
      expect(ping.authorization).toBe('Bearer a-token-of-the-client');
      expect(JSON.parse(ping.body)).toEqual({ auth_req_id: asked.auth_req_id });
      expect((await poll(op, client, asked)).status).toBe(answer);
    },
  );

  test('and does not listen leaves the person’s answer as it is', async () => {
    status = 500;
    const asked = await ask(op, client, account, token);
    expect((await decide(op, asked.link, account)).status).toBe(200);
    expect(op.logs.some(({ msg }) => msg === 'backchannel_ping.error')).toBe(true);
    expect((await poll(op, client, asked)).status).toBe(200);
  });

  test('is not reached where the server may not go', async () => {
    const elsewhere = await startOp({ fetch: { allow_loopback: false } });
    const { port } = listener.address() as AddressInfo;
    const [other, person] = await Promise.all([
      createAsker(elsewhere, {
        backchannel_token_delivery_mode: 'ping',
        backchannel_client_notification_endpoint: `https://localhost:${port}/ping`,
      }),
      elsewhere.createAccount(),
    ]);
    pings.length = 0;
    const asked = await ask(elsewhere, other, person, token);
    expect((await decide(elsewhere, asked.link, person)).status).toBe(200);
    expect(pings).toEqual([]);
    const line = elsewhere.logs.find(({ msg }) => msg === 'backchannel_ping.error');
    expect(JSON.stringify(line)).toContain('does not lead to the public internet');
    await elsewhere.close();
  });

  test('says by which token it will know the ping', async () => {
    for (const fields of [{}, { client_notification_token: 'a b' }]) {
      const answer = await send(op, client, { login_hint: account.email, ...fields });
      expect(refusal(answer)).toEqual([400, 'invalid_request']);
    }
  });
});

describe('limits', () => {
  let strict: Op;
  beforeAll(async () => {
    strict = await startOp({
      limits: {
        login: { account_ip: { max: 3, per: 900 } },
        approval: { account_client: { max: 2, per: 600 }, account: { max: 3, per: 600 } },
      },
    });
  });
  afterAll(() => strict?.close());

  test('of the password are those of every sign-in, whichever client asks', async () => {
    const [one, other, person] = await Promise.all([
      createAsker(strict),
      createAsker(strict),
      strict.createAccount(),
    ]);
    const [asked, again] = [await ask(strict, one, person), await ask(strict, other, person)];
    const wrong = { password: 'wrong' };
    for (const { link } of [asked, asked, again]) {
      expect((await decide(strict, link, wrong)).status).toBe(422);
    }

    const right = await decide(strict, again.link, person);
    expect(right.status).toBe(429);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(wordsOf(right)).toContain('There were too many attempts to sign in.');
    expect(refusal(await poll(strict, other, again))).toEqual([400, 'authorization_pending']);
    const { email, password } = person;
    const login = await createAgent(strict.issuer).authorize(authorizeUrl(strict, one), {
      email: email.toUpperCase(),
      password,
    });
    expect(login.status).toBe(429);
  });

  test('keep clients from filling a person’s mailbox, one by one and together', async () => {
    const [one, other, person] = await Promise.all([
      createAsker(strict),
      createAsker(strict),
      strict.createAccount(),
    ]);
    const asking = async (client: TestClient) => {
      const answer = await send(strict, client, { login_hint: person.email });
      return answer.status === 200 ? 200 : refusal(answer);
    };
    expect([await asking(one), await asking(one), await asking(one)]).toEqual([
      200,
      200,
      [403, 'access_denied'],
    ]);
    expect([await asking(other), await asking(other)]).toEqual([200, [403, 'access_denied']]);
    const stranger = await strict.createAccount();
    expect((await send(strict, one, { login_hint: stranger.email })).status).toBe(200);
  });
});
