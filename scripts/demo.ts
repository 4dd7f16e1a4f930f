/**
 * The product's main job, shown: a server of its own process, a real relying party, and each step
 * with what it proved. `--serve` leaves both running with an address to open.
 */
import { serveApplication } from './demo/application.ts';
import { createReport } from './demo/report.ts';
import { runSteps } from './demo/run.ts';
import { preparation, steps } from './demo/steps.ts';
import type { Walk } from './demo/walk.ts';

const usage = `npm run demo              walk through the main job and prove each step
npm run demo -- --serve   leave a server and a relying party running to try it in a browser
STORE_URL and SECRETS_KEY choose another store than a temporary one.`;

const { argv, env, stdout } = process;
const say = (line: string) => void stdout.write(`${line}\n`);

/** Resolves with the exit code that a signal asks for. */
const interrupted = new Promise<number>((resolve) => {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const [signal, code] of Object.entries(codes)) process.once(signal, () => resolve(code));
});

async function go(walk: Walk, serve: boolean): Promise<number> {
  const report = createReport({
    write: (text) => void stdout.write(text),
    ...(stdout.isTTY && { columns: stdout.columns, rows: stdout.rows }),
    colour: stdout.isTTY && !env.NO_COLOR,
  });
  const outcomes = await runSteps(serve ? preparation : steps, walk, report);
  if (outcomes.some(({ state }) => state !== 'passed')) {
    const words = walk.server?.lastWords() ?? [];
    if (words.length > 0) say(['', 'The server’s last words:', ...words].join('\n'));
    return 1;
  }
  if (!serve) return 0;
  return serveUntil(walk);
}

async function serveUntil(walk: Walk): Promise<number> {
  const application = await serveApplication(walk);
  say(`
 Open      ${walk.application}
 E-mail    ${walk.person.email}
 Password  ${walk.person.password}
 Server    ${walk.server.issuer}

 Ctrl-C ends both and removes what was made for them.`);
  await interrupted;
  await application.close();
  return 0;
}

async function demo(options: readonly string[]): Promise<number> {
  if (options.includes('--help')) {
    say(usage);
    return 0;
  }
  if (options.some((option) => option !== '--serve')) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const serve = options.includes('--serve');
  const walk = { env, say, application: 'http://127.0.0.1:4000' } as Walk;
  try {
    return await Promise.race([
      go(walk, serve),
      serve ? new Promise<never>(() => {}) : interrupted,
    ]);
  } finally {
    await walk.server?.stop();
  }
}

process.exit(await demo(argv.slice(2)));
