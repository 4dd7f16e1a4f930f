/**
 * Loading: schema defaults < the file that CONFIG_FILE names < the environment. Whatever is wrong is
 * reported at once, with its place and its remedy. Nothing here touches `process`.
 */
import { readFileSync } from 'node:fs';
import { checkOption } from './check.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { type ReadFile, readConfigFile } from './file.ts';
import { ConfigError } from './mistakes.ts';
import { listOptions, readOptions } from './options.ts';
import { breakRules, type Facts } from './rules.ts';
import { Config, type ConfigInput } from './schema.ts';

export { ConfigError, type Mistake } from './mistakes.ts';
export { configWarnings } from './warnings.ts';

const readText: ReadFile = (path) => readFileSync(path, 'utf8');

/** Which layer an option's value comes from, by the option's name; those that none sets are not in it. */
export type Origins = ReadonlyMap<string, 'file' | 'environment'>;

/** The configuration in force, as `loadLayers` has it. @throws {ConfigError} with every mistake */
export const loadConfig = async (env: Environment, readFile?: ReadFile): Promise<Config> =>
  (await loadLayers(env, readFile)).config;

/**
 * The configuration in force, complete and valid, and where its values come from.
 * @param env the environment variables
 * @param readFile how CONFIG_FILE and the TLS files are read; relative paths are the process's own
 * @throws {ConfigError} with every mistake
 */
export async function loadLayers(
  env: Environment,
  readFile: ReadFile = readText,
): Promise<{ config: Config; origins: Origins }> {
  const tree = readOptions();
  const file = await readConfigFile(env.CONFIG_FILE, tree, readFile);
  const variables = readEnvironment(env, tree);
  const settings = new Map([...file.settings, ...variables.settings]);
  const options = new Map(listOptions(tree).map((option) => [option.name, option]));
  const checked = new Map(
    [...options].map(([name, option]) => [name, checkOption(option, settings.get(name))]),
  );

  const facts: Facts = {
    given: (name) => settings.has(name),
    value: (name) => checked.get(name)?.value,
    source: (name) => settings.get(name)?.source() ?? 'not set',
    meta: (name) => options.get(name)!.meta,
    readFile,
  };
  const mistakes = [
    ...file.mistakes,
    ...[...checked.values()].flatMap((outcome) => outcome.mistakes),
    // Rules about what is absent say nothing of a file that could not be read.
    ...(file.complete ? breakRules(facts) : []),
  ];
  if (mistakes.length > 0) throw new ConfigError(mistakes);

  const config = Config.parse(nest(settings.values()));
  const from = (names: Iterable<string>, layer: 'file' | 'environment') =>
    [...names].map((name) => [name, layer] as const);
  return {
    config: { ...config, issuer: config.issuer ?? localIssuer(config.http) },
    origins: new Map([
      ...from(file.settings.keys(), 'file'),
      ...from(variables.settings.keys(), 'environment'),
    ]),
  };
}

/** Settings as the schema takes them. The paths are the schema's own, never a stranger's. */
function nest(settings: Iterable<{ option: { path: readonly string[] }; value: unknown }>) {
  const input: Record<string, unknown> = {};
  for (const { option, value } of settings) {
    let section = input;
    for (const key of option.path.slice(0, -1)) {
      section[key] ??= {};
      section = section[key] as Record<string, unknown>;
    }
    section[option.path.at(-1) as string] = value;
  }
  return input as ConfigInput;
}

// `origin` leaves the scheme's own port out, as relying parties do when they compare issuers.
const localIssuer = (http: Config['http']): string =>
  new URL(`${http.tls_cert ? 'https' : 'http'}://localhost:${http.port}`).origin;
