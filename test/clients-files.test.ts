import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { run } from '../src/commands.ts';
import { newId } from '../src/lib/ids.ts';
import type { Shell } from '../src/shell.ts';
import { type Ran, runCommand } from './support/command.ts';
import { type Op, startOp } from './support/op.ts';

const folder = mkdtempSync(join(tmpdir(), 'clientele-files-'));
const given = process.env.TEST_STORE ?? '';
const STORE_URL = given.startsWith('mongodb') ? given : `sqlite:${join(folder, 'store.db')}`;
const path = join(folder, 'clients.yaml');

let op: Op;
beforeAll(async () => {
  op = await startOp({ registration: { mode: 'open' } }, { store: STORE_URL });
});
afterAll(async () => {
  await op.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What every run in this file has said. */
let said = '';
const ofServer = () => ({
  STORE_URL,
  ISSUER: op.issuer,
  SECRETS_KEY: op.config.secrets_key as string,
});
const clients = async (args: string[], env: Record<string, string> = {}, input = '') => {
  const ran = await runCommand(['clients', ...args], { ...ofServer(), ...env }, input);
  said += ran.stdout + ran.stderr;
  return ran;
};
const apply = (...more: string[]) => clients(['apply', path, '--yes', ...more]);
const diff = (...more: string[]) => clients(['diff', path, ...more]);
const write = (text: string) => writeFileSync(path, `version: 1\nclients:\n${text}`);
const ok = (ran: Ran) => {
  expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: '' });
  return ran.stdout;
};
const stored = (id: string) => op.admin(`/clients/${id}`);

const shop = (id: string, more = '') => `  ${id}:
    type: web
    client_name: Shop
    redirect_uris: [https://shop.example/callback]
${more}`;

let id: string;
beforeEach(() => {
  id = `c-${newId(64)}`;
});

describe('a plan', () => {
  test('creates, changes and leaves alone, is shown before, and is done once', async () => {
    write(shop(id));
    const planned = await diff();
    expect(planned).toMatchObject({ status: 2, stderr: '' });
    expect(planned.stdout).toContain(`+ ${id} (web): create\n    client_name: "Shop"\n`);
    expect((await stored(id)).status).toBe(404);

    const applied = ok(await apply());
    expect(applied.startsWith(planned.stdout)).toBe(true);
    expect(applied).toMatch(/Applied 1 of 1\.\n$/);
    // The server that runs has read nothing of it yet, and has the whole client.
    expect((await stored(id)).body).toMatchObject({ type: 'web', client_name: 'Shop' });
    expect(await diff()).toEqual({
      status: 0,
      stdout: 'Plan: 0 to create, 0 to change, 0 to convert, 0 to delete, 1 unchanged.\n',
      stderr: '',
    });

    write(shop(id).replace('client_name: Shop', 'client_name: Store'));
    const changed = ok(await apply());
    expect(changed).toContain(`~ ${id} (web): change\n    client_name: "Shop" → "Store"\n`);
    const { items } = (await op.admin(`/audit?target=client:${id}`)).body;
    expect(items).toMatchObject([
      {
        action: 'client.update',
        actor: { via: 'file' },
        changes: [{ pointer: '/client_name', before: 'Shop', after: 'Store' }],
      },
      { action: 'client.create', actor: { via: 'file' } },
    ]);
  });

  test('takes back what the file no longer says', async () => {
    write(shop(id, '    first_party: false\n    tags: [a, b]\n'));
    ok(await apply());
    write(shop(id));
    expect(ok(await apply())).toContain(
      '    tags: ["a","b"] → nothing\n    first_party: false → true',
    );
    expect((await stored(id)).body).toMatchObject({ first_party: true });
  });

  test('is refused as a whole, with every mistake of every client and its line', async () => {
    const other = `${id}-2`;
    write(
      shop(id) +
        shop(other).replace('https://shop', 'http://shop') +
        '    grant_types: [implicit, password]\n    colour: red\n',
    );
    for (const ran of [await diff(), await apply()]) {
      expect(ran).toMatchObject({ status: 1, stdout: '' });
      const { stderr } = ran;
      expect(stderr).toMatch(/^\S+clients\.yaml has \d mistakes; nothing was changed\.\n/);
      expect(stderr).toMatch(
        new RegExp(
          `clients\\.yaml:10:21 clients/${other}/redirect_uris/0\n {2}rule: +redirect-uris\n {2}detail: .+\n {2}spec: .+\n {2}fix: .+`,
        ),
      );
      expect(stderr).toContain(`clients.yaml:11:29 clients/${other}/grant_types/1\n`);
      expect(stderr).toContain(`clients.yaml:12:5 clients/${other}/colour\n`);
    }
    expect((await stored(id)).status).toBe(404);
  });

  test('refuses what only the protocol engine finds', async () => {
    const sector = 'https://127.0.0.1:9/nobody-listens';
    write(shop(id, `    subject_type: pairwise\n    sector_identifier_uri: ${sector}\n`));
    const refused = await apply();
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain(`/clients.yaml:3:3 clients/${id}\n`);
    expect(refused.stderr).toContain('  rule:   engine\n');
    expect((await stored(id)).status).toBe(404);
  });

  test('shows warnings, which stop nothing', async () => {
    const flow =
      '    grant_types: [authorization_code, implicit]\n    response_types: [code token]\n';
    write(shop(id, flow));
    expect(ok(await apply())).toContain(
      '    warning: response_types/0 access tokens in the address',
    );
    expect((await stored(id)).status).toBe(200);
  });

  test('converts to another type only when told to', async () => {
    write(shop(id));
    ok(await apply());
    write(shop(id).replace('type: web', 'type: single-page-application'));
    const refused = await apply();
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toMatch(/type-is-fixed\n.*\n.*type: web, or give --convert/);
    const planned = await diff('--convert');
    expect(planned.status).toBe(2);
    expect(planned.stdout).toContain(`~ ${id} (single-page-application): convert\n    type: "web"`);
    ok(await apply('--convert'));
    expect((await stored(id)).body).toMatchObject({
      type: 'single-page-application',
      token_endpoint_auth_method: 'none',
    });
  });

  test('deletes with --prune what came from a file and is in it no more, and nothing else', async () => {
    const byHand = await op.createClient();
    write(shop(id) + shop(`${id}-2`));
    ok(await apply());
    write(shop(`${id}-2`));
    expect(ok(await diff())).not.toContain('delete\n');
    const planned = await diff('--prune');
    expect(planned.status).toBe(2);
    expect(planned.stdout).toContain(`- ${id} (web): delete\n`);
    expect(planned.stdout).not.toContain(byHand.client_id);
    ok(await apply('--prune'));
    expect((await stored(id)).status).toBe(404);
    expect((await stored(`${id}-2`)).status).toBe(200);
    expect((await stored(byHand.client_id)).status).toBe(200);
    const { items } = (await op.admin(`/audit?target=client:${id}`)).body;
    expect(items[0]).toMatchObject({ action: 'client.delete', actor: { via: 'file' } });
  });
});

/** Applies the file in this process, at a terminal where `type` happens before the answer. */
async function atTerminal(
  type: () => Promise<string>,
  { ended = new Promise<void>(() => {}), options = [] as string[] } = {},
) {
  const lines: string[] = [];
  const stdin = Object.assign(
    (async function* () {
      yield Buffer.from(await type());
    })(),
    { isTTY: true },
  );
  const shell = {
    env: ofServer(),
    args: ['clients', 'apply', path, ...options],
    stdin,
    say: (line: string) => void lines.push(line),
    ended,
  } as unknown as Shell;
  const error = await run(shell).then(
    () => undefined,
    (thrown: Error) => thrown.message,
  );
  return { lines, error };
}

describe('applying', () => {
  test('asks at a terminal, and takes nothing but yes', async () => {
    write(shop(id));
    for (const answer of ['no\n', 'y\n', '\n', '']) {
      expect((await atTerminal(async () => answer)).error).toBe('Nothing was changed.');
    }
    const never = () => new Promise<string>(() => {});
    expect((await atTerminal(never, { ended: Promise.resolve() })).error).toBe(
      'Nothing was changed.',
    );
    expect((await stored(id)).status).toBe(404);
    const { lines, error } = await atTerminal(async () => 'yes\n');
    expect(error).toBeUndefined();
    expect(lines.slice(-2)).toEqual(['Apply it? Only "yes" does.', 'Applied 1 of 1.']);
    expect((await stored(id)).status).toBe(200);
  });

  test('without a terminal needs --yes, and says so', async () => {
    write(shop(id));
    expect(await clients(['apply', path])).toMatchObject({
      status: 1,
      stderr: 'Nothing was changed: without a terminal to ask, give --yes.\n',
    });
    expect((await stored(id)).status).toBe(404);
  });

  test('overwrites, deletes and creates nothing that was changed since the plan', async () => {
    const fresh = `${id}-2`;
    const free = `${id}-3`;
    write(shop(id));
    ok(await apply());
    write(shop(id).replace('Shop', 'Mine') + shop(fresh) + shop(free));
    const { error, lines } = await atTerminal(async () => {
      await op.admin(`/clients/${id}`, { method: 'PATCH', body: { client_name: 'Theirs' } });
      await op.createClient({ client_id: fresh, client_name: 'Theirs' });
      return 'yes\n';
    });
    expect(error).toMatch(
      new RegExp(`^Changed by someone else .+:\n  ${id}\n  ${fresh}\nRun it again`),
    );
    expect(lines.at(-1)).toBe('Applied 1 of 3.');
    expect((await stored(id)).body.client_name).toBe('Theirs');
    expect((await stored(fresh)).body.client_name).toBe('Theirs');
    expect((await stored(free)).body.client_name).toBe('Shop');
    const { items } = (await op.admin(`/audit?target=client:${id}`)).body;
    expect(items[0]).toMatchObject({ action: 'client.update', actor: { via: 'api' } });
  });

  test('deletes nothing that was changed since the plan', async () => {
    write(shop(id));
    ok(await apply());
    write(shop(`${id}-2`));
    const type = async () => {
      await op.admin(`/clients/${id}`, { method: 'PATCH', body: { client_name: 'Theirs' } });
      return 'yes\n';
    };
    const { error, lines } = await atTerminal(type, { options: ['--prune'] });
    expect(lines).toContain(`- ${id} (web): delete`);
    expect(error).toMatch(new RegExp(`^Changed by someone else .+:\n  ${id}\nRun it again`));
    expect((await stored(id)).body.client_name).toBe('Theirs');
    expect((await stored(`${id}-2`)).status).toBe(200);
  });

  test('is seen by a server that has the client in its cache', async () => {
    const authorize = async () => {
      const query = new URLSearchParams({
        client_id: id,
        response_type: 'code',
        scope: 'openid',
        redirect_uri: 'https://shop.example/callback',
        code_challenge: 'a'.repeat(43),
        code_challenge_method: 'S256',
      });
      return (await op.get(`/authorize?${query}`)).status;
    };
    write(shop(id));
    ok(await apply());
    expect(await authorize()).toBe(303);
    write(shop(id, '    disabled: true\n'));
    ok(await apply());
    // The store says how late it tells; a busy machine may be later.
    for (const end = Date.now() + op.store.staleness + 3_000; Date.now() < end; await pause(50)) {
      if ((await authorize()) === 400) break;
    }
    expect(await authorize()).toBe(400);
  });
});

describe('secrets', () => {
  const from = (...references: string[]) =>
    `    secrets:\n${references.map((reference) => `      - ${reference}\n`).join('')}`;
  const tokens = async (secret: string, clientId = id) =>
    (await op.post('/token', { grant_type: 'client_credentials' }, { basic: [clientId, secret] }))
      .status;
  const job = (more: string) => `  ${id}:\n    type: server-to-server\n${more}`;
  const known: string[] = [];
  const secret = () => {
    const made = newId(256);
    known.push(made, made.slice(0, 20));
    return made;
  };
  afterAll(() => {
    for (const one of known) expect(said).not.toContain(one);
  });

  test('come from the environment and from files, and open the token endpoint', async () => {
    const [main, spare] = [secret(), secret()];
    writeFileSync(join(folder, 'spare'), `${spare}\n`);
    write(
      job(
        from(
          '{ name: main, from: { env: JOB_SECRET } }',
          '{ name: spare, from: { file: ./spare } }',
        ),
      ),
    );
    const env = { JOB_SECRET: main };
    const planned = await clients(['diff', path], env);
    expect(planned.stdout).toContain('    secret "main": add\n    secret "spare": add\n');
    ok(await clients(['apply', path, '--yes'], env));
    expect([await tokens(main), await tokens(spare), await tokens(newId(256))]).toEqual([
      200, 200, 401,
    ]);
    expect(ok(await clients(['diff', path], env))).toMatch(/1 unchanged\.\n$/);
    // The API tells of them, and of no value.
    expect((await stored(id)).body.secrets).toMatchObject([{ name: 'main' }, { name: 'spare' }]);
  });

  test('that the file replaces work on for a day, and back again is no trouble', async () => {
    const [old, next] = [secret(), secret()];
    write(job(from('{ name: main, from: { env: JOB_SECRET } }')));
    ok(await clients(['apply', path, '--yes'], { JOB_SECRET: old }));
    const rolled = ok(await clients(['apply', path, '--yes'], { JOB_SECRET: next }));
    expect(rolled).toContain('secret "main": add\n    secret "main" of before: ends in 24 hours');
    expect([await tokens(old), await tokens(next)]).toEqual([200, 200]);
    const [former] = (await stored(id)).body.secrets;
    const day = Date.now() / 1000 + 86_400;
    expect(Math.abs(former.expires - day)).toBeLessThan(60);
    expect(ok(await clients(['diff', path], { JOB_SECRET: next }))).toMatch(/1 unchanged\.\n$/);

    const back = ok(await clients(['apply', path, '--yes'], { JOB_SECRET: old }));
    expect(back).toContain('secret "main": no longer expires');
    expect((await stored(id)).body.secrets.at(-1).expires).toBeUndefined();
  });

  test('are left alone by a file that does not speak of them', async () => {
    const mine = secret();
    write(job(from('{ name: main, from: { env: JOB_SECRET } }')));
    ok(await clients(['apply', path, '--yes'], { JOB_SECRET: mine }));
    write(job('    client_name: Job\n'));
    ok(await apply());
    expect(await tokens(mine)).toBe(200);
  });

  test('are said to be missing where a new client has none', async () => {
    write(job(''));
    expect(ok(await apply())).toContain('has no secret yet and cannot authenticate');
    expect((await stored(id)).body.secrets).toEqual([]);
  });

  test('that cannot be used are refused, all at once and without being repeated', async () => {
    const short = 'twelve-chars';
    writeFileSync(join(folder, 'multi'), `${secret()}\n${secret()}\n`);
    const cases: [string, string][] = [
      ['{ env: NOT_SET }', 'the variable NOT_SET is not set'],
      ['{ env: EMPTY }', 'the variable EMPTY is not set'],
      ['{ env: SHORT }', 'the variable SHORT holds 12 characters'],
      ['{ env: LONG }', 'the variable LONG holds more than 512 characters'],
      ['{ env: STRANGE }', 'the variable STRANGE holds characters that are not printable ASCII'],
      ['{ file: ./nowhere }', 'the file ./nowhere cannot be read (ENOENT)'],
      ['{ file: ./multi }', 'the file ./multi holds characters that are not printable ASCII'],
      // Names that are no names may be secrets.
      [`{ env: x${secret().replaceAll('-', '_')} }`, 'the variable is not set'],
      [`{ file: ${secret()} }`, 'the file cannot be read (ENOENT)'],
    ];
    const env = {
      EMPTY: '',
      SHORT: short,
      LONG: secret().repeat(20),
      STRANGE: `${secret()}\u00e9`,
    };
    write(job(from(...cases.map(([where], index) => `{ name: n${index}, from: ${where} }`))));
    const { status, stdout, stderr } = await clients(['diff', path], env);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    const found = [...stderr.matchAll(/found: +(.+)/g)].map(([, fact]) => fact);
    expect(found).toEqual(cases.map(([, reason]) => reason));
    expect(stderr).not.toContain(short);
  });

  test('in plain are refused with what to do instead', async () => {
    const from = '{ env: A, file: B }';
    write(
      [
        `client_secret: ${secret()}`,
        `secrets: [${secret()}]`,
        `secrets: { ${secret()}: main }`,
        `secrets: [{ name: main, value: ${secret()}, from: { env: A } }]`,
        `secrets: [{ name: main, from: ${secret()} }]`,
        `secrets: [{ name: main, from: ${from} }]`,
        'secrets: []',
      ]
        .map((line, index) => `  ${id}-${index}:\n    type: web\n    ${line}\n`)
        .join(''),
    );
    const { status, stderr } = await diff();
    expect(status).toBe(1);
    expect(stderr).toMatch(/has 7 mistakes/);
    expect(stderr.match(/from: \{ env: NAME \}/g)).toHaveLength(5);
    expect(stderr.match(/leave secrets out to leave those of the client alone/g)).toHaveLength(2);
  });

  test('are refused for a method that has none, and when two are the same', async () => {
    const one = secret();
    const reference = '{ name: a, from: { env: JOB_SECRET } }';
    const twice = from(reference, reference.replace('name: a', 'name: b'));
    write(job(twice));
    const env = { JOB_SECRET: one };
    expect((await clients(['diff', path], env)).stderr).toContain('names the same secret twice');
    write(
      `  ${id}:\n    type: single-page-application\n    redirect_uris: [https://spa.example/cb]\n${from(reference)}`,
    );
    expect((await clients(['diff', path], env)).stderr).toContain('rule:   secret-not-used');
  });

  test('that a new method cannot use must be named anew', async () => {
    const one = secret();
    const reference = from('{ name: main, from: { env: JOB_SECRET } }');
    write(job(reference));
    const env = { JOB_SECRET: one };
    ok(await clients(['apply', path, '--yes'], env));
    const method = '    token_endpoint_auth_method: client_secret_jwt\n';
    write(job(method));
    expect((await diff()).stderr).toContain('rule:   secret-needed');
    write(job(method + reference));
    ok(await clients(['apply', path, '--yes'], env));
    expect(ok(await clients(['diff', path], env))).toMatch(/1 unchanged\.\n$/);
  });
});

describe('export', () => {
  const elsewhere = () => ({ STORE_URL: `sqlite:${join(folder, `${newId(64)}.db`)}` });

  test('gives a file that makes the same clients elsewhere, byte for byte', async () => {
    const tag = `t-${newId(64).toLowerCase().replaceAll('_', 'x')}`;
    const jwk = { kty: 'EC', crv: 'P-256', use: 'sig' };
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
      format: 'jwk',
    });
    const made = [
      { client_name: 'yes', description: 'a: "b" # c', extra_metadata: { z: '1', a: 'null' } },
      { type: 'single-page-application', contacts: ['a@example.com'] },
      { type: 'native', redirect_uris: ['com.example.app:/cb'], disabled: true },
      { type: 'server-to-server', client_id: `${newId(64)}.0123` },
      { type: 'device', redirect_uris: [] },
      {
        type: 'financial',
        jwks: { keys: [{ ...jwk, ...key, kid: '1', alg: 'ES256' }] },
      },
    ] as Record<string, unknown>[];
    for (const metadata of made) await op.createClient({ tags: [tag], ...metadata });

    const first = ok(await clients(['export', '-', '--tag', tag]));
    expect(first.match(/^ {4}type: /gm)).toHaveLength(made.length);
    // Only what differs: none of these is an initial value.
    expect(first).not.toMatch(/grant_types|response_types|subject_type|fapi_profile/);
    const ids = [...first.matchAll(/^ {2}(\S+):$/gm)].map(([, name]) => name as string);
    expect(ids).toEqual(ids.toSorted());

    writeFileSync(path, first);
    expect(ok(await diff())).toMatch(new RegExp(`${made.length} unchanged\\.\n$`));
    const other = elsewhere();
    ok(await clients(['apply', path, '--yes'], other));
    const copy = join(folder, 'copy.yaml');
    expect(ok(await clients(['export', copy], other))).toBe(`Wrote ${copy}.\n`);
    expect(readFileSync(copy, 'utf8')).toBe(first);
  });

  test('says when a client does not have the profile that its type begins with', async () => {
    const tag = `p-${newId(64).toLowerCase().replaceAll('_', 'x')}`;
    const profile = {
      fapi_profile: 'fapi1-baseline',
      token_endpoint_auth_method: 'private_key_jwt',
    };
    await op.createClient({
      tags: [tag],
      jwks_uri: 'https://rp.example/jwks',
      ...profile,
    } as Record<string, unknown>);
    const text = ok(await clients(['export', '--tag', tag]));
    expect(text).toContain('    fapi_profile: fapi1-baseline\n');
    expect(text).not.toContain('token_endpoint_auth_method');
    writeFileSync(path, text);
    expect(ok(await diff())).toMatch(/1 unchanged\.\n$/);
  });

  test('leaves out those that registered themselves and the server’s own, unless --all', async () => {
    const redirect_uris = ['https://rp.example/callback'];
    const response = await fetch(`${op.issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris }),
    });
    const { client_id, client_secret } = (await response.json()) as Record<string, string>;
    const some = ok(await clients(['export', '--type', 'web']));
    const all = ok(await clients(['export', '--all']));
    for (const name of [client_id, op.adminClient.client_id]) {
      expect(some).not.toContain(`  ${name}:`);
      expect(all).toContain(`  ${name}:`);
    }
    expect(all).not.toContain(client_secret);
    expect(all).not.toContain(op.adminClient.client_secret);
    expect(some).not.toMatch(/type: (?!web$)/m);
  });

  test('overwrites nothing without --force', async () => {
    const file = join(folder, 'mine.yaml');
    writeFileSync(file, 'mine');
    expect(await clients(['export', file])).toMatchObject({
      status: 1,
      stderr: `${file} exists – give --force to replace it.\n`,
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    ok(await clients(['export', file, '--force']));
    expect(readFileSync(file, 'utf8')).toMatch(/^# Clients of a Clientele server/);
    expect((await clients(['export', join(folder, 'no/where.yaml')])).stderr).toMatch(/ENOENT/);
  });
});

describe('a mistake in the call', () => {
  test('is answered with one', async () => {
    const cases: [string[], string][] = [
      [['diff'], 'clients diff FILE [--convert] [--prune]\n'],
      [['apply', 'a', 'b'], 'One file at a time.\nclients apply FILE'],
      [['apply', 'a', '--force'], "Unknown option '--force'.\nclients apply FILE"],
      [['export', '--type', 'robot'], '--type is one of web, '],
      [['diff', '/nowhere.yaml'], '/nowhere.yaml cannot be read (ENOENT).\n'],
      [['nonsense'], 'There is no command "clients nonsense"'],
    ];
    for (const [args, message] of cases) {
      expect(await clients(args)).toEqual({
        status: 1,
        stdout: '',
        stderr: expect.stringContaining(message),
      });
    }
  });

  test('is also another SECRETS_KEY than the store’s', async () => {
    write(shop(id));
    const ran = await clients(['apply', path, '--yes'], { SECRETS_KEY: newId(256) });
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^SECRETS_KEY does not open this store/);
  });
});

/** A Node on this machine that is older than what the project needs, as `npx` may run it. */
const old = (process.env.PATH ?? '')
  .split(':')
  .filter((entry) => !entry.includes('node_modules'))
  .map((entry) => join(entry, 'node'))
  .find((node) => {
    const { stdout } = spawnSync(node, ['-p', 'parseInt(process.versions.node)'], {
      encoding: 'utf8',
    });
    return Number(stdout) > 0 && Number(stdout) < 24;
  });
if (!old) console.log('no Node older than 24 on PATH to try');

test.each([process.execPath, ...(old ? [old] : [])])(
  'the command that npx finds works on %s, exit code and standard input included',
  (node) => {
    const starter = join(import.meta.dirname, '../bin/clientele.js');
    const { status, stdout, stderr } = spawnSync(node, [starter, 'clients', 'diff', '-'], {
      input: `version: 1\nclients:\n${shop(id)}`,
      encoding: 'utf8',
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', ...ofServer() },
    });
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(stdout).toContain(`+ ${id} (web): create`);
  },
);
