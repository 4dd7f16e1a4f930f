import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { configDocuments } from '../src/config/document.ts';
import { type ConfigError, configWarnings, loadConfig } from '../src/config/load.ts';
import { listOptions, readOptions } from '../src/config/options.ts';
import { Config } from '../src/config/schema.ts';

const root = new URL('../', import.meta.url);
const committed = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** Files that exist only here; anything else fails as on a disk. */
const disk =
  (files: Record<string, string>) =>
  (path: string): string => {
    const text = files[path];
    if (text === undefined) {
      throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT' });
    }
    return text;
  };

/** Text without the margin that it has in this file. */
const plain = (text: string): string => text.replace(/^ {6}/gm, '').trim();

type Env = Record<string, string>;
const load = (env: Env, yaml?: string, files: Record<string, string> = {}) =>
  yaml === undefined
    ? loadConfig(env, disk(files))
    : loadConfig({ CONFIG_FILE: 'op.yaml', ...env }, disk({ ...files, 'op.yaml': yaml }));

const refused = async (
  env: Env,
  yaml?: string,
  files?: Record<string, string>,
): Promise<ConfigError> => {
  try {
    await load(env, yaml, files);
  } catch (error) {
    if ((error as ConfigError).code === 'config') return error as ConfigError;
    throw error;
  }
  throw new Error('the configuration was accepted');
};
const paths = (error: ConfigError) => error.mistakes.map(({ path }) => path);
/** The options of a section, as a report lists them. */
const names = ({ shape }: { shape: object }) => Object.keys(shape).join(', ');

const key = 'k'.repeat(43);
const defaults = { ...Config.parse({}), issuer: 'http://localhost:3000' };

describe('layers', () => {
  test('without file and environment the defaults hold', async () => {
    expect(await load({})).toEqual(defaults);
  });

  test('the file goes before the defaults, the environment before the file', async () => {
    const yaml = 'http:\n  port: 4000\n  host: 0.0.0.0\nworkers: 2\n';
    expect(await load({ PORT: '5000' }, yaml)).toEqual({
      ...defaults,
      issuer: 'http://localhost:5000',
      http: { ...defaults.http, host: '0.0.0.0', port: 5000 },
      workers: 2,
    });
  });

  test('a value of the environment mends a wrong one of the file', async () => {
    expect((await load({ PORT: '5000' }, 'http: { port: many }')).http.port).toBe(5000);
  });

  test('claims are replaced as a whole', async () => {
    expect((await load({}, 'claims: { email: [email] }')).claims).toEqual({ email: ['email'] });
  });

  test.each(['', '# nothing\n', 'http:\n', 'http:\n  port:\n', 'http: ~\nclaims: null\n', '---\n'])(
    'a file that leaves all empty changes nothing: %j',
    async (yaml) => expect(await load({}, yaml)).toEqual(defaults),
  );

  test('an empty variable counts as absent', async () => {
    const env = { PORT: '', ISSUER: '', CONFIG_FILE: '', ADMIN_CLIENT_ID: '', TLS_CERT: '' };
    expect(await loadConfig(env, disk({}))).toEqual(defaults);
  });

  test('aliases work where YAML defines them', async () => {
    const yaml = 'ttl: { id_token: &short 60, access_token: *short }\n';
    expect((await load({}, yaml)).ttl).toMatchObject({ id_token: 60, access_token: 60 });
  });

  test('no two options share a variable', () => {
    const variables = listOptions(readOptions()).flatMap(({ meta }) => meta.env ?? []);
    expect(new Set(variables).size).toBe(variables.length);
  });
});

describe('the environment', () => {
  test.each([
    ['true', true],
    ['1', true],
    ['YES', true],
    ['false', false],
    ['0', false],
    ['no', false],
  ])('a switch takes %s', async (text, value) => {
    expect((await load({ TRUST_PROXY: text })).http.trust_proxy).toBe(value);
  });

  test('a number is read as one, spaces around it do no harm', async () => {
    expect((await load({ WORKERS: ' 4 ' })).workers).toBe(4);
  });

  test('text that looks like a number stays text', async () => {
    const env = { ADMIN_CLIENT_ID: '12345', ADMIN_CLIENT_SECRET: '1'.repeat(32) };
    expect((await load(env)).admin).toMatchObject({
      client_id: '12345',
      client_secret: '1'.repeat(32),
    });
  });

  test.each([
    ['PORT', '80a'],
    ['PORT', '0x50'],
    ['PORT', '3000.5'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['WORKERS', '1e1'],
    ['TRUST_PROXY', 'on'],
    ['LOG_LEVEL', 'loud'],
    ['ISSUER', 'id.example.com'],
    ['ISSUER', 'ftp://id.example.com'],
    ['ISSUER', 'https://id.example.com/'],
    ['STORE_URL', 'postgres://db'],
    ['ADMIN_EMAIL', 'root'],
  ])('%s=%s is one mistake', async (variable, text) => {
    const error = await refused({ [variable]: text });
    expect(error.mistakes).toHaveLength(1);
    expect(error.mistakes[0]?.source).toBe(`environment variable ${variable}`);
  });
});

describe('the issuer', () => {
  const pem = { 'cert.pem': '', 'key.pem': '' };
  const tls = { TLS_CERT: 'cert.pem', TLS_KEY: 'key.pem' };
  test.each<[Env, string]>([
    [{ PORT: '8080' }, 'http://localhost:8080'],
    [{ PORT: '8443', ...tls }, 'https://localhost:8443'],
    [{ PORT: '443', ...tls }, 'https://localhost'],
    [{ ISSUER: 'https://id.example.com/realm', ...tls }, 'https://id.example.com/realm'],
  ])('of %j is %s', async (env, issuer) => {
    expect((await load(env, undefined, pem)).issuer).toBe(issuer);
  });
});

describe('the report', () => {
  test('names every mistake of file and environment at once', async () => {
    const yaml = plain(`
      htpp:
        port: 3000
      http:
        prot: 3000
        host: 127.0.0.1
        host: 0.0.0.0
      port: 3000
      ttl: soon
      passwords:
        iterations: 1.5
      admin:
        client_id: 4711
      claims:
        email: [email, 7]
    `);
    const env = {
      PORT: 'eighty',
      LOG_LEVEL: 'loud',
      STORE_URL: 'mongodb://db',
      ADMIN_PASSWORD: 'hunter2',
    };
    expect((await refused(env, yaml)).message).toBe(
      plain(`
      The configuration has 13 mistakes.

      http.host (op.yaml:6)
        found:    the key a second time
        expected: each key once
        remedy:   remove one of the two

      htpp (op.yaml:1)
        found:    a key that does not exist
        expected: one of ${names(Config)}
        remedy:   did you mean http?

      http.prot (op.yaml:4)
        found:    a key that does not exist
        expected: one of host, port, trust_proxy, tls_cert, tls_key, tls_ciphers, metrics_port
        remedy:   did you mean http.port?

      port (op.yaml:7)
        found:    a key that does not exist
        expected: one of ${names(Config)}
        remedy:   did you mean http.port?

      ttl (op.yaml:8)
        found:    text
        expected: a mapping with ${names(Config.shape.ttl.unwrap())}
        remedy:   indent the options of this section below its name

      http.port (environment variable PORT)
        found:    "eighty"
        expected: a whole number from 0 to 65535
        remedy:   correct it, or unset PORT (the default is 3000)

      log_level (environment variable LOG_LEVEL)
        found:    "loud"
        expected: one of fatal, error, warn, info, debug, trace, silent
        remedy:   correct it, or unset LOG_LEVEL (the default is info)

      passwords.iterations (op.yaml:10)
        found:    1.5
        expected: a whole number from 1 to 20
        remedy:   correct it, or remove it (the default is 2)

      admin.client_id (op.yaml:12)
        found:    4711
        expected: text
        remedy:   put the value in quotes

      claims.email.1 (op.yaml:14)
        found:    7
        expected: a mapping, each name with a list of text
        remedy:   correct it, or remove it

      secrets_key (not set)
        found:    nothing
        expected: a key that every process shares, since store_url names a MongoDB
        remedy:   set SECRETS_KEY and keep it, what it encrypts is lost without it; make one: openssl rand -base64 32 | tr '+/' '-_' | tr -d '='

      admin.password (environment variable ADMIN_PASSWORD)
        found:    (hidden)
        expected: at least 8 characters (passwords.min_length)
        remedy:   choose a longer one, or leave it out: it is then generated and printed once

      admin.client_secret (not set)
        found:    nothing
        expected: a value, since admin.client_id is set (op.yaml:12)
        remedy:   set ADMIN_CLIENT_SECRET too, or neither of them
    `),
    );
  });

  test('offers programs what it says', async () => {
    expect((await refused({ PORT: 'eighty' })).mistakes).toEqual([
      {
        path: 'http.port',
        source: 'environment variable PORT',
        found: '"eighty"',
        expected: 'a whole number from 0 to 65535',
        remedy: 'correct it, or unset PORT (the default is 3000)',
      },
    ]);
  });

  test('a file that is not YAML is one mistake with line and column', async () => {
    const error = await refused({ PORT: 'eighty' }, 'workers: 1\nhttp: [\n  "x\n');
    expect(error.mistakes[0]).toEqual({
      path: 'op.yaml',
      source: 'op.yaml:4:1',
      found: 'text that is not YAML: missing char',
      expected: 'one YAML document',
      remedy: 'look at that line and the one before it; put text with special characters in quotes',
    });
    expect(paths(error)).toEqual(['op.yaml', 'http.port']);
  });

  test('a missing file is one mistake, and no rule guesses what it holds', async () => {
    const error = await refused({ CONFIG_FILE: 'gone.yaml', STORE_URL: 'mongodb://db' });
    expect(error.message).toBe(
      plain(`
      The configuration has one mistake.

      CONFIG_FILE (environment variable CONFIG_FILE)
        found:    "gone.yaml", which cannot be read (ENOENT)
        expected: the path of a YAML file
        remedy:   correct the path, or unset CONFIG_FILE
    `),
    );
  });

  test.each([
    ['- http', 'a list'],
    ['hunter2', 'text'],
    ['a: 1\n---\nb: 2', 'text that is not YAML: multiple docs'],
    ['pages: !theme default', 'text that is not YAML: tag resolve failed'],
  ])('a document of another kind is refused: %j', async (yaml, found) => {
    expect((await refused({}, yaml)).mistakes).toMatchObject([{ path: 'op.yaml', found }]);
  });

  test.each([
    ['metrics-port: 1', 'did you mean http.metrics_port?'],
    ['http: { metrics-port: 1 }', 'did you mean http.metrics_port?'],
    ['http.port: 1', 'did you mean http.port?'],
    ['host: x', 'did you mean http.host?'],
    ['PORT: 1', 'did you mean http.port?'],
    ['storeUrl: x', 'did you mean store_url?'],
    ['passwords: { minLength: 9 }', 'did you mean passwords.min_length?'],
    ['database: x', 'remove it; config/default.yaml shows every option'],
  ])('an unknown key is a mistake: %s', async (yaml, remedy) => {
    expect((await refused({}, yaml)).mistakes).toMatchObject([{ source: 'op.yaml:1', remedy }]);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'the key %s is unknown like any other and changes no prototype',
    async (name) => {
      const yaml = `${name}: { polluted: yes }\nhttp:\n  ${name}: { polluted: yes }\n`;
      expect(paths(await refused({}, yaml))).toEqual([name, `http.${name}`]);
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    },
  );

  test('a key given twice names both its path and its line', async () => {
    const yaml = 'claims:\n  email: [email]\n  email: []\n';
    expect((await refused({}, yaml)).mistakes).toMatchObject([
      { path: 'claims.email', source: 'op.yaml:3', found: 'the key a second time' },
    ]);
  });

  test('aliases that multiply without measure, or lack their anchor, are a mistake', async () => {
    const list = (name: string, of: string) => `&${name} [${Array(20).fill(of).join(', ')}]`;
    const bomb = `claims: { a: ${list('a', 'x')}, b: ${list('b', '*a')}, c: ${list('c', '*b')} }`;
    for (const yaml of [bomb, 'admin: { password: *hunter2 }', 'http: *hunter2']) {
      const error = await refused({}, yaml);
      expect(error.mistakes).toMatchObject([{ found: 'an alias (*) that cannot be resolved' }]);
      expect(error.message).not.toContain('hunter2');
    }
  });
});

describe('secrets', () => {
  const secret = 'hunter2';
  test.each<[string, Env, string]>([
    ['a short administrator password', { ADMIN_PASSWORD: secret }, ''],
    ['a short client secret', { ADMIN_CLIENT_ID: 'ci', ADMIN_CLIENT_SECRET: secret }, ''],
    ['a malformed key', { SECRETS_KEY: secret }, ''],
    ['a store of an unknown kind', { STORE_URL: `postgres://op:${secret}@db` }, ''],
    ['a password in the issuer', { ISSUER: `https://op:${secret}@id.example.com` }, ''],
    [
      'a key in the place of its file',
      { TLS_CERT: 'c', TLS_KEY: `-----BEGIN KEY-----${secret}` },
      '',
    ],
    ['a password in the file', {}, `admin: { password: [${secret}] }`],
    ['a password that YAML takes for a tag', {}, `admin: { password: !${secret} }`],
    ['a password that YAML takes for a mapping', {}, `admin: { password: {${secret}: x} }`],
    ['a password in quotes that do not end', {}, `admin:\n  password: "${secret}`],
    ['a password with a wrong escape', {}, `admin:\n  password: "\\${secret}"`],
    ['a password at a section', {}, `admin: ${secret}`],
    ['a password at an unknown key', {}, `admin: { pasword: ${secret} }`],
  ])('%s is not shown', async (_, env, yaml) => {
    const error = await refused(env, yaml);
    expect(error.message).not.toContain(secret);
    expect(JSON.stringify(error.mistakes)).not.toContain(secret);
    expect(error.stack).not.toContain(secret);
  });
});

describe('rules between options', () => {
  const pem = { 'cert.pem': '', 'key.pem': '' };
  test.each<[string, Env, Record<string, string>]>([
    ['http.tls_key', { TLS_CERT: 'cert.pem' }, pem],
    ['http.tls_cert', { TLS_KEY: 'key.pem' }, pem],
    ['http.tls_key', { TLS_CERT: 'cert.pem', TLS_KEY: 'gone.pem' }, pem],
    ['admin.client_secret', { ADMIN_CLIENT_ID: 'ci' }, {}],
    ['admin.client_id', { ADMIN_CLIENT_SECRET: 's'.repeat(32) }, {}],
    ['admin.password', { ADMIN_PASSWORD: '1234567' }, {}],
    ['secrets_key', { STORE_URL: 'mongodb://db/op' }, {}],
    ['secrets_key', { STORE_URL: 'mongodb+srv://db/op' }, {}],
    ['workers', { STORE_URL: 'memory:', WORKERS: '2' }, {}],
  ])('%s is at fault in %j', async (path, env, files) => {
    expect(paths(await refused(env, undefined, files))).toEqual([path]);
  });

  test.each<Env>([
    { TLS_CERT: 'cert.pem', TLS_KEY: 'key.pem' },
    { ADMIN_CLIENT_ID: 'ci', ADMIN_CLIENT_SECRET: 's'.repeat(32) },
    { ADMIN_EMAIL: 'a@example.com', ADMIN_PASSWORD: '12345678' },
    { STORE_URL: 'mongodb://db/op', SECRETS_KEY: key },
    { STORE_URL: 'mongodb://db/op', SECRETS_KEY: `${key},${key}` },
    { STORE_URL: 'memory:', WORKERS: '1' },
  ])('%j breaks none', async (env) => {
    await expect(load(env, undefined, pem)).resolves.toBeDefined();
  });

  test('the least length of a password comes from the file when the file sets it', async () => {
    const yaml = 'passwords: { min_length: 12 }';
    expect((await refused({ ADMIN_PASSWORD: '12345678901' }, yaml)).mistakes).toMatchObject([
      { path: 'admin.password', expected: 'at least 12 characters (passwords.min_length)' },
    ]);
  });

  test('the report on a missing key holds the command that makes one', async () => {
    expect((await refused({ STORE_URL: 'mongodb://db' })).message).toContain(
      "openssl rand -base64 32 | tr '+/' '-_' | tr -d '='",
    );
  });
});

describe('warnings', () => {
  const warnings = async (env: Env) =>
    configWarnings(await load(env, undefined, { 'c.pem': '', 'k.pem': '' })).map(
      (text) => text.split(' ')[0],
    );
  const tls = { TLS_CERT: 'c.pem', TLS_KEY: 'k.pem' };
  const smtp = { SMTP_URL: 'smtps://user:secret@mail.example.com' };

  test.each<[Env, string[]]>([
    [{}, []],
    [{ ISSUER: 'http://127.0.0.1:3000' }, []],
    [{ ISSUER: 'http://[::1]:3000' }, []],
    [{ ISSUER: 'https://id.example.com', TRUST_PROXY: '1', ...smtp }, []],
    [{ ISSUER: 'https://id.example.com', ...tls, ...smtp }, []],
    [{ ISSUER: 'https://id.example.com', ...tls }, ['mail.smtp_url']],
    [{ ISSUER: 'https://localhost', ...tls }, []],
    [{ ISSUER: 'http://id.example.com' }, ['issuer']],
    [{ ISSUER: 'http://localhost.example.com' }, ['issuer']],
    [{ ISSUER: 'http://localhost:3000', ...tls }, ['issuer']],
    [{ ISSUER: 'https://id.example.com', ...smtp }, ['http.trust_proxy']],
    [{ PORT: '0' }, ['issuer']],
    [{ STORE_URL: 'memory:' }, ['store_url']],
  ])('%j gives %j', async (env, options) => {
    expect(await warnings(env)).toEqual(options);
  });

  test('tell of registration that is open to anybody by no policy of the operator’s', async () => {
    const of = async (registration: string) =>
      configWarnings(await load({}, `registration: ${registration}`));
    expect(await of('{ mode: open }')).toEqual([
      expect.stringContaining('registration.open_policy'),
    ]);
    expect(await of('{ mode: open, open_policy: strangers }')).toEqual([]);
  });
});

describe('files in the repository', () => {
  test.each(configDocuments())('$path is what "npm run generate" writes', ({ path, text }) => {
    expect(committed(path)).toBe(text);
  });

  test('config/default.yaml gives exactly the defaults', async () => {
    expect(await load({}, committed('config/default.yaml'))).toEqual(defaults);
  });

  test('config/default.yaml names every option', () => {
    const keys = [...committed('config/default.yaml').matchAll(/^\s*(?:# )?(\w+):/gm)].map(
      (m) => m[1],
    );
    for (const { path } of listOptions(readOptions())) expect(keys).toContain(path.at(-1));
  });

  test.each<[string, Env]>([
    ['config/development.yaml', {}],
    ['config/production.yaml', { SECRETS_KEY: key }],
  ])('%s is a valid example without warnings', async (path, env) => {
    const config = await load(env, committed(path));
    expect(configWarnings(config)).toEqual([]);
  });
});
