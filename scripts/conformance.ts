/**
 * Puts a server of its own before the OpenID Foundation's conformance suite, which must be running,
 * and tells how each plan ended: `npm run conformance -- [PLAN…]`. Everything that the plans want is
 * made through the REST API and the configuration, as an operator would. Environment: `PORT` (3443;
 * the two after it are used too), `ALIAS` of the plans (clientele), `STORE_URL` (a new embedded store).
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createStaticClients } from './conformance/clients.ts';
import { openKeys } from './conformance/driver/keys.ts';
import { createReport } from './conformance/driver/report.ts';
import { runPlan } from './conformance/driver/run-plan.ts';
import { createSuite } from './conformance/driver/suite.ts';
import { families, type Hooks, type Prepared, type Setup } from './conformance/family.ts';
import { type Options, readOptions } from './conformance/options.ts';
import { ada } from './conformance/person.ts';
import { type Server, secret, startServer } from './conformance/server.ts';

/** What the clients that the suite registers are held to. */
const policyFor = (suite: string) => ({
  name: 'suite',
  // One module registers a second address, which nobody is sent to.
  redirect_hosts: [new URL(suite).hostname, 'example.org'],
  require_pkce: false,
  openid_conformance: true,
});

interface Run {
  setup: Setup;
  server: Server;
  options: Options;
  /** Where results go. */
  results: string;
  /** Filled with what is to be closed in the end. */
  prepared: Prepared[];
}

async function runAll({ setup, server: { call }, options, results, prepared }: Run) {
  await call('/accounts', { ...ada, ...setup.person });
  await call('/registration-policies', policyFor(setup.suite.origin));
  const registered = await createStaticClients(setup, call);
  for (const family of families) prepared.push(await family.prepare(setup, call));
  const hooks = Object.assign({}, ...prepared.map((one) => one.hooks)) as Hooks;
  const registrationToken = prepared.find((one) => one.registrationToken)?.registrationToken ?? '';

  const deployment = { ...setup, registered, registrationToken };
  const report = createReport(results);
  const { modules, parallel } = options;
  for (const plan of setup.plans) {
    await runPlan({ deployment, plan, hooks, report, modules, parallel }).catch((error: Error) =>
      report.planFailed(plan, error),
    );
  }
  return report.end();
}

async function main(options: Options): Promise<boolean> {
  const work = options.work ?? mkdtempSync(join(tmpdir(), 'clientele-conformance-'));
  mkdirSync(work, { recursive: true });
  console.log(`keys, results and the server's log: ${work}`);
  const keys = await openKeys(join(work, 'keys'));
  const trusted = [keys.server.cert, options.suiteCa].flatMap((file) =>
    file === undefined ? [] : readFileSync(file, 'utf8'),
  );
  setDefaultCACertificates([...getCACertificates(), ...trusted]);
  const suite = createSuite(options.suite);
  await suite.running().catch((error: Error) => {
    throw new Error(
      `the suite must be running and trusted (--suite, --suite-ca): ${error.message}`,
    );
  });

  const port = Number(process.env.PORT ?? 3443);
  const at = (number: number) => `https://localhost:${number}`;
  const folder = mkdtempSync(join(tmpdir(), 'clientele-server-'));
  const setup: Setup = {
    suite,
    alias: process.env.ALIAS ?? 'clientele',
    addresses: { issuer: at(port), mutual: at(port + 1), bank: at(port + 2) },
    keys,
    person: { email: ada.email, password: secret() },
    folder,
    plans: options.plans,
  };
  const prepared: Prepared[] = [];
  try {
    const server = await startServer(setup, options.suiteCa);
    try {
      return await runAll({ setup, server, options, results: join(work, 'results'), prepared });
    } finally {
      await Promise.allSettled(prepared.map((one) => one.close?.()));
      writeFileSync(join(work, 'server.log'), await server.close());
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Otherwise the server would stay behind, on its port.
process.once('SIGTERM', () => process.exit(143));
try {
  process.exitCode = (await main(readOptions(process.argv.slice(2)))) ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
