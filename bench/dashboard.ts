/**
 * What the pages of the dashboard weigh, and what each costs the server, with very many clients. Signed
 * in as a person is, over HTTP with cookies; then each page again and again, one request at a time.
 */
import { join } from 'node:path';
import { collections } from '../src/collections.ts';
import { createVault } from '../src/lib/seal.ts';
import { openStore } from '../src/store/open.ts';
import { createBrowser } from './browser.ts';
import { type Answer, createHttpClient, type HttpClient } from './client.ts';
import { prepare } from './dashboard-fixture.ts';
import { notMeasured, type PageRow, pageRows } from './dashboard-pages.ts';
import { createOwner, populate } from './dashboard-population.ts';
import { land, type Visitor } from './dashboard-visitor.ts';
import { long, type Wait, waitMeanwhile } from './dashboard-waits.ts';
import { COUNT, percentiles } from './filled.ts';
import { formOf } from './form.ts';
import { attachProfiler, inspectFlag, type Profiler } from './inspector.ts';
import { isWanted, type Options } from './options.ts';
import { createOurs } from './ours.ts';
import { cpuSeconds } from './proc.ts';
import { profileAlone } from './profiling.ts';

/** One page. */
export interface PageTimes {
  page: string;
  /** Of the HTML. */
  bytes: number;
  /** CPU time of the server process for one, milliseconds. */
  cpu: number;
  /** From asking to having it, milliseconds. */
  p50: number;
  p99: number;
}

export interface DashboardTimes {
  store: string;
  clients: number;
  pages: PageTimes[];
  /** What every page loads beside, once: bytes by path. */
  assets: Readonly<Record<string, number>>;
  waits: Wait[];
  notMeasured: string[];
}

export const ceilings = { bytes: 100_000, milliseconds: 50 };

/** Fewer would have no 99th percentile. */
const LEAST = 100;
/** Clients in one page of a list that leads to the middle. */
const STRIDE = 500;

const nameOf = ({ path, what, form }: PageRow) =>
  `${form ? 'POST ' : ''}/dashboard${path}${what ? `: ${what}` : ''}`;

/** Whether it was asked for, as all of the dashboard or by a part of `dashboard: ` and its name. */
const wanted = (options: Options, name: string) => isWanted(options, `dashboard: ${name}`);

/** Makes the request of a row, as often as it is called. */
async function requestOf(visitor: Visitor, row: PageRow): Promise<() => Promise<Answer>> {
  const { http, browser } = visitor;
  const page = await land(visitor, row.form?.at ?? row.address);
  const form = row.form && formOf(page).fields;
  for (const [name, value] of Object.entries(row.form?.fields ?? {})) form?.set(name, value);
  const ask = { to: `/dashboard${row.address}`, ...(form && { form }) };
  return () => http.send({ ...ask, headers: { cookie: browser.cookies() } }, 200);
}

async function run(ask: () => Promise<Answer>, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end || times.length < LEAST) {
    const before = performance.now();
    await ask();
    times.push(performance.now() - before);
  }
  return times;
}

async function measurePage(
  ask: () => Promise<Answer>,
  pid: number,
  seconds: number,
): Promise<Omit<PageTimes, 'page'>> {
  await run(ask, seconds / 4);
  const { body } = await ask();
  const before = cpuSeconds(pid);
  const times = await run(ask, seconds);
  const cpu = ((cpuSeconds(pid) - before) / times.length) * 1000;
  return { bytes: Buffer.byteLength(body), cpu, ...percentiles(times) };
}

/** The style sheets, scripts and pictures of the server that a page names. */
async function weighAssets(http: HttpClient, { body }: Answer): Promise<Record<string, number>> {
  const paths = new Set(
    [...body.matchAll(/(?:href|src)="([^"]*\/assets\/[^"]*)"/g)].map(([, path = '']) => path),
  );
  const weights: Record<string, number> = {};
  for (const path of paths) {
    const answer = await http.send({ to: path }, 200);
    weights[path.replace(/\?.*/, '')] = Number(answer.header('content-length'));
  }
  return weights;
}

async function profile(
  profiler: Profiler,
  name: string,
  ask: () => Promise<Answer>,
  seconds: number,
) {
  const count = async () => (await run(ask, seconds)).length;
  console.log(await profileAlone(`dashboard: ${name}`, profiler, count));
}

/** The store of the options is filled, once, only where nothing else is measured on it. */
const storeOf = ({ store, only }: Options): string | undefined =>
  only.length > 0 && only.every((part) => part.startsWith('dashboard')) ? store : undefined;

/** @param folder for the files, those of the store among them */
export async function measureDashboard(folder: string, options: Options): Promise<DashboardTimes> {
  const url = storeOf(options) ?? `sqlite:${join(folder, 'dashboard.db')}`;
  const ours = createOurs(folder, url);
  // The first start makes what a store needs, and finds no client whose keys it would look through.
  await (await ours.start()).stop();
  process.stderr.write('dashboard: filling the store …\n');
  const store = await openStore(url, collections);
  await populate(store, createVault(ours.secrets));
  const owner = await createOwner(store);
  await store.close();

  const child = await ours.start(...(options.prof ? [inspectFlag] : []));
  const profiler = options.prof ? await attachProfiler(child) : undefined;
  const http = createHttpClient(child.url);
  const arrive = (): Visitor => {
    const browser = createBrowser(http, child.url);
    return { http, browser, url: child.url, owner };
  };
  try {
    const shown = await prepare(http, child.url, ours, COUNT / 2 / STRIDE);
    const rows = pageRows(shown);
    const assets = await weighAssets(http, await land(arrive(), ''));
    const waits: Wait[] = [];
    for (const [meanwhile, act] of Object.entries(profiler ? {} : long(arrive()))) {
      if (!wanted(options, meanwhile)) continue;
      process.stderr.write(`dashboard: ${meanwhile} …\n`);
      waits.push(await waitMeanwhile(http, child, meanwhile, act));
    }
    const pages: PageTimes[] = [];
    const visitor = arrive();
    for (const row of rows) {
      const page = nameOf(row);
      if (!wanted(options, page)) continue;
      process.stderr.write(`dashboard: ${page} …\n`);
      const ask = await requestOf(visitor, row);
      if (profiler) await profile(profiler, page, ask, options.seconds);
      else pages.push({ page, ...(await measurePage(ask, child.pid, options.seconds)) });
    }
    return {
      store: store.kind,
      clients: COUNT,
      pages,
      assets,
      waits,
      notMeasured: notMeasured(rows),
    };
  } finally {
    profiler?.close();
    http.rest();
    await child.stop();
  }
}
