import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createAgent } from '../support/agent.ts';
import { CALLBACK } from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { freePort, serve, start, temporaryFolder } from './child.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const store = () => `sqlite:${join(folder.path, 'store.db')}`;
const password = 'correct horse battery';

test('a whole flow leaves no warning on the terminal, and only lines of JSON in the log', async () => {
  const served = await serve({ STORE_URL: store(), LOG_LEVEL: 'debug' });
  try {
    const client = await served.createClient({
      first_party: false,
      post_logout_redirect_uris: [CALLBACK],
    });
    const account = await served.createAccount({ password });
    const rp = await createRp(served.issuer, client);
    const { tokens, agent } = await rp.signIn(account, {
      scope: 'openid email offline_access',
      prompt: 'consent',
    });
    await rp.userInfo(tokens);
    const refreshed = await rp.refresh(tokens.refresh_token ?? '');
    await openid.tokenIntrospection(rp.config, refreshed.access_token);
    await openid.tokenRevocation(rp.config, refreshed.access_token);
    const out = await agent.visit(
      openid.buildEndSessionUrl(rp.config, {
        id_token_hint: tokens.id_token ?? '',
        post_logout_redirect_uri: CALLBACK,
      }),
    );
    expect((await agent.submit(out, { logout: 'yes' })).left).toBeDefined();
    await fetch(`${served.issuer}/authorize?client_id=nobody`);
  } finally {
    expect(await served.stop()).toBe(0);
  }
  expect(served.stderr()).toBe('');
  expect(served.stdout()).not.toMatch(/oidc-provider|WARNING|NOTICE|ExperimentalWarning/);
  const [lines, words] = [[] as string[], [] as string[]];
  for (const line of served.stdout().trim().split('\n'))
    (line.startsWith('{') ? lines : words).push(line);
  expect(words).toEqual([
    expect.stringMatching(/^The first administrator is /),
    `Clientele serves ${served.issuer} at ${served.issuer}`,
  ]);
  for (const line of lines) expect(JSON.parse(line)).toHaveProperty('level');
  expect(served.stdout()).not.toContain(password);
});

test('connections are kept longer than the balancers keep them that are in front of it', async () => {
  const served = await serve({ STORE_URL: store() });
  try {
    const { headers } = await fetch(`${served.issuer}/health/live`);
    const [, seconds] = /^timeout=(\d+)$/.exec(headers.get('keep-alive') ?? '') ?? [];
    expect(Number(seconds)).toBeGreaterThan(60);
  } finally {
    expect(await served.stop()).toBe(0);
  }
});

test('asked to end, it finishes what was begun, takes nothing new, and ends well', async () => {
  const config = join(folder.path, 'slow.yaml');
  // Slow enough for a login to be still running when the signal comes.
  writeFileSync(config, 'passwords: { memory_kib: 65536, iterations: 3 }\n');
  const served = await serve({ STORE_URL: store(), CONFIG_FILE: config });
  const client = await served.createClient();
  const account = await served.createAccount({ password });
  const rp = await createRp(served.issuer, client);
  const { url } = await rp.start();
  const forms = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const agent = createAgent(served.issuer);
      return { agent, form: (await agent.visit(url)).forms[0] };
    }),
  );
  const running = forms.map(({ agent, form }) =>
    agent.request(form?.action ?? '', {
      method: 'POST',
      body: new URLSearchParams([
        ...(form?.fields ?? []).filter(([name]) => name === 'csrf'),
        ['email', account.email],
        ['password', password],
      ]),
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 150));
  const asked = Date.now();
  served.child.kill('SIGTERM');
  // As soon as the signal has reached it, which takes a busy machine a moment; until then a
  // connection may be answered, or reset.
  const probe = () =>
    fetch(`${served.issuer}/health/live`, { headers: { connection: 'close' } }).then(
      () => 'answered',
      (error) => error.cause?.code,
    );
  while ((await probe()) !== 'ECONNREFUSED') {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(served.child.exitCode).toBeNull();

  const answers = await Promise.all(running);
  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(303));
  expect(await served.ended).toBe(0);
  expect(Date.now() - asked).toBeLessThan(10_000);
  expect(served.stderr()).toBe('');
});

describe('it does not start', () => {
  test('with a wrong configuration: every mistake is listed, and nothing is created', async () => {
    const { stderr, stdout, ended } = start({
      STORE_URL: `sqlite:${join(folder.path, 'deeper/store.db')}`,
      PORT: 'eighty',
      ISSUER: 'ftp://op.example/',
      LOG_LEVEL: 'loud',
      ADMIN_CLIENT_SECRET: 'short',
    });
    expect(await ended).toBe(1);
    for (const name of ['http.port', 'issuer', 'log_level', 'admin.client'])
      expect(stderr()).toContain(name);
    expect(stderr()).not.toContain('short\n');
    expect(stderr()).not.toMatch(/\n\s+at /);
    expect(stdout()).toBe('');
    expect(folder.files()).toEqual([]);
  });

  test('on a port that is taken: one sentence says so', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    try {
      const { stderr, ended } = start({ STORE_URL: store(), PORT: String(port) });
      expect(await ended).toBe(1);
      expect(stderr()).toMatch(
        /^Cannot listen on 127\.0\.0\.1:\d+: something else listens there – .*\n$/,
      );
    } finally {
      other.close();
    }
  });

  test('with a store that it cannot open: one sentence says so', async () => {
    const file = join(folder.path, 'store.db');
    writeFileSync(file, 'this is no database, and never was one');
    const { stderr, ended } = start({
      STORE_URL: `sqlite:${file}`,
      PORT: String(await freePort()),
    });
    expect(await ended).toBe(1);
    expect(stderr().trim().split('\n')).toHaveLength(1);
  });
});
