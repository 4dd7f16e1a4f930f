import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { newId } from '../../src/lib/ids.ts';
import { limitsCollection } from '../../src/store/limit.ts';
import type { Collection, Store } from '../../src/store/store.ts';
import { type Agent, createAgent } from '../support/agent.ts';
import {
  basicAuth,
  type Fields,
  formOf,
  type Op,
  startOp,
  type TestAccount,
  type TestClient,
} from '../support/op.ts';
import { pass } from './clock.ts';
import { authorizeUrl } from './requests.ts';

/** What the server asked the collection of limits for. */
const asked: string[] = [];
function through(store: Store): Store {
  const collection: Store['collection'] = <T>(spec: typeof limitsCollection) => {
    const inner = store.collection<T>(spec);
    if (spec.name !== limitsCollection.name) return inner;
    return new Proxy(inner, {
      get(target, property: keyof Collection<T>) {
        asked.push(property);
        return target[property];
      },
    });
  };
  return { ...store, collection };
}

const limits = {
  login: {
    account_ip: { max: 3, per: 60 },
    account: { max: 5, per: 60 },
    ip: { max: 7, per: 300 },
  },
  client: { client_ip: { max: 3, per: 60 }, ip: { max: 5, per: 300 } },
};

let op: Op;
let client: TestClient;
beforeAll(async () => {
  op = await startOp({ limits }, { through });
  client = await op.createClient();
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => op?.close());

let hosts = 1;
/** An address of loopback that no other test comes from. */
const freshAddress = () => `127.0.7.${++hosts}`;

interface Reply {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Posts a form from an address. */
async function postFrom(
  localAddress: string,
  url: string,
  fields: Fields,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const sent = request(url, {
    method: 'POST',
    localAddress,
    agent: false,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
  sent.end(formOf(fields).toString());
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await text(response),
  };
}

interface Attempt {
  email: string;
  password: string;
  from: string;
  headers?: Record<string, string>;
  agent?: Agent;
  at?: Op;
}

/** One attempt to sign in, in a browser of its own unless one is given. */
async function signIn({ email, password, from, headers, agent, at = op }: Attempt): Promise<Reply> {
  const browser = agent ?? createAgent(at.issuer);
  const page = await browser.visit(authorizeUrl(at, client, { prompt: 'login' }));
  const form = page.forms[0];
  if (!form) throw new Error(`no form at ${page.url}`);
  const sent = browser
    .cookies()
    .filter(({ path }) => new URL(form.action).pathname.startsWith(path))
    .map(({ name, value }) => `${name}=${value}`);
  return postFrom(
    from,
    form.action,
    { ...Object.fromEntries(form.fields), email, password },
    { ...headers, cookie: sent.join('; ') },
  );
}

const wrong = 'a wrong password';
const statuses = async (attempts: readonly Attempt[]) => {
  const seen: number[] = [];
  for (const attempt of attempts) seen.push((await signIn(attempt)).status);
  return seen;
};
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const anAccount = (email = `${newId()}@example.com`) => op.createAccount({ email });
const failing = (email: string, from: string): Attempt => ({ email, password: wrong, from });
const right = (account: TestAccount, from: string): Attempt => ({
  email: account.email,
  password: account.password,
  from,
});

describe('signing in', () => {
  test('is refused after too many failures, even with the right password, and says how long', async () => {
    const [account, from] = [await anAccount(), freshAddress()];
    expect(await statuses(times(3, () => failing(account.email, from)))).toEqual([422, 422, 422]);
    const page = await signIn({
      ...right(account, from),
      headers: { 'accept-language': 'de' },
    });
    expect(page.status).toBe(429);
    const seconds = Number(page.headers['retry-after']);
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(page.body).toContain('Es gab zu viele Anmeldeversuche.');
    expect(page.body).not.toContain(account.password);
    const line = op.logs.findLast(({ msg }) => msg === 'login.limited');
    expect(line).toMatchObject({ id: page.headers['x-correlation-id'], ip: from });
    expect(JSON.stringify(line)).not.toContain(account.email);

    pass(30);
    const later = await signIn(failing(account.email, from));
    expect([later.status, Number(later.headers['retry-after']) <= 30]).toEqual([429, true]);
    pass(seconds - 30);
    expect((await signIn(right(account, from))).status).toBe(303);
  });

  test('is limited for an account that does not exist as for one that does', async () => {
    const [account, nobody] = [await anAccount(), `${newId()}@example.com`];
    const [here, there] = [freshAddress(), freshAddress()];
    const attempts = times(4, () => [failing(account.email, here), failing(nobody, there)]).flat();
    expect(await statuses(attempts)).toEqual([422, 422, 422, 422, 422, 422, 429, 429]);
  });

  test('does not start anew with another spelling of the e-mail', async () => {
    const name = newId();
    const [account, from] = [await anAccount(`${name}@example.com`), freshAddress()];
    const spellings = [
      `${name.toUpperCase()}@EXAMPLE.com`,
      `  ${name}@example.com `,
      `${name}@ｅｘａｍｐｌｅ.com`,
    ];
    expect(await statuses(spellings.map((email) => failing(email, from)))).toEqual([422, 422, 422]);
    expect((await signIn(right(account, from))).status).toBe(429);
  });

  test('does not start anew with another client, another browser or X-Forwarded-For', async () => {
    const [account, from] = [await anAccount(), freshAddress()];
    const forged = times(4, (i) => ({
      ...failing(account.email, from),
      headers: { 'x-forwarded-for': `203.0.113.${i}`, forwarded: `for=203.0.113.${i}` },
    }));
    expect(await statuses(forged)).toEqual([422, 422, 422, 429]);
    const other = await op.createClient();
    const agent = createAgent(op.issuer);
    const page = await agent.visit(authorizeUrl(op, other));
    const cookie = agent.cookies().map(({ name, value }) => `${name}=${value}`);
    const answer = await postFrom(
      from,
      page.forms[0]?.action ?? '',
      {
        ...Object.fromEntries(page.forms[0]?.fields ?? []),
        email: account.email,
        password: account.password,
      },
      { cookie: cookie.join('; ') },
    );
    expect(answer.status).toBe(429);
  });

  test('leaves a person at another address alone', async () => {
    const [account, attacker] = [await anAccount(), freshAddress()];
    await statuses(times(6, () => failing(account.email, attacker)));
    expect((await signIn(right(account, freshAddress()))).status).toBe(303);
  });

  test('forgets failures after a success', async () => {
    const [account, from] = [await anAccount(), freshAddress()];
    const twice = times(2, () => failing(account.email, from));
    for (let round = 0; round < 3; round += 1) {
      // The address has a limit of its own, which a success does not reset.
      if (round === 2) pass(301);
      expect(await statuses([...twice, right(account, from)])).toEqual([422, 422, 303]);
    }
  });

  test('of many at once verifies no more than of many one after another', async () => {
    const [account, from] = [await anAccount(), freshAddress()];
    const seen = await Promise.all(times(20, () => signIn(failing(account.email, from))));
    const verified = seen.filter(({ status }) => status === 422);
    expect(verified).toHaveLength(3);
    expect(seen.filter(({ status }) => status === 429)).toHaveLength(17);
  });

  test('from one address is limited over all accounts', async () => {
    const from = freshAddress();
    const many = times(8, () => failing(`${newId()}@example.com`, from));
    expect(await statuses(many)).toEqual([...Array(7).fill(422), 429]);
  });

  test('to one account is limited over all addresses, but not in a browser that it knows', async () => {
    const account = await anAccount();
    const home = createAgent(op.issuer);
    const welcome = await home.login(authorizeUrl(op, client), account);
    expect(welcome.left?.searchParams.get('code')).toBeTruthy();

    await statuses(times(5, () => failing(account.email, freshAddress())));
    expect((await signIn(right(account, freshAddress()))).status).toBe(429);
    const known = home.cookie('known-device');
    expect(known).toMatchObject({ path: '/interaction', httpOnly: true, sameSite: 'lax' });
    expect((await signIn({ ...right(account, freshAddress()), agent: home })).status).toBe(303);

    // It knows this account and no other, and cannot be made up.
    const other = await anAccount();
    await statuses(times(5, () => failing(other.email, freshAddress())));
    expect((await signIn({ ...right(other, freshAddress()), agent: home })).status).toBe(429);
    const forger = createAgent(op.issuer);
    forger.plant({ ...known!, value: `forged.${known?.value.split('.')[1]}` });
    expect((await signIn({ ...right(account, freshAddress()), agent: forger })).status).toBe(429);
  });

  test('in a browser that it knows has its own limit', async () => {
    const account = await anAccount();
    const home = createAgent(op.issuer);
    await home.login(authorizeUrl(op, client), account);
    const attempts = times(6, () => ({
      ...failing(account.email, freshAddress()),
      agent: home,
    }));
    expect(await statuses(attempts)).toEqual([422, 422, 422, 422, 422, 429]);
  });

  test('that succeeds asks the store nothing about limits', async () => {
    // An address that is not verified would get an e-mail, and those are limited.
    const account = await op.createAccount({ email_verified: true });
    const from = freshAddress();
    asked.length = 0;
    expect((await signIn(right(account, from))).status).toBe(303);
    expect(asked).toEqual([]);
    await signIn(failing(account.email, from));
    expect(asked).toContain('insert');
  });
});

describe('authenticating a client', () => {
  const confidential = async () => {
    const { client_id, client_secret = '' } = await op.createClient({
      token_endpoint_auth_method: 'client_secret_post',
    });
    return { client_id, client_secret };
  };
  const present = (path: string, from: string, fields: Fields, headers?: Record<string, string>) =>
    postFrom(from, op.issuer + path, fields, headers);
  const code = (reply: Reply) => [reply.status, JSON.parse(reply.body || '{}').error];

  // The engine takes its paths in capitals and with a slash at the end, too.
  test.each(['/token', '/par', '/introspect', '/revoke', '/TOKEN', '/revoke/'])(
    'at %s is refused after too many failures, and says how long',
    async (path) => {
      const [it, from] = [await confidential(), freshAddress()];
      const rest = { grant_type: 'refresh_token', refresh_token: 'x', token: 'x' };
      for (let i = 0; i < 3; i += 1) {
        const refused = await present(path, from, { ...it, client_secret: wrong, ...rest });
        expect(code(refused)).toEqual([401, 'invalid_client']);
      }
      const limited = await present(path, from, { ...it, ...rest });
      expect(code(limited)).toEqual([429, 'temporarily_unavailable']);
      const seconds = Number(limited.headers['retry-after']);
      expect(seconds).toBeGreaterThan(50);
      expect(seconds).toBeLessThanOrEqual(60);
      expect(limited.headers['content-type']).toContain('application/json');
      pass(seconds);
      expect((await present(path, from, { ...it, ...rest })).status).not.toBe(429);
    },
  );

  test('shares its limit between endpoints and ways to present itself', async () => {
    const [it, from] = [await confidential(), freshAddress()];
    const basic = { authorization: basicAuth(it.client_id, wrong) };
    const fields = { grant_type: 'refresh_token', refresh_token: 'x', token: 'x' };
    await present('/token', from, fields, basic);
    await present('/revoke', from, { ...it, client_secret: wrong, ...fields });
    const claims = Buffer.from(JSON.stringify({ sub: it.client_id })).toString('base64url');
    await present('/introspect', from, {
      ...fields,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${claims}.eA`,
    });
    expect((await present('/par', from, { ...it })).status).toBe(429);
  });

  test('at another address goes on while a stranger sends wrong secrets', async () => {
    const [it, attacker] = [await confidential(), freshAddress()];
    const wrongly = { ...it, client_secret: wrong, token: 'x' };
    for (let i = 0; i < 8; i += 1) await present('/revoke', attacker, wrongly);
    expect((await present('/revoke', attacker, { ...it, token: 'x' })).status).toBe(429);
    const from = freshAddress();
    expect((await present('/revoke', from, { ...it, token: 'x' })).status).toBe(200);
    // Refused attempts count for nothing, so a neighbour of the stranger goes on too.
    const neighbour = await confidential();
    expect((await present('/revoke', attacker, { ...neighbour, token: 'x' })).status).toBe(200);
  });

  test('from one address is limited over all clients, known or not', async () => {
    const from = freshAddress();
    const seen: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      const fields = { client_id: newId(), client_secret: wrong, token: 'x' };
      seen.push((await present('/introspect', from, fields)).status);
    }
    expect(seen).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test('does not count what is wrong with the rest of the request', async () => {
    const [it, from] = [await confidential(), freshAddress()];
    const fields = { ...it, grant_type: 'refresh_token', refresh_token: 'unknown' };
    for (let i = 0; i < 8; i += 1)
      expect(code(await present('/token', from, fields))).toEqual([400, 'invalid_grant']);
  });

  test('with success asks the store nothing about limits', async () => {
    const it = await confidential();
    asked.length = 0;
    for (let i = 0; i < 5; i += 1)
      expect((await op.post('/revoke', { ...it, token: 'x' })).status).toBe(200);
    expect(asked).toEqual([]);
  });
});

describe('where the limit is kept', () => {
  test('is the store: servers that share one share the limits', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clientele-'));
    const store = `sqlite:${join(folder, 'shared.db')}`;
    const shared = { limits, secrets_key: newId(256), admin: { client_secret: newId(256) } };
    const one = await startOp(shared, { store });
    const two = await startOp(shared, { store });
    try {
      const { client_id } = await one.createClient({ client_id: client.client_id });
      expect(client_id).toBe(client.client_id);
      const account = await one.createAccount();
      const from = freshAddress();
      await signIn({ ...failing(account.email, from), at: one });
      await signIn({ ...failing(account.email, from), at: two });
      const last = await signIn({ ...failing(account.email, from), at: one });
      expect(last.status).toBe(422);
      await pause(two.store.staleness + 150);
      expect((await signIn({ ...right(account, from), at: two })).status).toBe(429);
      expect((await signIn({ ...right(account, from), at: one })).status).toBe(429);
    } finally {
      await Promise.all([one.close(), two.close()]);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('behind a proxy', () => {
  let behind: Op;
  beforeAll(async () => {
    behind = await startOp({ limits, http: { trust_proxy: true } });
    await behind.createClient({ client_id: client.client_id });
  });
  afterAll(() => behind?.close());

  const seenFrom = async (addresses: readonly string[]) => {
    const account = await behind.createAccount();
    return statuses(
      addresses.map((address) => ({
        ...failing(account.email, freshAddress()),
        headers: { 'x-forwarded-for': address },
        at: behind,
      })),
    );
  };

  test('the address is the one that the proxy tells', async () => {
    const same = times(4, () => '198.51.100.7');
    expect(await seenFrom(same)).toEqual([422, 422, 422, 429]);
    expect(await seenFrom(times(4, (i) => `198.51.100.${20 + i}`))).toEqual([422, 422, 422, 422]);
  });

  test('what a visitor wrote into the header before the proxy did counts for nothing', async () => {
    const forged = times(4, (i) => `203.0.113.${i}, 198.51.100.8`);
    expect(await seenFrom(forged)).toEqual([422, 422, 422, 429]);
  });

  test('all addresses of an IPv6 network of 64 bits are one', async () => {
    const near = ['2001:db8:1:2::1', '2001:DB8:1:2:ffff::2', '2001:db8:1:2:3:4:5:6'];
    expect(await seenFrom([...near, '2001:db8:1:2::9'])).toEqual([422, 422, 422, 429]);
    expect(await seenFrom([...near, '2001:db8:1:3::1'])).toEqual([422, 422, 422, 422]);
  });
});
