/** `response_mode=web_message`: the answer is a message to the window that opened or framed the page. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Page } from 'playwright-core';
import { createAgent, leftFor } from '../support/agent.ts';
import {
  describeWithBrowser,
  type Landing,
  launchBrowser,
  openTab,
  startLanding,
} from '../support/browser.ts';
import {
  CALLBACK,
  type Fields,
  type Op,
  startOp,
  type TestAccount,
  type TestClient,
} from '../support/op.ts';
import { authorizeUrl, redeem } from './requests.ts';

let op: Op;
let account: TestAccount;
let client: TestClient;
beforeAll(async () => {
  op = await startOp();
  [client, account] = await Promise.all([
    op.createClient({ response_modes: ['query', 'web_message', 'web_message.jwt'] }),
    op.createAccount(),
  ]);
});
afterAll(() => op?.close());

const message: Fields = { response_mode: 'web_message' };
const silent: Fields = { ...message, prompt: 'none' };

/** What the page posts. */
const posted = (html: string) => {
  const [, data = ''] = /var data = (.+);/.exec(html) ?? [];
  return JSON.parse(data) as { response: Record<string, string>; redirect_uri: string };
};

describe('the page', () => {
  test('has the answer, and may be framed by the redirect URI’s origin alone', async () => {
    const page = await createAgent(op.issuer).authorize(authorizeUrl(op, client, message), account);
    expect(page.status).toBe(200);
    expect(page.headers.get('x-frame-options')).toBeNull();
    expect(page.headers.get('cache-control')).toBe('no-store');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy.match(/frame-ancestors[^;]*/g)).toEqual(['frame-ancestors https://rp.example']);
    expect(policy).toMatch(/default-src 'none';.*script-src 'sha256-[\w+/]+='/);
    expect(page.headers.get('cross-origin-opener-policy')).toBe('unsafe-none');

    const { response, redirect_uri } = posted(page.html);
    expect(redirect_uri).toBe(CALLBACK);
    expect(response).toEqual({
      code: expect.any(String),
      state: 'some-state',
      iss: op.issuer,
      session_state: expect.any(String),
    });
    expect(await redeem(op, client, response.code ?? '')).toMatchObject({ status: 200 });
  });

  test('tells errors in the same way', async () => {
    const page = await createAgent(op.issuer).visit(authorizeUrl(op, client, silent));
    expect(posted(page.html)).toMatchObject({
      response: { error: 'login_required', state: 'some-state', iss: op.issuer },
      redirect_uri: CALLBACK,
    });
    expect(page.headers.get('content-security-policy')).toContain(
      'frame-ancestors https://rp.example',
    );
  });

  test('has a signed answer where the client asks for that', async () => {
    const url = authorizeUrl(op, client, { response_mode: 'web_message.jwt' });
    const page = await createAgent(op.issuer).authorize(url, account);
    expect(page.headers.get('content-security-policy')).toContain(
      'frame-ancestors https://rp.example',
    );
    expect(decodeJwt(posted(page.html).response.response ?? '')).toMatchObject({
      aud: client.client_id,
      code: expect.any(String),
      state: 'some-state',
    });
  });

  test('writes nothing of the request into its script as it came', async () => {
    const state = '</script><script>alert(1)</script>\u2028';
    const page = await createAgent(op.issuer).visit(authorizeUrl(op, client, { ...silent, state }));
    expect(page.html).not.toContain('<script>alert');
    expect(page.html).not.toContain('\u2028');
    expect(posted(page.html).response.state).toBe(state);
  });
});

describe('is refused', () => {
  test.each([
    ['left its response modes open', undefined],
    ['registered others', ['query' as const, 'form_post' as const]],
  ])('to a client that %s, by redirect', async (_, response_modes) => {
    const other = await op.createClient(response_modes ? { response_modes } : {});
    const page = await createAgent(op.issuer).visit(authorizeUrl(op, other, silent));
    expect(Object.fromEntries(leftFor(page).searchParams)).toMatchObject({
      error: 'invalid_request',
      error_description: 'requested response_mode is not allowed for this client or request',
    });
  });

  test.each([
    ['an address that is not registered', { redirect_uri: 'https://evil.example/' }],
    ['a relay', { web_message_uri: 'https://rp.example/relay' }],
  ])('with %s, on a page that nobody frames', async (_, fields) => {
    const page = await createAgent(op.issuer).visit(
      authorizeUrl(op, client, { ...silent, ...fields }),
    );
    expect(page.left).toBeUndefined();
    expect(page.status).toBe(400);
    expect(page.html).not.toContain('postMessage');
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });
});

test('a page to sign in on cannot be framed, whatever the response mode', async () => {
  const page = await createAgent(op.issuer).visit(authorizeUrl(op, client, message));
  expect(page.url).toContain('/interaction/');
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
});

test('discovery lists it', async () => {
  const { body } = await op.get('/.well-known/openid-configuration');
  expect(body.response_modes_supported).toEqual(
    expect.arrayContaining(['web_message', 'web_message.jwt']),
  );
});

describeWithBrowser('in a real browser', () => {
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  let landing: Landing;
  let stranger: Landing;
  let rp: TestClient;
  beforeAll(async () => {
    [browser, landing, stranger] = await Promise.all([
      launchBrowser(),
      startLanding(),
      startLanding(),
    ]);
    rp = await op.createClient({
      redirect_uris: [landing.callback],
      response_modes: ['query', 'web_message'],
      first_party: true,
    });
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([landing?.close(), stranger?.close()]);
  });

  const address = (fields: Fields) =>
    authorizeUrl(op, rp, { redirect_uri: landing.callback, ...fields });
  /** A page that asks in a frame or in a window, and hears what comes. */
  const serve = (at: Landing) =>
    at.serve(
      '/app',
      `<!doctype html><title>App</title><button>Sign in</button><script>
        const heard = [];
        addEventListener('message', ({ data, origin }) => heard.push({ data, origin }));
        const frame = (src) => new Promise((loaded) => {
          const element = Object.assign(document.createElement('iframe'), { src, onload: loaded });
          document.body.append(element);
        });
        let popup;
        document.querySelector('button').onclick = () => { popup = open(window.name, 'sign-in'); };
      </script>`,
    );
  interface Heard {
    data: { type: string; response: Record<string, string> };
    origin: string;
  }
  const heard = (page: Page, count = 1): Promise<Heard[]> =>
    page
      .waitForFunction(`heard.length >= ${count}`, null, { timeout: 5000 })
      .then(() => page.evaluate('heard') as Promise<Heard[]>);
  const signIn = async (page: Page) => {
    await page.fill('#email', account.email);
    await page.fill('#password', account.password);
    await page.click('button.primary');
  };

  test('a page hears of a sign-in in a window, which then closes, and asks again in a frame', async () => {
    const { page, faults, close } = await openTab(browser, { javaScript: true });
    await page.goto(serve(landing));
    await page.evaluate(`window.name = ${JSON.stringify(address(message))}`);
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('button')]);
    await signIn(popup);
    const [first] = await heard(page);
    expect(first).toMatchObject({
      origin: op.issuer,
      data: {
        type: 'authorization_response',
        response: { state: 'some-state', code: expect.any(String), iss: op.issuer },
      },
    });
    if (!popup.isClosed()) await popup.waitForEvent('close');
    const redeemed = await redeem(op, rp, first?.data.response.code ?? '', {
      redirect_uri: landing.callback,
    });
    expect(redeemed.status).toBe(200);

    await page.evaluate(`frame(${JSON.stringify(address({ ...silent, state: 'again' }))})`);
    const [, second] = await heard(page, 2);
    expect(second?.data.response).toMatchObject({ state: 'again', code: expect.any(String) });
    expect(faults).toEqual([]);
    await close();
  });

  test('a page of another origin hears nothing, in a frame or from a window', async () => {
    const { page, faults, close } = await openTab(browser, { javaScript: true });
    // Somebody is signed in, so there is something to hear.
    await page.goto(address({}));
    await signIn(page);
    await page.waitForURL(`${landing.callback}?**`);

    await page.goto(serve(stranger));
    await page.evaluate(`frame(${JSON.stringify(address(silent))})`);
    expect(faults.join()).toMatch(/frame-ancestors/);

    await page.evaluate(`window.name = ${JSON.stringify(address(silent))}`);
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('button')]);
    if (!popup.isClosed()) await popup.waitForEvent('close');
    expect(await page.evaluate('heard')).toEqual([]);
    await close();
  });
});
