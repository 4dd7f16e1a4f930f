/** Pages that change something do it for their own browser alone. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizeUrl } from '../flows/requests.ts';
import { type Agent, createAgent, isConsent, isLogin, type Page } from '../support/agent.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';

let op: Op;
let client: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp({ accounts: { sign_up: 'on' } });
  client = await op.createClient({
    first_party: false,
    grant_types: [
      'authorization_code',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:device_code',
    ],
  });
  account = await op.createAccount();
});
afterAll(() => op?.close());

/** Every form of the server, as one browser is shown it. */
const forms: Readonly<Record<string, (agent: Agent) => Promise<Page>>> = {
  login: (agent) => agent.visit(authorizeUrl(op, client)),
  consent: async (agent) => agent.login(authorizeUrl(op, client, { prompt: 'consent' }), account),
  logout: async (agent) => {
    await agent.login(authorizeUrl(op, client), account);
    return agent.visit(`${op.issuer}/logout`);
  },
  device: (agent) => agent.visit(`${op.issuer}/device`),
  'forgotten password': (agent) => agent.visit(`${op.issuer}/account/forgot`),
  'an account': (agent) => agent.visit(authorizeUrl(op, client, { prompt: 'create' })),
};

/** The field that proves where a form comes from. */
const proof = (page: Page): [name: string, value: string] => {
  const found = page.forms[0]?.fields.find(([name]) => /csrf|xsrf/i.test(name));
  if (!found) throw new Error(`no token in the form at ${page.url}`);
  return found;
};

const typed = {
  name: 'X',
  email: 'x@example.com',
  password: 'x',
  decision: 'allow',
  logout: 'yes',
  user_code: 'AAAA-AAAA',
};

describe.each(Object.entries(forms))('abuse case 17: the form for %s', (_, shown) => {
  const post = async (
    change: (page: Page, foreign: Page) => Record<string, string | undefined>,
  ) => {
    const [agent, stranger] = [createAgent(op.issuer), createAgent(op.issuer)];
    const [page, foreign] = [await shown(agent), await shown(stranger)];
    const cookies = agent.cookies().map(({ name, value }) => `${name}=${value}`);
    const answer = await agent.submit(page, { ...typed, ...change(page, foreign) });
    const after = agent.cookies().map(({ name, value }) => `${name}=${value}`);
    return {
      answer,
      signedInAnew: after.filter((one) => /^session=/.test(one) && !cookies.includes(one)),
    };
  };

  test.each([
    ['no token', (page: Page) => ({ [proof(page)[0]]: undefined })],
    ['an empty token', (page: Page) => ({ [proof(page)[0]]: '' })],
    ['a made-up token', (page: Page) => ({ [proof(page)[0]]: 'x'.repeat(43) })],
    [
      'a stranger’s token',
      (page: Page, foreign: Page) => ({ [proof(page)[0]]: proof(foreign)[1] }),
    ],
  ])('does nothing with %s', async (_what, change) => {
    const { answer, signedInAnew } = await post(change);
    expect(answer.left).toBeUndefined();
    expect(signedInAnew).toEqual([]);
    expect([200, 400, 403]).toContain(answer.status);
    if (answer.status === 200) expect(isLogin(answer) || isConsent(answer)).toBe(false);
  });

  test('cannot be framed, is not stored and says so', async () => {
    const { headers } = await shown(createAgent(op.issuer));
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cache-control')).toContain('no-store');
  });
});

test('abuse case 25: with https every cookie is Secure, HttpOnly, SameSite and bound by its name', async () => {
  const secure = await startOp({ issuer: 'https://op.example' });
  try {
    const base = `http://127.0.0.1:${secure.config.http.port}`;
    const { body } = await fetch(`${base}/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${secure.adminClient.client_id}:${secure.adminClient.client_secret}`)}`,
      },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: 'https://op.example/api/v1',
        scope: 'clients:write',
      }),
    }).then(async (answer) => ({ body: (await answer.json()) as { access_token: string } }));
    const made = await fetch(`${base}/api/v1/clients`, {
      method: 'POST',
      headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['https://rp.example/callback'] }),
    });
    const registered = (await made.json()) as { client_id: string };
    const where = new URL(authorizeUrl(secure, registered));
    const lines: string[] = [];
    for (const path of [where.pathname + where.search, '/account/forgot', '/logout', '/device']) {
      const answer = await fetch(base + path, {
        redirect: 'manual',
        headers: { accept: 'text/html' },
      });
      lines.push(...answer.headers.getSetCookie());
    }
    expect(lines.length).toBeGreaterThanOrEqual(3);
    for (const line of lines) {
      expect(line).toMatch(/^__(Host|Secure)-/);
      expect(line).toMatch(/; secure/i);
      expect(line).toMatch(/; httponly/i);
      expect(line).toMatch(/; samesite=(lax|strict)/i);
      expect(line).not.toMatch(/; domain=/i);
      if (line.startsWith('__Host-')) expect(line).toMatch(/; path=\/(;|$)/i);
    }
  } finally {
    await secure.close();
  }
});
