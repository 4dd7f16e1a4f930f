/** `clients export|diff|apply`: clients as a file under version control. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { exportClients } from './client-files/export.ts';
import { ClientFileError } from './client-files/flaw.ts';
import { makePlan, type Step } from './client-files/plan.ts';
import { readClientFile } from './client-files/read.ts';
import { showPlan } from './client-files/show.ts';
import { createStepWriter } from './client-files/write.ts';
import { type ClientGate, createClientGate } from './client-gate.ts';
import { clientTypes } from './clients/values.ts';
import { collections } from './collections.ts';
import { loadConfig } from './config/load.ts';
import { secretsKey } from './secrets-key.ts';
import { type Command, type Shell, UsageError } from './shell.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/store.ts';

/** What `diff` answers when something would change, as `diff` and `terraform plan` do. */
const WOULD_CHANGE = 2;

const usages = {
  export: 'clients export [FILE] [--type TYPE] [--tag TAG] [--all] [--force]',
  diff: 'clients diff FILE [--convert] [--prune]',
  apply: 'clients apply FILE [--convert] [--prune] [--yes]',
} as const;

const flag = { type: 'boolean', default: false } as const;
const word = { type: 'string' } as const;

/** The words and options after the command's name. */
function read<T extends NonNullable<Parameters<typeof parseArgs>[0]>['options']>(
  shell: Shell,
  usage: string,
  options: T & {},
) {
  try {
    const args = shell.args.slice(2);
    const parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
    if (parsed.positionals.length < 2) return parsed;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    throw new UsageError(`${message.split('. ')[0]}.\n${usage}`);
  }
  throw new UsageError(`One file at a time.\n${usage}`);
}

async function withGate<T>(shell: Shell, work: (gate: ClientGate, store: Store) => Promise<T>) {
  const loaded = await loadConfig(shell.env);
  const config = { ...loaded, secrets_key: secretsKey(loaded) };
  const store = await openStore(config.store_url, collections);
  try {
    const gate = await createClientGate(config, store);
    return await work(gate, store).finally(gate.close);
  } finally {
    await store.close();
  }
}

const reason = (error: unknown) => (error as NodeJS.ErrnoException).code;

const exportFile: Command = async (shell) => {
  const { values, positionals } = read(shell, usages.export, {
    type: word,
    tag: word,
    all: flag,
    force: flag,
  });
  const [name = '-'] = positionals;
  const type = clientTypes.find((known) => known === values.type);
  if (values.type !== undefined && !type) {
    throw new UsageError(`--type is one of ${clientTypes.join(', ')}.`);
  }
  const content = await withGate(shell, ({ clients }) =>
    exportClients(clients, { type, tag: values.tag, all: values.all }),
  );
  if (name === '-') {
    shell.say(content.trimEnd());
    return 0;
  }
  try {
    writeFileSync(name, content, { flag: values.force ? 'w' : 'wx' });
  } catch (error) {
    if (reason(error) === 'EEXIST') {
      throw new UsageError(`${name} exists – give --force to replace it.`);
    }
    throw new UsageError(`${name} cannot be written (${reason(error)}).`);
  }
  shell.say(`Wrote ${name}.`);
  return 0;
};

const planOptions = { convert: flag, prune: flag };

/** The plan for the file that was named, shown. */
async function plan(
  shell: Shell,
  gate: ClientGate,
  name: string,
  options: { convert: boolean; prune: boolean },
): Promise<Step[]> {
  let content: string;
  try {
    content = name === '-' ? await text(shell.stdin) : readFileSync(name, 'utf8');
  } catch (error) {
    throw new ClientFileError(`${name} cannot be read (${reason(error)}).`);
  }
  const file = readClientFile(name === '-' ? 'standard input' : name, content);
  const sources = { env: shell.env, folder: name === '-' ? '.' : dirname(name) };
  const steps = await makePlan(gate, file, sources, options);
  for (const line of showPlan(steps, gate.clients.validator)) shell.say(line);
  return steps;
}

const diff: Command = async (shell) => {
  const { values, positionals } = read(shell, usages.diff, planOptions);
  const [name] = positionals;
  if (!name) throw new UsageError(usages.diff);
  return withGate(shell, async (gate) => {
    const steps = await plan(shell, gate, name, values);
    return steps.every(({ kind }) => kind === 'keep') ? 0 : WOULD_CHANGE;
  });
};

/** Whether the person at the terminal says yes. To end the program is to say no. */
async function confirmed({ stdin, ended, say }: Shell): Promise<boolean> {
  say('Apply it? Only "yes" does.');
  const answer = async () => {
    let typed = '';
    for await (const chunk of stdin) {
      typed += Buffer.from(chunk).toString('utf8');
      if (typed.includes('\n')) break;
    }
    return typed.trim() === 'yes';
  };
  const no = ended.then(() => {
    stdin.destroy?.();
    return false;
  });
  return Promise.race([answer().catch(() => false), no]);
}

const apply: Command = async (shell) => {
  const { values, positionals } = read(shell, usages.apply, { ...planOptions, yes: flag });
  const [name] = positionals;
  if (!name) throw new UsageError(usages.apply);
  return withGate(shell, async (gate, store) => {
    const steps = (await plan(shell, gate, name, values)).filter(({ kind }) => kind !== 'keep');
    if (steps.length === 0) return 0;
    if (!values.yes && !shell.stdin.isTTY) {
      throw new UsageError('Nothing was changed: without a terminal to ask, give --yes.');
    }
    if (!values.yes && !(await confirmed(shell))) {
      throw new UsageError('Nothing was changed.');
    }
    await write(shell, steps, createStepWriter({ store, ...gate }));
    return 0;
  });
};

async function write(
  shell: Shell,
  steps: readonly Step[],
  writeStep: (step: Step) => Promise<boolean>,
): Promise<void> {
  let ended = false;
  void shell.ended.then(() => {
    ended = true;
  });
  const overtaken: string[] = [];
  let done = 0;
  for (const step of steps) {
    if (ended) throw new UsageError(`Interrupted: ${done} of ${steps.length} were applied.`);
    if (await writeStep(step)) done += 1;
    else overtaken.push(step.clientId);
  }
  shell.say(`Applied ${done} of ${steps.length}.`);
  if (overtaken.length === 0) return;
  throw new UsageError(
    [
      'Changed by someone else since the plan was made, and left as they are:',
      ...overtaken.map((clientId) => `  ${clientId}`),
      'Run it again to see the plan for what is there now.',
    ].join('\n'),
  );
}

export const clientCommands: Readonly<Record<string, Command>> = {
  'clients export': exportFile,
  'clients diff': diff,
  'clients apply': apply,
};
