/** What the program can be told to do, each a line in `commands`. */
import { text } from 'node:stream/consumers';
import { createAccounts } from './accounts/accounts.ts';
import { createPasswords } from './accounts/passwords.ts';
import { collections } from './collections.ts';
import { configWarnings, loadConfig } from './config/load.ts';
import { newId } from './lib/ids.ts';
import { createLog } from './lib/log.ts';
import { Problem } from './lib/problem.ts';
import { listen } from './listen.ts';
import { secretsKey } from './secrets-key.ts';
import { createServer } from './server.ts';
import { openStore } from './store/open.ts';
import { basePath } from './web/issuer.ts';
import { createRenderer } from './web/render.ts';

/** What a command may use of the process it runs in. */
export interface Shell {
  env: Record<string, string | undefined>;
  args: readonly string[];
  stdin: AsyncIterable<Uint8Array> & { isTTY?: boolean };
  /** Prints a line for the operator. */
  say(line: string): void;
  /** Resolves when the process is asked to end. */
  ended: Promise<void>;
  folders: { views: string; locales: string };
  /** Starts this many processes like this one, and ends with them. */
  fork(workers: number): Promise<void>;
  /** Gives the memory back that only starting needed. */
  settle(): void;
  isWorker: boolean;
}

/** A mistake in how the program was called. */
export class UsageError extends Error {
  readonly code = 'usage';
}

async function serve(shell: Shell): Promise<void> {
  const loaded = loadConfig(shell.env);
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
  if (config.workers > 1 && !shell.isWorker) return shell.fork(config.workers);

  const store = await openStore(config.store_url, collections);
  try {
    const server = await createServer(config, { store, log, renderer, announce: shell.say });
    const listening = await listen(config.http, server.callback).catch((error) => {
      server.close();
      throw error;
    });
    const scheme = config.http.tls_cert ? 'https' : 'http';
    shell.say(
      `Clientele serves ${config.issuer} at ${scheme}://${config.http.host}:${listening.port}`,
    );
    shell.settle();
    await shell.ended;
    await listening.stop();
    server.close();
  } finally {
    await store.close();
  }
}

/** `accounts create EMAIL [NAME]`: the password comes from standard input, or is made and printed. */
async function createAccount(shell: Shell): Promise<void> {
  const [, , email, name] = shell.args;
  if (!email) throw new UsageError('accounts create EMAIL [NAME], the password on standard input');
  const config = loadConfig(shell.env);
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
  } finally {
    await store.close();
  }
}

const commands: Readonly<Record<string, (shell: Shell) => Promise<void>>> = {
  '': serve,
  serve,
  'accounts create': createAccount,
};

/** Runs the command that the arguments name. @throws {UsageError} when there is none */
export async function run(shell: Shell): Promise<void> {
  const name = [shell.args.slice(0, 2).join(' '), shell.args[0] ?? ''].find((key) =>
    Object.hasOwn(commands, key),
  );
  const command = name === undefined ? undefined : commands[name];
  if (!command) {
    const known = Object.keys(commands).filter(Boolean).join(', ');
    throw new UsageError(`There is no command "${shell.args.join(' ')}" – known: ${known}`);
  }
  await command(shell);
}
