/** Signing keys across processes: rotated under load, by the API and by the command. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { keyAlgs } from '../../src/clients/values.ts';
import { newId } from '../../src/lib/ids.ts';
import { runCommand } from '../support/command.ts';
import { NO_MONGO, startMongo } from '../support/mongo.ts';
import { createRp } from '../support/rp.ts';
import { freePort, type Served, serve, temporaryFolder } from './child.ts';

const algs = ['Ed25519', 'ES256', 'PS256', 'RS256'];
const ROTATIONS = 10;

const mongo = await startMongo();
afterAll(() => mongo?.stop());
if (!mongo) test.skip(NO_MONGO, () => {});
/** Each with its address; without one it is a file of the test's. */
const stores: [store: string, url: string | undefined][] = [
  ['SQLite', undefined],
  ...(mongo ? [['MongoDB', mongo.url] as [string, string]] : []),
];

let folder: ReturnType<typeof temporaryFolder>;
let env: Record<string, string>;
beforeEach(() => {
  folder = temporaryFolder();
  const config = join(folder.path, 'config.yaml');
  writeFileSync(config, 'keys:\n  publish_seconds: 3\n');
  env = {
    CONFIG_FILE: config,
    STORE_URL: `sqlite:${join(folder.path, 'store.db')}`,
    SECRETS_KEY: newId(256),
    LOG_LEVEL: 'error',
  };
});
afterEach(() => folder.remove());

interface Key {
  kid: string;
  alg: string;
  state: string;
}

/**
 * Verifies as a relying party does that reads the JWKS as seldom as it may: when its copy is as old as
 * Cache-Control allows, and not because it does not know a key.
 */
async function createVerifier({ address, issuer }: { address: string; issuer: string }) {
  const url = new URL(`${address}/jwks`);
  const control = (await fetch(url)).headers.get('cache-control') ?? '';
  const age = Number(/max-age=(\d+)/.exec(control)?.[1]);
  expect(age).toBeGreaterThan(0);
  const options = { cacheMaxAge: age * 1000, cooldownDuration: Number.POSITIVE_INFINITY };
  const jwks = createRemoteJWKSet(url, options);
  return async (token: string) => {
    await jwtVerify(token, jwks, { issuer });
  };
}

const title =
  'ten rotations while flows run in two processes on %s: every token verifies at every moment';
test.each(stores)(
  title,
  async (_, url) => {
    if (url !== undefined) env.STORE_URL = url;
    const first = await serve(env);
    const { issuer } = first;
    // The second one gives the administration client another secret.
    await first.admin('/keys');
    const second = await serve({ ...env, ISSUER: issuer }).catch(async (error) => {
      await first.stop();
      throw error;
    });
    let running = true;
    const flows: Promise<void>[] = [];
    try {
      const secondAddress = /at (http:\S+)/.exec(second.stdout())?.[1] ?? '';
      const places = [
        { post: first.post, address: issuer, issuer },
        { post: second.post, address: secondAddress, issuer },
      ] as const;
      const verifiers = await Promise.all(places.map(createVerifier));
      const tokens: string[] = [];
      const used = { [issuer]: new Set<string>(), [secondAddress]: new Set<string>() };
      const check = async (address: string, ...made: unknown[]) => {
        for (const token of made as string[]) {
          for (const verify of verifiers) await verify(token);
          used[address]?.add(decodeProtectedHeader(token).kid ?? '');
          tokens.push(token);
        }
      };

      const account = await first.createAccount({ password: 'correct horse battery' });
      const { identifier } = await first.createResource({
        scopes: [{ name: 'read' }],
        access: [{ client_id: '*', scopes: ['read'] }],
      });
      const signIn = async (alg: string) => {
        const client = await first.createClient({
          id_token_signed_response_alg: alg as 'ES256',
          grant_types: ['authorization_code', 'refresh_token'],
        });
        const { client_id, client_secret = '' } = client;
        const rp = await createRp(issuer, client);
        const scope = 'openid offline_access read';
        const parameters = { scope, resource: identifier, prompt: 'consent' };
        return { rp, parameters, basic: [client_id, client_secret] as const };
      };

      /** Whole sign-ins at the first process, whose tokens are refreshed at both. */
      const flow = async (alg: string) => {
        const { rp, parameters, basic } = await signIn(alg);
        while (running) {
          const signedIn = await rp.signIn(account, parameters);
          await check(issuer, signedIn.tokens.access_token, signedIn.tokens.id_token);
          let refresh_token = signedIn.tokens.refresh_token ?? '';
          for (let i = 0; i < 20 && running; i += 1) {
            const { post, address } = places[i % 2 === 0 ? 1 : 0];
            const fields = { grant_type: 'refresh_token', refresh_token, resource: identifier };
            const { status, body } = await post('/token', fields, { basic });
            expect({ status, error: body.error }).toEqual({ status: 200, error: undefined });
            await check(address, body.access_token, body.id_token);
            refresh_token = body.refresh_token;
            await pause(20);
          }
        }
      };
      flows.push(...algs.map(flow));
      const failed = Promise.all(flows).then(() => {
        throw new Error('the flows ended too early');
      });

      /** Retired, or active and used in both processes, if it signs. */
      const isUsedUp = ({ kid, alg, state }: Key) =>
        state === 'retired' ||
        (state === 'active' &&
          (!algs.includes(alg) || Object.values(used).every((kids) => kids.has(kid))));

      const settle = async () => {
        let items: Key[];
        do {
          await pause(200);
          items = (await first.admin('/keys')).body.items;
        } while (running && !items.every(isUsedUp));
      };

      const rotated = async () => {
        await settle();
        for (let i = 0; i < ROTATIONS && running; i += 1) {
          const { status, body } = await first.admin('/keys/rotate', { method: 'POST', body: {} });
          expect(status).toBe(200);
          expect(body.items).toHaveLength(keyAlgs.length * (i + 2));
          await settle();
        }
      };
      await Promise.race([rotated(), failed]);
      running = false;
      failed.catch(() => {});
      await Promise.all(flows);

      const kids = (await first.admin('/keys')).body.items
        .filter(({ alg }: Key) => algs.includes(alg))
        .map(({ kid }: Key) => kid);
      expect(kids).toHaveLength(algs.length * (ROTATIONS + 1));
      // All keys signed, in both processes, and everything that they signed verifies still.
      for (const place of Object.values(used)) expect([...place].sort()).toEqual([...kids].sort());
      for (const verify of verifiers) for (const token of tokens) await verify(token);
      expect(tokens.length).toBeGreaterThan(500);
    } finally {
      running = false;
      await Promise.allSettled(flows);
      await Promise.all([first.stop(), second.stop()]);
    }
    expect(first.stderr() + second.stderr()).toBe('');
  },
  240_000,
);

test('the command rotates under a running server, and seals with the newest key of SECRETS_KEY', async () => {
  // Longer than all the commands take, on any machine.
  writeFileSync(env.CONFIG_FILE ?? '', 'keys:\n  publish_seconds: 600\n');
  const served = await serve(env);
  const run = (args: string[], more: Record<string, string> = {}) =>
    runCommand(args, { ...env, ISSUER: served.issuer, ...more });
  const newest = newId(256);
  try {
    const listed = await run(['keys', 'list']);
    expect(listed).toMatchObject({ status: 0, stderr: '' });
    expect(listed.stdout.trim().split('\n')).toHaveLength(keyAlgs.length);
    expect(listed.stdout).toMatch(/^ES256 +active +[\w-]{43} {2}signs from \S+Z$/m);

    const both = { SECRETS_KEY: `${newest},${env.SECRETS_KEY}` };
    const rotated = await run(['keys', 'rotate', 'ES256', '--at-once'], both);
    expect(rotated).toMatchObject({ status: 0, stderr: '' });
    expect(rotated.stdout.trim().split('\n')).toHaveLength(keyAlgs.length);
    // Everything is sealed with the new key now, not only what is new.
    expect((await run(['keys', 'list'], { SECRETS_KEY: newest })).stdout).toBe(rotated.stdout);
    expect((await run(['keys', 'list'])).stderr).toMatch(/^SECRETS_KEY does not open this store: /);

    // A process that cannot open the new key says so, and goes on with those that it knows.
    for (let i = 0; i < 40 && !served.stdout().includes('not read anew'); i += 1) await pause(50);
    expect(served.stdout()).toContain('signing keys not read anew');
    expect((await served.get('/jwks')).body.keys).toHaveLength(keyAlgs.length);
    expect((await served.admin('/clients')).status).toBe(200);

    const next = await run(['keys', 'rotate'], both);
    expect(next.stdout.match(/published/g)).toHaveLength(keyAlgs.length);
    const refused = await run(['keys', 'rotate'], both);
    expect(refused).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^The next key is published already/),
    });
    for (const wrong of [['HS256'], ['ES256', 'RS256'], ['--force']]) {
      const { status, stderr } = await run(['keys', 'rotate', ...wrong], both);
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringMatching(/^keys rotate \[/),
      });
    }
  } finally {
    await served.stop();
  }
}, 60_000);

test('a store whose secrets were all sealed anew starts with the newest key of SECRETS_KEY alone', async () => {
  const newest = newId(256);
  const PORT = String(await freePort());
  const old = { ...env, PORT };
  const both = { ...old, SECRETS_KEY: `${newest},${env.SECRETS_KEY}` };
  const alone = { ...old, SECRETS_KEY: newest };
  const reseal = (all: Record<string, string>) =>
    runCommand(['keys', 'reseal'], { ...all, ISSUER: `http://127.0.0.1:${PORT}` });
  async function during<T>(all: Record<string, string>, use: (served: Served) => Promise<T>) {
    const served = await serve(all);
    return use(served).finally(served.stop);
  }
  const made = await during(old, async (served) => ({
    // The server must know this secret, and the person's name is made with another one.
    client: await served.createClient({
      token_endpoint_auth_method: 'client_secret_jwt',
      subject_type: 'pairwise',
    }),
    account: await served.createAccount(),
  }));
  const signIn = async ({ issuer }: Served) => {
    const rp = await createRp(issuer, made.client);
    return (await rp.signIn(made.account)).claims.sub;
  };
  const sub = await during(old, signIn);

  const wrong = await reseal(alone);
  expect(wrong).toMatchObject({ status: 1, stdout: '' });
  expect(wrong.stderr).toMatch(/^SECRETS_KEY does not open this store: /);
  await during(both, async (served) => {
    expect(await reseal(both)).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(/^[1-9]\d* documents sealed anew[\s\S]* \d+ days after/),
    });
    expect((await reseal(both)).stdout).toMatch(/^0 documents/);
    expect(await signIn(served)).toBe(sub);
  });
  await during(alone, async (served) => expect(await signIn(served)).toBe(sub));
}, 120_000);
