/** `keys list|rotate|reseal`: the keys of a store, whether a server runs on it or not. */
import { parseArgs } from 'node:util';
import { createClientRules } from './client-gate.ts';
import { keyAlgs } from './clients/values.ts';
import { collections } from './collections.ts';
import { loadConfig } from './config/load.ts';
import type { Config } from './config/schema.ts';
import { createLog } from './lib/log.ts';
import { Problem } from './lib/problem.ts';
import { createVault, type Vault } from './lib/seal.ts';
import type { KeyTimes } from './oidc/key-ring.ts';
import { createKeys, type Keys, keysCollection } from './oidc/keys.ts';
import { loadSecrets } from './oidc/stored-secrets.ts';
import { reseal } from './reseal.ts';
import { secretsKey } from './secrets-key.ts';
import { type Command, type Shell, UsageError } from './shell.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/store.ts';

const usage = `keys rotate [${keyAlgs.join(' | ')}] [--at-once]`;

const at = (seconds: number) => new Date(seconds * 1000).toISOString();

const line = ({ alg, state, kid, active_at, retired_at, gone_at }: KeyTimes): string =>
  [
    alg.padEnd(12),
    state.padEnd(10),
    kid,
    `signs from ${at(active_at)}`,
    ...(retired_at === undefined ? [] : [`until ${at(retired_at)}`]),
    ...(gone_at === undefined ? [] : [`gone at ${at(gone_at)}`]),
  ].join('  ');

/** Opens the store, and says what comes of it line by line. */
async function withStore(
  shell: Shell,
  work: (opened: {
    config: Config & { secrets_key: string };
    store: Store;
    vault: Vault;
  }) => Promise<string[]>,
): Promise<number> {
  const loaded = await loadConfig(shell.env);
  const config = { ...loaded, secrets_key: secretsKey(loaded) };
  const store = await openStore(config.store_url, collections);
  try {
    const vault = createVault(config.secrets_key);
    for (const said of await work({ config, store, vault })) shell.say(said);
    return 0;
  } catch (error) {
    if (error instanceof Problem) throw new UsageError(error.message);
    throw error;
  } finally {
    await store.close();
  }
}

const show = (shell: Shell, work: (keys: Keys) => Promise<KeyTimes[]>): Promise<number> =>
  withStore(shell, async ({ config, store, vault }) => {
    const { audit } = createClientRules(config, store);
    const keys = await createKeys({ config, store, vault, audit, log: createLog('silent') });
    return (await work(keys).finally(keys.close)).map(line);
  });

/** Refuses a key that is not the store's as a start of the server does. */
const resealStore: Command = (shell) => {
  if (shell.args.length > 2) throw new UsageError('keys reseal');
  return withStore(shell, async ({ config, store, vault }) => {
    await loadSecrets(store.collection(keysCollection), vault);
    const count = await reseal(store, vault);
    // A consent is not sealed.
    const { consent: _, ...sealed } = config.ttl;
    const days = Math.ceil(Math.max(config.failures.keep, ...Object.values(sealed)) / 86_400);
    return [
      `${count} documents sealed anew with the newest key of SECRETS_KEY`,
      `what else the older keys sealed has ended ${days} days after every process had the newest in front`,
    ];
  });
};

const rotate: Command = async (shell) => {
  const options = { 'at-once': { type: 'boolean', default: false } } as const;
  const args = shell.args.slice(2);
  const { values, positionals } = parseArgs({ args, options, strict: false });
  const [name, ...more] = positionals;
  const alg = keyAlgs.find((known) => known === name);
  const unknown = Object.keys(values).some((option) => option !== 'at-once');
  if (unknown || more.length > 0 || (name !== undefined && !alg)) throw new UsageError(usage);
  const rotation = { ...(alg && { algs: [alg] }), at_once: values['at-once'] === true };
  return show(shell, (keys) => keys.rotate(rotation, { via: 'server' }));
};

export const keyCommands: Readonly<Record<string, Command>> = {
  'keys list': (shell) => show(shell, (keys) => keys.list()),
  'keys rotate': rotate,
  'keys reseal': resealStore,
};
