/**
 * The benchmark: our server and, beside it, plain `oidc-provider`, take turns at the same operations,
 * and what counts is how many of them a CPU-second of the server process does. `--help` lists the
 * options, docs/performance.md says how to read it. With `--against` it compares two checkouts instead.
 * It judges nothing: it fails only when a server answers what it should not.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureAgainst } from './against.ts';
import type { Child } from './child.ts';
import { createHttpClient } from './client.ts';
import { measureClients } from './clients.ts';
import { compare } from './comparison.ts';
import { measureDashboard } from './dashboard.ts';
import { extensions } from './extensions.ts';
import { inspectFlag } from './inspector.ts';
import { compareLogins } from './logins.ts';
import { operations } from './operations.ts';
import { hasPartWanted, isWanted, type Options, readOptions, usage } from './options.ts';
import { createOurs, provision } from './ours.ts';
import { startPlain } from './plain-child.ts';
import { requireProc, residentMiB } from './proc.ts';
import { profileAll } from './profiling.ts';
import { print, type Report } from './report.ts';
import { measureStartup } from './startup.ts';
import { measureQueries } from './store-queries.ts';
import { createTarget } from './target.ts';

const args = process.argv.slice(2);
const tell = (line: string) => process.stderr.write(`${line}\n`);

async function measure(options: Options, folder: string): Promise<Report> {
  if (options.against !== undefined) {
    return {
      operations: [],
      changes: await measureAgainst(options.against, folder, options, tell),
    };
  }
  const report: Report = { operations: [] };
  const ours = createOurs(folder, options.store);
  if (!options.prof && isWanted(options, 'start and memory')) {
    tell('start and memory …');
    report.startup = await measureStartup(ours);
  }

  if (!options.prof && isWanted(options, 'store queries')) {
    tell('store queries …');
    report.queries = await measureQueries(folder, process.env.MONGODB_URI);
  }

  if (hasPartWanted(options, 'clients')) {
    report.clients = await measureClients(folder, options, process.env.MONGODB_URI);
  }

  if (hasPartWanted(options, 'dashboard')) {
    report.dashboard = await measureDashboard(folder, options);
  }

  const flags = options.prof ? [inspectFlag] : [];
  const wanted = [...operations, ...extensions].filter(({ name }) => isWanted(options, name));
  if (wanted.length === 0 && !isWanted(options, 'password logins')) return report;
  const children: Child[] = [];
  try {
    const child = await ours.start(...flags);
    children.push(child);
    const fixture = await provision(createHttpClient(child.url), child.url, ours.admin);
    const plain = await startPlain(import.meta.dirname, folder, fixture, flags);
    children.push(plain);
    const pair = {
      plain: await createTarget(plain, fixture),
      ours: await createTarget(child, fixture),
    };

    if (options.prof) {
      await profileAll(wanted, pair, options, console.log);
      return report;
    }
    for (const operation of wanted) {
      tell(`${operation.name} …`);
      report.operations.push(await compare(operation, pair.plain, pair.ours, options));
    }
    if (wanted.length > 0) {
      report.loaded = { plain: residentMiB(plain.pid), ours: residentMiB(child.pid) };
    }
    if (isWanted(options, 'password logins')) {
      tell('password logins …');
      report.logins = await compareLogins(pair.ours, options);
    }
    return report;
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

async function main(): Promise<void> {
  const options = readOptions(args);
  requireProc();
  const folder = await mkdtemp(join(tmpdir(), 'clientele-bench-'));
  try {
    const report = await measure(options, folder);
    if (!options.prof) console.log(options.json ? JSON.stringify(report, null, 2) : print(report));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// The servers end with this process, however it ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

if (args.includes('--help')) console.log(usage);
else {
  await main().catch((error) => {
    tell(String(error?.message ?? error));
    process.exitCode = 1;
  });
}
