/** What the program can be told to do, each a line in `commands`. */
import { text } from 'node:stream/consumers';
import { createAccounts } from './accounts/accounts.ts';
import { createPasswords } from './accounts/passwords.ts';
import { collections } from './collections.ts';
import { configWarnings, loadConfig, loadLayers } from './config/load.ts';
import { newId } from './lib/ids.ts';
import { createLog } from './lib/log.ts';
import { Problem } from './lib/problem.ts';
import { listenAll } from './listen.ts';
import { secretsKey } from './secrets-key.ts';
import { createServer } from './server.ts';
import { type Command, type Shell, UsageError } from './shell.ts';
import { openStore } from './store/open.ts';
import { basePath } from './web/issuer.ts';
import { createRenderer } from './web/render.ts';

async function serve(shell: Shell): Promise<number> {
  const { config: loaded, origins } = await loadLayers(shell.env);
  // Before the store is touched: a theme that does not exist is a mistake of the configuration too.
  const renderer = createRenderer({
    ...shell.folders,
    theme: loaded.pages.theme,
    defaultLocale: loaded.pages.locale,
    base: basePath(loaded.issuer),
  });
  const config = { ...loaded, secrets_key: secretsKey(loaded) };
  const log = createLog(config.log_level);
  if (!shell.isWorker) for (const warning of configWarnings(config)) log.warn(warning);
  if (config.workers > 1 && !shell.isWorker) {
    await shell.fork(config.workers);
    return 0;
  }

  const store = await openStore(config.store_url, collections);
  try {
    const server = await createServer(config, {
      store,
      log,
      renderer,
      origins,
      announce: shell.say,
    });
    const listening = await listenAll(config, server.callback).catch(async (error) => {
      await server.close();
      throw error;
    });
    const scheme = config.http.tls_cert ? 'https' : 'http';
    shell.say(
      `Clientele serves ${config.issuer} at ${scheme}://${config.http.host}:${listening.port}`,
    );
    shell.settle();
    await shell.ended;
    await listening.stop();
    await server.close();
    return 0;
  } finally {
    await store.close();
  }
}

/** `accounts create EMAIL [NAME]`: the password comes from standard input, or is made and printed. */
async function createAccount(shell: Shell): Promise<number> {
  const [, , email, name] = shell.args;
  if (!email) throw new UsageError('accounts create EMAIL [NAME], the password on standard input');
  const config = await loadConfig(shell.env);
  const typed = shell.stdin.isTTY ? '' : (await text(shell.stdin)).replace(/\r?\n$/, '');
  const password = typed || newId();
  const store = await openStore(config.store_url, collections);
  try {
    const accounts = createAccounts(store, createPasswords(config.passwords), config.passwords);
    const entry = await accounts
      .create({ email, password, ...(name && { name }) })
      .catch((error) => {
        if (!(error instanceof Problem)) throw error;
        const flaws = error.errors?.map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`) ?? [];
        throw new UsageError(error.message + flaws.join(''));
      });
    shell.say(`Created account ${entry.id} for ${email}.`);
    if (!typed) shell.say(`Its password is ${password} – it is shown this once.`);
    return 0;
  } finally {
    await store.close();
  }
}

/** Commands by these names, which are loaded when one of them is called. */
const later = (
  names: readonly string[],
  load: () => Promise<Readonly<Record<string, Command>>>,
): Record<string, Command> =>
  Object.fromEntries(
    names.map((name) => [name, async (shell) => ((await load())[name] as Command)(shell)]),
  );

const commands: Readonly<Record<string, Command>> = {
  '': serve,
  serve,
  'accounts create': createAccount,
  ...later(['clients export', 'clients diff', 'clients apply'], async () => {
    return (await import('./client-commands.ts')).clientCommands;
  }),
  ...later(['keys list', 'keys rotate', 'keys reseal'], async () => {
    return (await import('./key-commands.ts')).keyCommands;
  }),
};

/**
 * Runs the command that the arguments name.
 * @returns the exit code
 * @throws {UsageError} when there is none
 */
export async function run(shell: Shell): Promise<number> {
  const name = [shell.args.slice(0, 2).join(' '), shell.args[0] ?? ''].find((key) =>
    Object.hasOwn(commands, key),
  );
  const command = name === undefined ? undefined : commands[name];
  if (!command) {
    const known = Object.keys(commands).filter(Boolean).join(', ');
    throw new UsageError(`There is no command "${shell.args.join(' ')}" – known: ${known}`);
  }
  return command(shell);
}
