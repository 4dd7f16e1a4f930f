/** `keys list|rotate`: the keys of a store, whether a server runs on it or not. */
import { parseArgs } from 'node:util';
import { createClientRules } from './client-gate.ts';
import { keyAlgs } from './clients/values.ts';
import { collections } from './collections.ts';
import { loadConfig } from './config/load.ts';
import { createLog } from './lib/log.ts';
import { Problem } from './lib/problem.ts';
import { createVault } from './lib/seal.ts';
import type { KeyTimes } from './oidc/key-ring.ts';
import { createKeys, type Keys } from './oidc/keys.ts';
import { secretsKey } from './secrets-key.ts';
import { type Command, type Shell, UsageError } from './shell.ts';
import { openStore } from './store/open.ts';

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

async function show(shell: Shell, work: (keys: Keys) => Promise<KeyTimes[]>): Promise<number> {
  const loaded = loadConfig(shell.env);
  const config = { ...loaded, secrets_key: secretsKey(loaded) };
  const store = await openStore(config.store_url, collections);
  try {
    const vault = createVault(config.secrets_key);
    const { audit } = createClientRules(config, store);
    const keys = await createKeys({ config, store, vault, audit, log: createLog('silent') });
    const times = await work(keys).finally(keys.close);
    for (const key of times) shell.say(line(key));
    return 0;
  } catch (error) {
    if (error instanceof Problem) throw new UsageError(error.message);
    throw error;
  } finally {
    await store.close();
  }
}

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
};
