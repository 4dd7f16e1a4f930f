/** The wizard as a person goes through it, and the code that it shows as a developer runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from '@jest/globals';
import { exportJWK } from 'jose';
import { listen } from '../../src/listen.ts';
import { createAgent, leftFor } from '../support/agent.ts';
import type { ClientKeys } from '../support/keys.ts';
import type { Op, TestAccount, TestClient } from '../support/op.ts';
import type { DashboardTab } from './support.ts';

/** What the last page shows: values to copy, and the code by language. */
export interface Shown {
  client_id: string;
  client_secret?: string;
  discovery: string;
  samples: Record<string, string[]>;
}

/** What is on the page with the code. */
export async function shownOn({ page }: DashboardTab): Promise<Shown> {
  const values = await page.locator('dl.pairs code.value').allTextContents();
  const secret = page.locator('#secret code.value');
  const samples: Shown['samples'] = {};
  for (const one of await page.locator('details.sample').all()) {
    const name = (await one.locator('summary').textContent()) ?? '';
    samples[name] = await one.locator('pre').allTextContents();
  }
  return {
    client_id: values[0] ?? '',
    ...((await secret.count()) > 0 && { client_secret: (await secret.textContent()) ?? '' }),
    discovery: (await page.locator('#discovery code.value').textContent()) ?? '',
    samples,
  };
}

/** Fills in what is asked: texts and lines by name, choices by their value, the API by its title. */
export async function fillIn({ page }: DashboardTab, answers: Record<string, string>) {
  for (const [name, value] of Object.entries(answers)) {
    if (name === 'resource') {
      await page.selectOption('#f-resource', { label: value });
      continue;
    }
    const isChoice = (await page.locator(`input[type=radio][name="${name}"]`).count()) > 0;
    if (isChoice) await page.check(`[name="${name}"][value="${value}"]`);
    else await page.fill(`[name="${name}"]`, value);
  }
}

/** From the first page of the wizard to the last; of the API that is chosen on it, `scope` is ticked. */
export async function build(
  tab: DashboardTab,
  type: string,
  { scope, ...answers }: Record<string, string>,
): Promise<Shown> {
  const { page, open } = tab;
  await open('/clients/new');
  await page.click(`a.pick[href$="/new/${type}"]`);
  await fillIn(tab, answers);
  await page.click('form.panel button.primary');
  if (scope !== undefined) {
    await page.check(`#scopes input[value$=" ${scope}"]`);
    await page.click('form.panel button.primary');
  }
  await page.waitForURL('**/code', { timeout: 5000 }).catch(async () => {
    throw new Error(await page.locator('main').innerText());
  });
  return shownOn(tab);
}

/** A client as a relying party has it in its settings: with nothing but what was copied. */
export const copied = (
  { client_id, client_secret }: Shown,
  metadata: Record<string, unknown>,
): TestClient => ({
  client_id,
  ...(client_secret !== undefined && { client_secret }),
  redirect_uris: [],
  ...metadata,
});

export interface Program {
  /** The next line that it writes. */
  line(): Promise<string>;
  say(line: string): void;
  /** What it wrote that was not read yet, when it has ended. @throws when it failed */
  rest(): Promise<string>;
  stop(): void;
  /** What it complained about so far. */
  faults(): string;
}

/** Runs code as it stands. @param environment beside PATH and HOME */
export function run(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
  cwd?: string,
): Program {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(command, args, {
    env: { PATH, HOME, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd && { cwd }),
  });
  const faults: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text) => faults.push(text));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ended = once(child, 'close');
  const line = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error(`it ended: ${faults.join('')}`);
    return value;
  };
  return {
    line,
    say: (text) => void child.stdin.write(`${text}\n`),
    async rest() {
      const [code] = await ended;
      if (code !== 0) throw new Error(`it failed (${code}): ${faults.join('')}`);
      const found: string[] = [];
      for (let next = await lines.next(); !next.done; next = await lines.next())
        found.push(next.value);
      return found.join('\n');
    },
    stop: () => void child.kill(),
    faults: () => faults.join(''),
  };
}

/** A module of JavaScript, with the packages of this project. */
export const runNode = (code: string, environment: Record<string, string> = {}): Program =>
  run(process.execPath, ['--input-type=module', '-e', code], environment);

export const runShell = (code: string, environment: Record<string, string> = {}): Program =>
  run('bash', ['-c', code], environment);

/** A port of loopback that nobody listens at now. */
export async function freePort(): Promise<number> {
  const { port, stop } = await listen(
    { host: '127.0.0.1', port: 0, trust_proxy: false },
    (_, response) => void response.end(),
  );
  await stop(0);
  return port;
}

/** The private half of a key pair, as the code finds it. */
export async function keyFile({ privateKey, kid, alg }: ClientKeys) {
  const folder = mkdtempSync(join(tmpdir(), 'clientele-key-'));
  const path = join(folder, 'private.jwk');
  writeFileSync(path, JSON.stringify({ ...(await exportJWK(privateKey)), kid, alg }));
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const modules: Readonly<Record<string, string>> = {
  'oidc-client-ts': 'oidc-client-ts/dist/esm/oidc-client-ts.js',
  'jwt-decode': 'jwt-decode/build/esm/index.js',
};

/** An application of one page and one module, as a bundler would serve it. */
export async function serveModule(port: number, code: string): Promise<{ close(): Promise<void> }> {
  const imports = Object.fromEntries(Object.keys(modules).map((name) => [name, `/${name}.js`]));
  const html = [
    '<!doctype html><html lang="en"><title>Application</title><link rel="icon" href="data:,">',
    `<script type="importmap">${JSON.stringify({ imports })}</script>`,
    '<body><script type="module" src="/app.js"></script>',
  ].join('');
  const folder = join(import.meta.dirname, '../../node_modules');
  const listening = await listen(
    { host: '127.0.0.1', port, trust_proxy: false },
    (request, response) => {
      const name = (request.url ?? '').slice(1).replace(/\.js$/, '');
      const found = modules[name];
      const script = found ? readFileSync(join(folder, found), 'utf8') : code;
      const isPage = !found && name !== 'app';
      response.writeHead(200, { 'content-type': isPage ? 'text/html' : 'text/javascript' });
      response.end(isPage ? html : script);
    },
  );
  return { close: () => listening.stop(0) };
}

/** Asks until somebody listens: a program just started does not yet. */
export async function listening(ask: () => Promise<Response>): Promise<Response> {
  for (const _ of Array(100)) {
    const answer = await ask().catch(() => undefined);
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('nothing listens');
}

/** Goes to the application's sign-in, through the server, and back to the application. */
export async function signInAt(
  op: Op,
  origin: string,
  person: TestAccount,
): Promise<Record<string, unknown>> {
  const begun = await listening(() => fetch(`${origin}/sign-in`, { redirect: 'manual' }));
  const cookie = begun.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const to = begun.headers.get('location') ?? '';
  const back = leftFor(await createAgent(op.issuer).authorize(to, person));
  const callback = origin + back.pathname + back.search;
  // In a browser that did not begin it.
  const foreign = await fetch(callback);
  expect(foreign.status).toBeGreaterThanOrEqual(400);
  const answer = await fetch(callback, { headers: { cookie } });
  expect(answer.status).toBe(200);
  return answer.json() as Promise<Record<string, unknown>>;
}
