import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createAgent, leftFor } from '../support/agent.ts';
import {
  describeWithBrowser,
  type Landing,
  launchBrowser,
  openTab,
  startLanding,
} from '../support/browser.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { authorizeUrl, introspect, obtainTokens } from './requests.ts';

const GOODBYE = 'https://rp.example/goodbye';

let op: Op;
let account: TestAccount;
/** Wants issuer and session named. */
let named: TestClient;
/** Does not, and has a query of its own. */
let plain: TestClient;
/** Is told nothing. */
let silent: TestClient;
beforeAll(async () => {
  op = await startOp({ registration: { mode: 'open' } });
  [account, named, plain, silent] = await Promise.all([
    op.createAccount(),
    op.createClient({
      frontchannel_logout_uri: 'https://rp.example/out?a=b&c',
      frontchannel_logout_session_required: true,
      post_logout_redirect_uris: [GOODBYE],
    }),
    op.createClient({
      redirect_uris: ['https://rp.example/callback', 'https://www.rp.example:8443/callback'],
      frontchannel_logout_uri: 'https://www.rp.example:8443/out',
    }),
    op.createClient({ post_logout_redirect_uris: [GOODBYE] }),
  ]);
});
afterAll(() => op?.close());

const framesOf = (html: string): string[] =>
  [...html.matchAll(/<iframe\b[^>]* src="([^"]*)"/g)].map(([, src = '']) =>
    src.replaceAll('&amp;', '&'),
  );

async function signedIn(...clients: TestClient[]) {
  const agent = createAgent(op.issuer);
  const tokens = [];
  for (const client of clients) tokens.push(await obtainTokens(op, client, account, {}, agent));
  const out = async (fields: Record<string, string> = {}, answer: { logout?: string } = {}) =>
    agent.submit(await agent.visit(`${op.issuer}/logout?${new URLSearchParams(fields)}`), answer);
  return { agent, tokens, out };
}

test('discovery says that it is supported', async () => {
  expect((await op.get('/.well-known/openid-configuration')).body).toMatchObject({
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
  });
});

test('a client registers for it by itself', async () => {
  const metadata = {
    redirect_uris: ['https://rp.example/callback'],
    frontchannel_logout_uri: 'https://rp.example/out',
    frontchannel_logout_session_required: true,
  };
  const register = (body: object) =>
    fetch(`${op.issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const made = await register(metadata);
  expect(made.status).toBe(201);
  expect(await made.json()).toMatchObject(metadata);
  const elsewhere = 'https://other.example/out';
  const refused = await register({ ...metadata, frontchannel_logout_uri: elsewhere });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    error: 'invalid_client_metadata',
    error_description: expect.stringContaining('frontchannel_logout_uri'),
  });
});

describe('the page after a logout', () => {
  test('loads every client of the session that registered for it', async () => {
    const { tokens, out } = await signedIn(named, plain, silent);
    const page = await out({}, { logout: 'yes' });
    expect(page.status).toBe(200);
    const { sid } = decodeJwt(tokens[0].id_token);
    expect(sid).toBeTruthy();
    const [first, second, ...more] = framesOf(page.html);
    expect([second, more]).toEqual(['https://www.rp.example:8443/out', []]);
    expect(first).toMatch(/^https:\/\/rp\.example\/out\?a=b&c&iss=/);
    expect(Object.fromEntries(new URL(first ?? '').searchParams)).toEqual({
      a: 'b',
      c: '',
      iss: op.issuer,
      sid,
    });
    expect(page.headers.get('content-security-policy')).toMatch(
      /(^|; )frame-src https:\/\/rp\.example https:\/\/www\.rp\.example:8443; .*frame-ancestors 'none'; script-src 'self'$/,
    );
  });

  test('leads on to where the client wanted the person back', async () => {
    const { agent, tokens, out } = await signedIn(named);
    const page = await out(
      { id_token_hint: tokens[0].id_token, post_logout_redirect_uri: GOODBYE, state: 'a & "b' },
      { logout: 'yes' },
    );
    const links = [
      /<a [^>]*id="next" href="([^"]*)"/,
      /<meta http-equiv="refresh" content="3;url=([^"]*)"/,
    ].map((link) => new URL(link.exec(page.html)?.[1]?.replaceAll('&amp;', '&') ?? ''));
    for (const link of links) {
      expect(link.origin + link.pathname).toBe(GOODBYE);
      expect(link.searchParams.get('state')).toBe('a & "b');
    }
    expect(await introspect(op, named, tokens[0].access_token)).toEqual({ active: false });
    const after = leftFor(await agent.visit(authorizeUrl(op, named, { prompt: 'none' })));
    expect(after.searchParams.get('error')).toBe('login_required');
  });

  test('is not there when nobody is to be told', async () => {
    const { tokens, out } = await signedIn(silent);
    const page = await out(
      { id_token_hint: tokens[0].id_token, post_logout_redirect_uri: GOODBYE },
      { logout: 'yes' },
    );
    expect(leftFor(page).href).toBe(GOODBYE);
  });

  test('tells the one client that is left by who stays signed in', async () => {
    const { tokens, out } = await signedIn(named, plain);
    const page = await out({ id_token_hint: tokens[1].id_token });
    expect(framesOf(page.html)).toEqual(['https://www.rp.example:8443/out']);
  });

  test('tells nobody twice', async () => {
    const { out } = await signedIn(named, plain);
    await out({}, { logout: 'yes' });
    expect(framesOf((await out({}, { logout: 'yes' })).html)).toEqual([]);
  });

  test('tells nobody when the form is forged', async () => {
    const { agent } = await signedIn(named);
    const page = await agent.visit(`${op.issuer}/logout`);
    const after = await agent.submit(page, { xsrf: 'x'.repeat(43), logout: 'yes' });
    expect([after.status, framesOf(after.html)]).toEqual([400, []]);
  });

  test('leaves out a client that was disabled since', async () => {
    const gone = await op.createClient({ frontchannel_logout_uri: 'https://rp.example/gone' });
    const { out } = await signedIn(gone, plain);
    await op.admin(`/clients/${gone.client_id}`, { method: 'PATCH', body: { disabled: true } });
    const page = await out({}, { logout: 'yes' });
    expect(framesOf(page.html)).toEqual(['https://www.rp.example:8443/out']);
  });
});

test('ID tokens name the session only to clients that asked for it', async () => {
  const { tokens } = await signedIn(named, plain, silent);
  expect(tokens.map(({ id_token }) => typeof decodeJwt(id_token).sid)).toEqual([
    'string',
    'undefined',
    'undefined',
  ]);
});

describeWithBrowser('in a real browser', () => {
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  let landing: Landing;
  beforeAll(async () => {
    [browser, landing] = await Promise.all([launchBrowser(), startLanding()]);
  });
  afterAll(async () => {
    await browser?.close();
    await landing?.close();
  });

  test.each([
    [true, 'at once, by script'],
    [false, 'after a while, without scripts'],
  ])('frames are loaded and the person goes on (%s: %s)', async (javaScript) => {
    const goodbye = landing.serve('/goodbye', '<!doctype html><title>Bye</title><h1>Bye</h1>');
    const client = await op.createClient({
      redirect_uris: [landing.callback],
      post_logout_redirect_uris: [goodbye],
      frontchannel_logout_uri: landing.serve('/out', '<!doctype html><title>Out</title>'),
      frontchannel_logout_session_required: true,
    });
    const { page, faults, close } = await openTab(browser, { javaScript });
    await page.goto(authorizeUrl(op, client, { redirect_uri: landing.callback }));
    await page.fill('#email', account.email);
    await page.fill('#password', account.password);
    await page.click('button.primary');
    await page.waitForURL(`${landing.callback}?**`);
    const told = page.waitForRequest((request) =>
      request.url().startsWith(`${landing.origin}/out`),
    );
    await page.goto(
      `${op.issuer}/logout?${new URLSearchParams({ client_id: client.client_id, post_logout_redirect_uri: goodbye })}`,
    );
    await page.click('button[name=logout]');
    const { searchParams } = new URL((await told).url());
    expect(searchParams.get('iss')).toBe(op.issuer);
    await page.waitForURL(goodbye);
    expect(faults).toEqual([]);
    await close();
  });
});
