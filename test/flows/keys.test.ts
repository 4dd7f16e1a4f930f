/** Signing keys in the course of time: published, active, retired, gone. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { compactVerify, createLocalJWKSet, decodeProtectedHeader } from 'jose';
import { keyAlgs, signingAlgs } from '../../src/clients/values.ts';
import { newId } from '../../src/lib/ids.ts';
import { createVault } from '../../src/lib/seal.ts';
import { createAgent } from '../support/agent.ts';
import { type Op, startOp, type TestClient } from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { temporaryFolder } from './child.ts';
import { pass } from './clock.ts';
import { postAs } from './requests.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const algs: readonly string[] = keyAlgs;
const signing: readonly string[] = signingAlgs;

let op: Op;
afterEach(async () => {
  jest.restoreAllMocks();
  await op?.close();
});

interface Key {
  kid: string;
  alg: string;
  state: string;
  created_at: number;
  active_at: number;
  retired_at?: number;
  gone_at?: number;
}

const keys = async (alg?: string): Promise<Key[]> => {
  const { status, body } = await op.admin('/keys');
  expect(status).toBe(200);
  return body.items.filter((key: Key) => alg === undefined || key.alg === alg);
};
const rotate = (body: object = {}) => op.admin('/keys/rotate', { method: 'POST', body });
const states = async (alg: string) => (await keys(alg)).map(({ state }) => state);

const jwks = async () => (await op.get('/jwks')).body;
const kids = async (alg: string): Promise<string[]> =>
  (await jwks()).keys
    .filter((key: { alg: string }) => key.alg === alg)
    .map(({ kid }: { kid: string }) => kid);

const verifies = async (token: string): Promise<boolean> =>
  compactVerify(token, createLocalJWKSet(await jwks())).then(
    () => true,
    () => false,
  );
const kidOf = (token: string) => decodeProtectedHeader(token).kid;

/** A client that gets access tokens as JWTs, signed with ES256. */
async function machine(): Promise<() => Promise<string>> {
  const client = await op.createClient({ type: 'server-to-server' });
  const { identifier } = await op.createResource({
    scopes: [{ name: 'read' }],
    access: [{ client_id: client.client_id, scopes: ['read'] }],
  });
  return async () => {
    const fields = { grant_type: 'client_credentials', resource: identifier, scope: 'read' };
    const { status, body } = await postAs(op, client, '/token', fields);
    expect(status).toBe(200);
    return body.access_token;
  };
}

async function until(expected: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 60; i += 1) {
    if (await expected()) return;
    await pause(100);
  }
  throw new Error('it did not become so');
}

describe('a rotation', () => {
  test('publishes a key at once, signs with it a day later, and keeps the old one while it is of use', async () => {
    op = await startOp({ ttl: { session: 10 * DAY } });
    const token = await machine();
    const [first] = await keys('ES256');
    expect(first).toMatchObject({ state: 'active', active_at: first?.created_at });
    const before = await token();

    const answer = await rotate({ alg: 'ES256' });
    expect(answer.status).toBe(200);
    const [old, next] = await keys('ES256');
    expect(answer.body.items).toEqual(await keys());
    expect(old).toMatchObject({ kid: first?.kid, state: 'active', retired_at: next?.active_at });
    expect(next).toMatchObject({ state: 'published' });
    expect((next?.active_at ?? 0) - (next?.created_at ?? 0)).toBeGreaterThanOrEqual(DAY);
    expect((old?.gone_at ?? 0) - (old?.retired_at ?? 0)).toBeGreaterThanOrEqual(10 * DAY);
    expect(await kids('ES256')).toEqual([old?.kid, next?.kid]);
    expect(kidOf(await token())).toBe(old?.kid);
    // Others stay as they are.
    expect(await states('RS256')).toEqual(['active']);

    pass(DAY - 10);
    expect(kidOf(await token())).toBe(old?.kid);
    jest.restoreAllMocks();
    pass(DAY + 2);
    expect(await states('ES256')).toEqual(['retired', 'active']);
    const after = await token();
    expect(kidOf(after)).toBe(next?.kid);
    expect([await verifies(before), await verifies(after)]).toEqual([true, true]);
    jest.restoreAllMocks();

    pass(11 * DAY - 10);
    expect(await kids('ES256')).toEqual([old?.kid, next?.kid]);
    expect(await verifies(before)).toBe(true);
    jest.restoreAllMocks();
    pass(11 * DAY + 70);
    expect(await kids('ES256')).toEqual([next?.kid]);
    expect(await states('ES256')).toEqual(['active']);
    expect([await verifies(before), await verifies(after)]).toEqual([false, true]);
  });

  test('is of all algorithms unless one is named, and of none whose next key waits already', async () => {
    op = await startOp();
    expect((await rotate({ alg: 'RS256' })).status).toBe(200);
    expect((await rotate()).status).toBe(200);
    for (const alg of algs) expect(await states(alg)).toEqual(['active', 'published']);
    for (const body of [{}, { alg: 'RS256' }]) {
      const refused = await rotate(body);
      expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
      expect(refused.body.detail).toContain('at_once');
    }
  });

  test('of any number at the same moment happens once', async () => {
    op = await startOp();
    const answers = await Promise.all(Array.from({ length: 5 }, () => rotate({ alg: 'ES256' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect(await states('ES256')).toEqual(['active', 'published']);
    expect((await op.admin('/audit?action=keys.rotate')).body.items).toHaveLength(1);
  });

  test('stops where the JWKS would become too large', async () => {
    op = await startOp({ keys: { publish_seconds: 3, rotate_days: 1 } });
    for (let i = 1; i < 25; i += 1) {
      expect((await rotate({ alg: 'Ed25519' })).status).toBe(200);
      jest.restoreAllMocks();
      pass(i * 10);
    }
    const refused = await rotate({ alg: 'Ed25519' });
    expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining('25')]);
    // The schedule cannot go on either, and says so.
    pass(DAY);
    await until(async () => op.logs.some(({ msg }) => msg === 'signing keys not tended'));
    expect(await states('Ed25519')).not.toContain('published');
    expect((await rotate({ alg: 'Ed25519', at_once: true })).status).toBe(200);
    expect(await states('Ed25519')).toEqual(['active']);
  });

  test('is told in the audit, without anything private', async () => {
    op = await startOp();
    const [first] = await keys('ES256');
    await rotate({ alg: 'ES256' });
    const next = (await keys('ES256'))[1];
    await rotate({ alg: 'ES256', at_once: true });
    const [last] = await keys('ES256');
    const { items } = (await op.admin('/audit?target=keys')).body;
    expect(items.map(({ action }: { action: string }) => action)).toEqual([
      'keys.replace',
      'keys.rotate',
    ]);
    expect(items[1].actor).toMatchObject({ via: 'api', client_id: op.adminClient.client_id });
    const { alg, active_at } = next as Key;
    expect(items[1].changes).toEqual([{ pointer: `/${next?.kid}`, after: { alg, active_at } }]);
    const pointers = items[0].changes.map(({ pointer }: { pointer: string }) => pointer);
    expect(pointers.sort()).toEqual([first, next, last].map((key) => `/${key?.kid}`).sort());
    expect(JSON.stringify(items)).not.toMatch(/"d":|"sealed":|"p":/);
  });
});

describe('a rotation at once', () => {
  test('removes every key of the algorithm, and nothing that they signed verifies', async () => {
    op = await startOp();
    const token = await machine();
    await rotate({ alg: 'ES256' });
    const before = [await token(), await kids('ES256')] as const;
    const others = await kids('RS256');
    const { status, body } = await rotate({ alg: 'ES256', at_once: true });
    expect(status).toBe(200);
    const [key] = body.items.filter(({ alg }: Key) => alg === 'ES256');
    expect(key.state).toBe('active');
    expect(before[1]).not.toContain(key.kid);
    expect(await kids('ES256')).toEqual([key.kid]);
    expect(await kids('RS256')).toEqual(others);
    const after = await token();
    expect(kidOf(after)).toBe(key.kid);
    expect([await verifies(before[0]), await verifies(after)]).toEqual([false, true]);
  });
});

describe('an ID token as hint', () => {
  /** Signs out with the hint; what comes back without a question that the client was believed. */
  async function signOut(client: TestClient, hint: string) {
    const rp = await createRp(op.issuer, client);
    return createAgent(op.issuer).visit(
      openid.buildEndSessionUrl(rp.config, {
        id_token_hint: hint,
        post_logout_redirect_uri: client.redirect_uris[0] ?? '',
      }),
    );
  }

  test.each(signing)(
    'is known while the key that signed it (%s) is not gone, and not after',
    async (alg) => {
      op = await startOp({ ttl: { session: 5 * DAY } });
      const client = await op.createClient({
        id_token_signed_response_alg: alg as 'ES256',
        post_logout_redirect_uris: ['https://rp.example/callback'],
      });
      const rp = await createRp(op.issuer, client);
      const { tokens } = await rp.signIn(await op.createAccount());
      const hint = tokens.id_token ?? '';
      expect(kidOf(hint)).toBe((await keys(alg))[0]?.kid);
      await rotate();
      for (const [days, status] of [
        [0, 200],
        [2, 200],
        [5, 200],
        [7, 400],
      ] as const) {
        jest.restoreAllMocks();
        pass(days * DAY);
        expect({ days, status: (await signOut(client, hint)).status }).toEqual({ days, status });
      }
    },
  );

  test('counts for nothing with a signature of another key than the one it names', async () => {
    op = await startOp();
    const client = await op.createClient({
      post_logout_redirect_uris: ['https://rp.example/callback'],
    });
    const { tokens } = await (await createRp(op.issuer, client)).signIn(await op.createAccount());
    const [header = '', payload, signature] = (tokens.id_token ?? '').split('.');
    const { alg } = decodeProtectedHeader(tokens.id_token ?? '');
    await rotate();
    const next = (await keys(alg))[1];
    const forged = (kid: unknown) =>
      `${Buffer.from(JSON.stringify({ alg, kid })).toString('base64url')}.${payload}.${signature}`;
    for (const kid of [next?.kid, 'unknown', 1, undefined]) {
      expect((await signOut(client, forged(kid))).status).toBe(400);
    }
    expect((await signOut(client, `${header}.${payload}.${signature}`)).status).toBe(200);
  });
});

describe('the schedule', () => {
  test('publishes the next keys in time and removes what is gone', async () => {
    op = await startOp({ keys: { rotate_days: 30, publish_seconds: 4 }, ttl: { session: DAY } });
    await pause(1500);
    for (const alg of algs) expect(await states(alg)).toEqual(['active']);
    pass(30 * DAY);
    await until(async () => (await keys()).length === 2 * algs.length);
    for (const alg of algs) expect((await keys(alg))[1]?.created_at).toBeGreaterThan(0);
    const { items } = (await op.admin('/audit?action=keys.rotate')).body;
    expect(items).toHaveLength(1);
    expect(items[0].actor).toEqual({ via: 'server' });

    const ring = async () =>
      (await op.store.collection<{ keys: Key[] }>({ name: 'signing_keys' }).get('ring'))?.value
        .keys;
    expect(await ring()).toHaveLength(2 * algs.length);
    jest.restoreAllMocks();
    pass(33 * DAY);
    await until(async () => (await ring())?.length === algs.length);
    for (const alg of algs) expect(await states(alg)).toEqual(['active']);
  });

  test('does nothing with rotate_days: 0', async () => {
    op = await startOp({ keys: { rotate_days: 0, publish_seconds: 3 } });
    pass(4000 * DAY);
    await pause(1600);
    for (const alg of algs) expect(await states(alg)).toEqual(['active']);
  });
});

describe('the JWKS', () => {
  test('may be kept for less long than a key is published before it signs', async () => {
    for (const [publish_seconds, age] of [
      [86_400, 300],
      [60, 20],
      [3, 1],
    ] as const) {
      op = await startOp({ keys: { publish_seconds } });
      for (let i = 0; i < 2; i += 1) {
        const { headers } = await op.get('/jwks');
        expect(headers.get('cache-control')).toBe(`public, max-age=${age}`);
        const etag = headers.get('etag') ?? '';
        const again = await op.get('/jwks', { 'if-none-match': etag });
        expect([again.status, again.headers.get('cache-control')]).toEqual([
          304,
          `public, max-age=${age}`,
        ]);
        await rotate({ alg: 'ES256' });
        // With a new key it is another document.
        if (i === 0) expect((await op.get('/jwks', { 'if-none-match': etag })).status).toBe(200);
      }
      await op.close();
    }
  });

  test('has public parts alone', async () => {
    op = await startOp();
    await rotate();
    const members = (await jwks()).keys.map((key: object) => Object.keys(key).sort().join(' '));
    expect([...new Set(members)].sort()).toEqual([
      'alg crv kid kty use x',
      'alg crv kid kty use x y',
      'alg e kid kty n use',
    ]);
  });
});

describe('the API', () => {
  test('takes nothing else than it says', async () => {
    op = await startOp();
    for (const body of [{ alg: 'HS256' }, { at_once: 'yes' }, { kid: 'x' }, []]) {
      const { status, body: problem } = await rotate(body);
      expect([status, problem.code]).toEqual([422, 'invalid']);
    }
    expect(await keys()).toHaveLength(algs.length);
  });

  test('rotates for who may write keys, and lists for who may read them', async () => {
    op = await startOp();
    const { client_id, client_secret } = op.adminClient;
    const call = async (scope: string, path: string, init?: { method: string; body: object }) => {
      const fields = {
        grant_type: 'client_credentials',
        resource: `${op.issuer}/api/v1`,
        scope,
      };
      const { body } = await op.post('/token', fields, { basic: [client_id, client_secret] });
      const headers = { authorization: `Bearer ${body.access_token}` };
      return (await op.admin(path, { ...init, headers })).status;
    };
    const init = { method: 'POST', body: {} };
    expect(await call('keys:read', '/keys/rotate', init)).toBe(403);
    expect(await call('keys:read', '/keys')).toBe(200);
    expect(await call('clients:write', '/keys')).toBe(403);
    expect(await call('keys:write', '/keys/rotate', init)).toBe(200);
  });
});

describe('at rest', () => {
  test('a store that is older than an algorithm gets the keys that it lacks, and keeps the others', async () => {
    const folder = temporaryFolder();
    const store = `sqlite:${join(folder.path, 'store.db')}`;
    const secrets = { secrets_key: newId(256) };
    try {
      op = await startOp(secrets, { store });
      const before = await keys();
      const collection = op.store.collection<{ keys: Key[] }>({ name: 'signing_keys' });
      const ring = await collection.get('ring');
      const old = ring?.value.keys.filter(({ alg }) => signing.includes(alg)) ?? [];
      await collection.update('ring', ring?.version ?? 0, { keys: old });
      await op.close();

      op = await startOp(secrets, { store });
      const after = await keys();
      expect(after.map(({ alg }) => alg).sort()).toEqual([...algs].sort());
      for (const alg of signing) {
        const [one, other] = [before, after].map((all) => all.find((key) => key.alg === alg));
        expect(other).toEqual(one);
      }
    } finally {
      await op.close();
      folder.remove();
    }
  });

  test('keys are sealed, each under its own name', async () => {
    op = await startOp();
    const collection = op.store.collection<{ keys: { kid: string; sealed: string }[] }>({
      name: 'signing_keys',
    });
    const stored = (await collection.get('ring'))?.value.keys ?? [];
    expect(stored).toHaveLength(algs.length);
    const vault = createVault(op.config.secrets_key ?? '');
    const [first] = stored;
    for (const { kid, sealed, ...rest } of stored) {
      expect(Object.keys(rest).sort()).toEqual(['alg', 'created']);
      expect(JSON.parse(vault.open(sealed, `signing_key:${kid}`))).toHaveProperty('d');
      if (kid === first?.kid) continue;
      expect(() => vault.open(sealed, `signing_key:${first?.kid}`)).toThrow();
    }
  });
});
