/**
 * Puts a server of its own before the OpenID Foundation's conformance suite and tells how each plan
 * ended: `npm run conformance -- DRIVER PLAN…`. DRIVER is a folder with `run.mjs`, `plans/`, `pki/`
 * and `settings/`; the suite itself must be running. Everything that the plans want is made through
 * the REST API and the configuration, as an operator would. Environment: `PORT` (3443), `ALIAS` of
 * the plans (clientele), `STORE_URL` (a new embedded store).
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { mergePatch } from '../src/lib/merge-patch.ts';
import { createStaticClients } from './conformance/clients.ts';
import { type Driver, type Family, families, type Plan } from './conformance/family.ts';
import { settingsOf } from './conformance/settings.ts';

const [driver, ...plans] = process.argv.slice(2);
if (!driver || plans.length === 0) {
  console.error('npm run conformance -- DRIVER PLAN…, such as … plans/basic-static.json');
  process.exit(2);
}
const at = (path: string) => resolve(driver, path);
setDefaultCACertificates([...getCACertificates(), readFileSync(at('pki/op.crt'), 'utf8')]);
const secret = () => randomBytes(32).toString('base64url');

const port = Number(process.env.PORT ?? 3443);
const issuer = `https://localhost:${port}`;
const alias = process.env.ALIAS ?? 'clientele';
const admin = { id: 'conformance', secret: secret() };
const folder = mkdtempSync(join(tmpdir(), 'clientele-conformance-'));
const person = { email: 'ada@example.com', password: secret() };
const setup: Driver = { alias, issuer, port, at, person, folder };
const configuration = join(folder, 'clientele.yaml');
const suiteOnly = {
  // One module registers a second address, which nobody is sent to.
  redirect_hosts: ['localhost.emobix.co.uk', 'example.org'],
  require_pkce: false,
  openid_conformance: true,
};

const own = {
  issuer,
  http: { host: '127.0.0.1', port, tls_cert: at('pki/op.crt'), tls_key: at('pki/op.key') },
  log_level: 'info',
  mail: { folder: join(folder, 'mail'), verification: 'off' },
  fetch: { allow_loopback: true },
  registration: { mode: 'open', open_policy: 'suite' },
  limits: { registration: { ip: { max: 0 } } },
  passwords: { memory_kib: 7168, iterations: 1 },
};
const wanted = families.reduce<unknown>(
  (over, family) => mergePatch(over, family.configuration?.(setup) ?? {}),
  own,
);
// JSON is YAML.
writeFileSync(configuration, JSON.stringify(wanted));

const server = spawn(process.execPath, ['--import', './src/preload.js', 'src/main.ts'], {
  cwd: join(import.meta.dirname, '..'),
  env: {
    PATH: process.env.PATH ?? '',
    CONFIG_FILE: configuration,
    STORE_URL: process.env.STORE_URL ?? `sqlite:${join(folder, 'store.db')}`,
    SECRETS_KEY: secret(),
    ADMIN_CLIENT_ID: admin.id,
    ADMIN_CLIENT_SECRET: admin.secret,
    NODE_EXTRA_CA_CERTS: at('pki/suite.crt'),
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
let printed = '';
server.stdout.setEncoding('utf8').on('data', (text: string) => {
  printed += text;
});

async function ready(): Promise<void> {
  for (let tries = 0; !printed.includes('Clientele serves'); tries += 1) {
    if (server.exitCode !== null || tries > 300) throw new Error(`it does not serve:\n${printed}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** A copy of a plan with what each family lays over it; an option of the driver stays as it is. */
function adapt(argument: string): string {
  if (!argument.endsWith('.json')) return argument;
  const plan = JSON.parse(readFileSync(at(argument), 'utf8')) as Plan;
  const copy = join(folder, basename(argument));
  const over = (under: unknown, family: Family) =>
    mergePatch(under, family.plan?.(setup, plan) ?? {});
  writeFileSync(copy, JSON.stringify(families.reduce<unknown>(over, plan)));
  return copy;
}

async function main(): Promise<number> {
  await ready();
  /** Each call has a token of its own: plans take longer than one lives. */
  const authorize = async () => {
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${admin.id}:${admin.secret}`)}` },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: `${issuer}/api/v1`,
        scope: 'clients:write accounts:write registration:write keys:write',
      }),
    });
    return `Bearer ${((await answer.json()) as { access_token: string }).access_token}`;
  };
  const call = async (path: string, body: object) => {
    const made = await fetch(`${issuer}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: await authorize(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const told = (await made.json()) as Record<string, unknown>;
    if (!made.ok) throw new Error(`POST ${path}: ${JSON.stringify(told)}`);
    return told;
  };
  await call('/accounts', {
    ...person,
    email_verified: true,
    name: 'Ada Lovelace',
    given_name: 'Ada',
    family_name: 'Lovelace',
    middle_name: 'King',
    nickname: 'Ada',
    preferred_username: 'ada',
    profile: 'https://example.com/ada',
    picture: 'https://example.com/ada.png',
    website: 'https://example.com/',
    gender: 'female',
    birthdate: '1985-12-10',
    zoneinfo: 'Europe/London',
    locale: 'en-GB',
    phone_number: '+15550100',
    phone_number_verified: true,
    address: { formatted: '12 St James’s Square, London', country: 'UK' },
  });
  await call('/registration-policies', { name: 'suite', ...suiteOnly });
  const clients = await createStaticClients(call, alias);
  let told: unknown = settingsOf({ issuer, alias, person, static: clients });
  for (const family of families) {
    told = mergePatch(told, (await family.prepare?.(setup, call)) ?? {});
  }
  const settings = at('settings/clientele.json');
  writeFileSync(settings, JSON.stringify(told, null, 1));

  const run = spawn(process.execPath, ['run.mjs', '-s', settings, ...plans.map(adapt)], {
    cwd: driver,
    stdio: 'inherit',
  });
  const [code] = await once(run, 'close');
  return code as number;
}

process.exitCode = await main().finally(async () => {
  for (const family of families) await family.close?.();
  if (server.exitCode === null) {
    server.kill('SIGTERM');
    await once(server, 'close');
  }
  writeFileSync(at('server.log'), printed);
  rmSync(folder, { recursive: true, force: true });
});
