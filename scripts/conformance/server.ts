/** The server that the plans meet: started with its own configuration and set up through its REST API. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mergePatch } from '../../src/lib/merge-patch.ts';
import { type Call, families, type Setup } from './family.ts';

export const secret = () => randomBytes(32).toString('base64url');

const configurationOf = ({ addresses: { issuer }, folder, keys }: Setup) => ({
  issuer,
  http: {
    host: '127.0.0.1',
    port: Number(new URL(issuer).port),
    tls_cert: keys.server.cert,
    tls_key: keys.server.key,
  },
  log_level: 'info',
  mail: { folder: join(folder, 'mail'), verification: 'off' },
  fetch: { allow_loopback: true },
  registration: { mode: 'open', open_policy: 'suite' },
  limits: { registration: { ip: { max: 0 } } },
  passwords: { memory_kib: 7168, iterations: 1 },
});

export interface Server {
  call: Call;
  /** Stops it. @returns what it printed */
  close(): Promise<string>;
}

/** @param suiteCa the path of a certificate that the server trusts too: the suite's */
export async function startServer(setup: Setup, suiteCa?: string): Promise<Server> {
  const { folder } = setup;
  const { issuer } = setup.addresses;
  const admin = { id: 'conformance', secret: secret() };
  const wanted = families.reduce<unknown>(
    (over, family) => mergePatch(over, family.configuration?.(setup) ?? {}),
    configurationOf(setup),
  );
  const configuration = join(folder, 'clientele.yaml');
  // JSON is YAML.
  writeFileSync(configuration, JSON.stringify(wanted));

  const server = spawn(process.execPath, ['--import', './src/preload.js', 'src/main.ts'], {
    cwd: join(import.meta.dirname, '../..'),
    env: {
      PATH: process.env.PATH ?? '',
      CONFIG_FILE: configuration,
      STORE_URL: process.env.STORE_URL ?? `sqlite:${join(folder, 'store.db')}`,
      SECRETS_KEY: secret(),
      ADMIN_CLIENT_ID: admin.id,
      ADMIN_CLIENT_SECRET: admin.secret,
      ...(suiteCa && { NODE_EXTRA_CA_CERTS: suiteCa }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => server.kill());
  let printed = '';
  server.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });

  const close = async () => {
    if (server.exitCode === null) {
      server.kill('SIGTERM');
      await once(server, 'close');
    }
    return printed;
  };
  for (let tries = 0; !printed.includes('Clientele serves'); tries += 1) {
    if (server.exitCode !== null || tries > 300) {
      throw new Error(`the server does not serve:\n${await close()}`);
    }
    await new Promise((done) => setTimeout(done, 100));
  }

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
  const call: Call = async (path, body) => {
    const made = await fetch(`${issuer}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: await authorize(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const told = (await made.json()) as Record<string, unknown>;
    if (!made.ok) throw new Error(`POST ${path}: ${JSON.stringify(told)}`);
    return told;
  };
  return { call, close };
}
