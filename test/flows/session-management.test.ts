import { hash } from 'node:crypto';
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
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { authorizeUrl } from './requests.ts';

let op: Op;
let client: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [client, account] = await Promise.all([op.createClient(), op.createAccount()]);
});
afterAll(() => op?.close());

const authorize = async (fields: Record<string, string> = {}, agent = createAgent(op.issuer)) => {
  const page = await agent.authorize(authorizeUrl(op, client, fields), account);
  return { agent, page };
};
const signedIn = async () => {
  const { agent, page } = await authorize();
  return { agent, state: leftFor(page).searchParams.get('session_state') ?? '' };
};
const stateOf = (agent: ReturnType<typeof createAgent>) => agent.cookie('browser-state')?.value;
/** What the specification computes, section 2. */
const expected = (agent: ReturnType<typeof createAgent>, salt: string) =>
  `${hash('sha256', `${client.client_id} https://rp.example ${stateOf(agent)} ${salt}`, 'base64url')}.${salt}`;

test('discovery names the page', async () => {
  const { body } = await op.get('/.well-known/openid-configuration');
  expect(body.check_session_iframe).toBe(`${op.issuer}/session/check`);
});

describe('an authentication response', () => {
  test('has the salted state of the browser', async () => {
    const { agent, state } = await signedIn();
    expect(state).toMatch(/^[\w-]{43}\.[\w-]+$/);
    expect(state).toBe(expected(agent, state.split('.')[1] ?? ''));
    expect(stateOf(agent)).not.toBe(agent.cookie('session')?.value);
    expect(agent.cookie('browser-state')).toMatchObject({ httpOnly: false, path: '/' });
  });

  test('has it in a fragment, too', async () => {
    const { page } = await authorize({ response_mode: 'fragment' });
    expect(new URLSearchParams(leftFor(page).hash.slice(1)).get('session_state')).toBeTruthy();
  });

  test('has it in a form, too', async () => {
    const { page } = await authorize({ response_mode: 'form_post' });
    expect(page.html).toMatch(/name="session_state" value="[\w-]{43}\.[\w-]+"/);
  });

  test('has another one each time, of the same state', async () => {
    const { agent, state } = await signedIn();
    const before = stateOf(agent);
    const { page } = await authorize({}, agent);
    const again = leftFor(page).searchParams.get('session_state') ?? '';
    expect(again).not.toBe(state);
    expect(again).toBe(expected(agent, again.split('.')[1] ?? ''));
    expect(stateOf(agent)).toBe(before);
  });

  test('has none for a client that does not sign anybody in', async () => {
    const { page } = await authorize({ scope: 'email' });
    expect(leftFor(page).searchParams.get('code')).toBeTruthy();
    expect(leftFor(page).searchParams.has('session_state')).toBe(false);
  });

  test('has none for an application without an origin', async () => {
    const uri = 'com.example.app:/callback';
    const native = await op.createClient({ type: 'native', redirect_uris: [uri] });
    const url = authorizeUrl(op, native, { redirect_uri: uri });
    const left = leftFor(await createAgent(op.issuer).authorize(url, account));
    expect(left.searchParams.get('code')).toBeTruthy();
    expect(left.searchParams.has('session_state')).toBe(false);
  });
});

describe('an error response', () => {
  const refused = async (fields: Record<string, string>, agent = createAgent(op.issuer)) => {
    const page = await agent.visit(authorizeUrl(op, client, { prompt: 'none', ...fields }));
    const left = leftFor(page);
    expect(left.origin + left.pathname).toBe('https://rp.example/callback');
    return new URLSearchParams(left.search || left.hash.slice(1));
  };
  const unsigned = (salt: string) =>
    `${hash('sha256', `${client.client_id} https://rp.example  ${salt}`, 'base64url')}.${salt}`;

  test.each(['query', 'fragment'])(
    'in the %s has the state of a browser where nobody is signed in, another each time',
    async (response_mode) => {
      const states = new Set<string>();
      for (const _ of [1, 2]) {
        const said = await refused({ response_mode });
        expect(said.get('error')).toBe('login_required');
        expect(said.get('state')).toBe('some-state');
        const state = said.get('session_state') ?? '';
        expect(state).toBe(unsigned(state.split('.')[1] ?? ''));
        states.add(state);
      }
      expect(states.size).toBe(2);
    },
  );

  test('has the state of who is signed in', async () => {
    const { agent } = await signedIn();
    const said = await refused({ code_challenge_method: 'plain' }, agent);
    expect(said.get('error')).toBe('invalid_request');
    const state = said.get('session_state') ?? '';
    expect(state).toBe(expected(agent, state.split('.')[1] ?? ''));
  });

  test('has none where no sign-in is asked for, signed or not', async () => {
    expect((await refused({ scope: 'email' })).has('session_state')).toBe(false);
    const signed = await refused({ scope: 'email', response_mode: 'jwt' });
    expect(decodeJwt(signed.get('response') ?? '')).not.toHaveProperty('session_state');
  });

  const modes = [
    'jwt',
    'fragment.jwt',
    'form_post',
    'form_post.jwt',
    'web_message',
    'web_message.jwt',
  ] as const;
  /** What a page of the server hands on: the members of its form, or of its message. */
  const handedOn = ({ html }: { html: string }): Record<string, string> => {
    const [, data] = /var data = (.+);/.exec(html) ?? [];
    if (data) return JSON.parse(data).response;
    const inputs = html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
    return Object.fromEntries([...inputs].map(([, name, value]) => [name, value]));
  };

  test.each(modes)('has it by %s, too', async (response_mode) => {
    const framing = await op.createClient({ response_modes: [...modes] });
    const url = authorizeUrl(op, framing, { prompt: 'none', response_mode });
    const page = await createAgent(op.issuer).visit(url);
    const told = page.left
      ? Object.fromEntries(new URLSearchParams(page.left.search || page.left.hash.slice(1)))
      : handedOn(page);
    const said = told.response === undefined ? told : decodeJwt(told.response);
    expect(said).toMatchObject({ error: 'login_required', state: 'some-state', iss: op.issuer });
    const [state = '', salt = ''] = String(said.session_state).split('.');
    expect(state).toBe(
      hash('sha256', `${framing.client_id} https://rp.example  ${salt}`, 'base64url'),
    );
  });

  test('keeps to the redirect URI as it was registered', async () => {
    const uri = 'https://rp.example/callback?a=b%20c&a=d';
    const other = await op.createClient({ redirect_uris: [uri] });
    const url = authorizeUrl(op, other, { redirect_uri: uri, prompt: 'none' });
    const left = leftFor(await createAgent(op.issuer).visit(url));
    expect(left.searchParams.getAll('a')).toEqual(['b c', 'd']);
    expect(left.searchParams.get('session_state')).toBeTruthy();
  });
});

describe('the state of the browser', () => {
  const logOut = async (agent: ReturnType<typeof createAgent>, answer: { logout?: string }) =>
    agent.submit(await agent.visit(`${op.issuer}/logout`), answer);

  test('ends with the session', async () => {
    const { agent } = await signedIn();
    await logOut(agent, { logout: 'yes' });
    expect(stateOf(agent)).toBeUndefined();
  });

  test('stays for who stays signed in', async () => {
    const { agent } = await signedIn();
    const before = stateOf(agent);
    await logOut(agent, {});
    expect(stateOf(agent)).toBe(before);
  });

  test('is another one after the next login', async () => {
    const { agent } = await signedIn();
    const before = stateOf(agent);
    await logOut(agent, { logout: 'yes' });
    await authorize({}, agent);
    expect(stateOf(agent)).toMatch(/^[\w-]{43}$/);
    expect(stateOf(agent)).not.toBe(before);
  });

  test('is forgotten when the session has gone elsewhere', async () => {
    const { agent } = await signedIn();
    agent.forget('session');
    const url = authorizeUrl(op, client, { prompt: 'none' });
    expect(leftFor(await agent.visit(url)).searchParams.get('error')).toBe('login_required');
    expect(stateOf(agent)).toBeUndefined();
  });
});

test('the page alone can be framed, and runs one script of ours', async () => {
  const { status, headers, body } = await op.get('/session/check');
  expect(status).toBe(200);
  expect(headers.get('x-frame-options')).toBeNull();
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *",
  );
  const [, src = ''] = /<script src="([^"]+)"/.exec(body) ?? [];
  const script = await op.get(src);
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(script.headers.get('cache-control')).toContain('immutable');
});

describeWithBrowser('in a real browser', () => {
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  let landing: Landing;
  let rp: TestClient;
  beforeAll(async () => {
    [browser, landing] = await Promise.all([launchBrowser(), startLanding()]);
    rp = await op.createClient({ redirect_uris: [landing.callback] });
  });
  afterAll(async () => {
    await browser?.close();
    await landing?.close();
  });

  /** A page of the relying party with the frame, and a function that asks it. */
  const watch = () =>
    landing.serve(
      '/watch',
      `<!doctype html><title>Watch</title><iframe src="${op.issuer}/session/check"></iframe><script>
        const frame = document.querySelector('iframe').contentWindow;
        const ask = (question) => new Promise((answer) => {
          addEventListener('message', ({ data, origin, source }) => {
            if (source === frame && origin === '${op.issuer}') answer(data);
          }, { once: true });
          setTimeout(answer, 1000, 'no answer');
          frame.postMessage(question, '${op.issuer}');
        });
        const heardBy = (src) => new Promise((answer) => {
          addEventListener('message', ({ data }) => answer(data), { once: true });
          setTimeout(answer, 1000, 'nothing');
          document.body.append(Object.assign(document.createElement('iframe'), { src }));
        });
      </script>`,
    );
  const ask = (page: Page, question: unknown) => page.evaluate(`ask(${JSON.stringify(question)})`);

  test('a relying party is told when the person signs out, and when another session begins', async () => {
    const { page, faults, close } = await openTab(browser, { javaScript: true });
    const signIn = async () => {
      await page.goto(authorizeUrl(op, rp, { redirect_uri: landing.callback }));
      if (await page.locator('#password').count()) {
        await page.fill('#email', account.email);
        await page.fill('#password', account.password);
        await page.click('button.primary');
      }
      await page.waitForURL(`${landing.callback}?**`);
      return new URL(page.url()).searchParams.get('session_state') ?? '';
    };
    const state = await signIn();
    const question = `${rp.client_id} ${state}`;
    await page.goto(watch());
    expect(await ask(page, question)).toBe('unchanged');
    expect(await ask(page, question)).toBe('unchanged');
    expect(await ask(page, `${client.client_id} ${state}`)).toBe('changed');
    for (const wrong of [
      '',
      'x',
      `${rp.client_id} x.y`,
      `${question} more`,
      { client_id: 'x' },
      7,
    ]) {
      expect(await ask(page, wrong)).toBe('error');
    }

    await page.goto(`${op.issuer}/logout`);
    await page.click('button[name=logout]');
    await page.waitForURL('**/logout/success');
    await page.goto(watch());
    expect(await ask(page, question)).toBe('changed');

    const next = await signIn();
    await page.goto(watch());
    expect(await ask(page, question)).toBe('changed');
    expect(await ask(page, `${rp.client_id} ${next}`)).toBe('unchanged');
    expect(faults).toEqual([]);
    await close();
  });

  test('who is not let at our cookies is told so, and not that something changed', async () => {
    const { page, close } = await openTab(browser, { javaScript: true });
    const site = landing.origin.replace('127.0.0.1', 'localhost');
    const question = `${rp.client_id} ${'x'.repeat(43)}.y`;
    await page.goto(watch().replace(landing.origin, site));
    expect(await ask(page, question)).toBe('error');
    await page.goto(watch());
    expect(await ask(page, question)).toBe('changed');
    await close();
  });

  test('an error by form or message still arrives, with a state that is asked about', async () => {
    const { page, faults, close } = await openTab(browser, { javaScript: true });
    const silent = await op.createClient({
      redirect_uris: [landing.callback],
      response_modes: ['form_post', 'web_message'],
    });
    const address = (response_mode: string) =>
      authorizeUrl(op, silent, { redirect_uri: landing.callback, prompt: 'none', response_mode });
    await page.goto(address('form_post'));
    await page.waitForURL(landing.callback);
    await page.goto(watch());
    const message = (await page.evaluate(`heardBy(${JSON.stringify(address('web_message'))})`)) as {
      response: Record<string, string>;
    };
    const states = [landing.arrived.at(-1)?.get('session_state'), message.response.session_state];
    for (const state of states) {
      expect(await ask(page, `${silent.client_id} ${state}`)).toBe('unchanged');
    }
    expect(faults.filter((fault) => /policy|script/i.test(fault))).toEqual([]);
    await close();
  });

  test('a page of another site beside it in a relying party’s page is not answered', async () => {
    const { page, close } = await openTab(browser, { javaScript: true });
    await page.goto(watch());
    landing.serve(
      '/asker',
      `<!doctype html><title>Asks</title><script>
        addEventListener('message', ({ data }) => parent.postMessage('heard ' + data, '*'));
        parent.frames[0].postMessage('a b.c', '*');
      </script>`,
    );
    const heardBy = (origin: string) => page.evaluate(`heardBy('${origin}/asker')`);
    expect(await heardBy(landing.origin)).toBe('heard error');
    expect(await heardBy(landing.origin.replace('127.0.0.1', 'localhost'))).toBe('nothing');
    await close();
  });
});
