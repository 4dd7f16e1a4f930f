/**
 * The product's main job, shown: a server of its own process, a real relying party, and each step
 * with what it proved. `--serve` leaves both running with an address to open.
 */
import { openApplication } from './demo/application/application.ts';
import { createReport } from './demo/report.ts';
import { runSteps, type Step } from './demo/run.ts';
import { preparation, steps } from './demo/steps.ts';
import type { Walk } from './demo/walk.ts';

const usage = `npm run demo              walk through the main job and prove each step
npm run demo -- --serve   leave a server and a relying party running to try it in a browser
STORE_URL and SECRETS_KEY choose another store than a temporary one.`;

const { argv, env, stdout } = process;
let silent = false;
const write = (text: string) => {
  if (!silent) stdout.write(text);
};
const say = (line: string) => write(`${line}\n`);

/** Resolves with the exit code that a signal asks for; what is under way has nothing more to say. */
const interrupted = new Promise<number>((resolve) => {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const [signal, code] of Object.entries(codes)) {
    process.once(signal, () => {
      silent = true;
      resolve(code);
    });
  }
});

/** @returns whether every step passed */
async function go(walk: Walk, chosen: readonly Step<Walk>[]): Promise<boolean> {
  const report = createReport({
    write,
    ...(stdout.isTTY && { columns: stdout.columns, rows: stdout.rows }),
    colour: stdout.isTTY && !env.NO_COLOR,
  });
  const outcomes = await runSteps(chosen, walk, report);
  const passed = outcomes.every(({ state }) => state === 'passed');
  if (walk.server?.notice) say(`\n${walk.server.notice}`);
  const words = walk.server?.lastWords() ?? [];
  if (!passed && words.length > 0) say(['', 'The server’s last words:', ...words].join('\n'));
  return passed;
}

/** Leaves server and relying party to a person, until the program is interrupted. */
async function serve(walk: Walk): Promise<number> {
  const application = await openApplication();
  walk.application = application.address;
  if (!(await go(walk, preparation))) return 1;
  application.serve(walk);
  say(`
 Open      ${application.address}
 E-mail    ${walk.person.email}
 Password  ${walk.person.password}

 Ctrl-C ends the application and the server, and removes what was made for them.`);
  await interrupted;
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
  // The walk's browser stops before it leaves the server: nothing has to answer at this address.
  const walk = { env, application: 'https://orders.demo.example' } as Walk;
  const serving = options.includes('--serve');
  const going = serving ? serve(walk) : go(walk, steps).then((passed) => (passed ? 0 : 1));
  try {
    // Being interrupted is how serving ends.
    return await Promise.race([going, interrupted.then((code) => (serving ? 0 : code))]);
  } finally {
    await walk.server?.stop();
  }
}

process.exit(await demo(argv.slice(2)));
