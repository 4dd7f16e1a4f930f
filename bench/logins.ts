import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Batch, rate } from './batch.ts';
import { createBrowser } from './browser.ts';
import { redirects } from './client.ts';
import type { Form } from './form.ts';
import type { Options } from './options.ts';
import { cpuSeconds } from './proc.ts';
import { type Spread, spreadOf } from './spread.ts';
import { authorizeUrl, type Target } from './target.ts';

/**
 * Password logins beside the hash alone. A login is the one request that posts the login form: find
 * the interaction, check the form's token, find the account, verify the password, store the result,
 * redirect. Getting the form before it and what follows the redirect are not counted.
 */
export interface Logins {
  /** Login posts per CPU-second of our server. */
  logins: Spread;
  /** Verified hashes per CPU-second of a process that does nothing else. */
  hashes: Spread;
  /** Logins to hashes, of batches that followed each other. */
  ratio: Spread;
  floor: number;
}

/** Logins under way at once: as many as there are threads that hash. */
const LANES = 4;
/** About what one CPU does in a second. */
const PER_SECOND = 80;

const run = promisify(execFile);

async function hashAlone(count: number): Promise<Batch> {
  const program = join(import.meta.dirname, 'hashing.ts');
  const { stdout } = await run(process.execPath, [program, String(count), String(LANES)]);
  return { count, cpu: Number(stdout) };
}

/** As many lanes as given, each taking the next of what there is. */
async function inLanes<T>(all: readonly T[], use: (one: T) => Promise<unknown>): Promise<void> {
  const queue = all.values();
  const turns = Array.from({ length: LANES }, async () => {
    for (const one of queue) await use(one);
  });
  await Promise.all(turns);
}

async function logIn(target: Target, count: number): Promise<Batch> {
  const { email, password } = target.fixture.account;
  const ready: { form: Form; cookie: string }[] = [];
  await inLanes(Array.from({ length: count }), async () => {
    const browser = createBrowser(target.http, target.child.url);
    const page = await browser.go(authorizeUrl(target));
    if (!('form' in page)) throw new Error('no login page');
    page.form.fields.set('email', email);
    page.form.fields.set('password', password);
    ready.push({ form: page.form, cookie: browser.cookies() });
  });

  const before = cpuSeconds(target.child.pid);
  await inLanes(ready, ({ form, cookie }) =>
    target.http.send({ to: form.action, form: form.fields, headers: { cookie } }, redirects),
  );
  const cpu = cpuSeconds(target.child.pid) - before;
  target.http.rest();
  return { count, cpu };
}

export async function compareLogins(ours: Target, { seconds, rounds }: Options): Promise<Logins> {
  const count = Math.ceil(seconds * PER_SECOND);
  await logIn(ours, LANES * 4);
  const rates: { hashes: number; logins: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rates.push({ hashes: rate(await hashAlone(count)), logins: rate(await logIn(ours, count)) });
  }
  return {
    logins: spreadOf(rates.map((pair) => pair.logins)),
    hashes: spreadOf(rates.map((pair) => pair.hashes)),
    ratio: spreadOf(rates.map((pair) => pair.logins / pair.hashes)),
    floor: 0.8,
  };
}
