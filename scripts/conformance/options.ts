/** The command line of the conformance run. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Plan } from './plans/plan.ts';
import { select } from './plans.ts';

const USAGE = `npm run conformance -- [PLAN…] [options]
  PLAN               names of plans, or globs such as 'basic-*'; all when there is none
  -m, --modules GLOB only modules with such a name
  -p, --parallel N   modules at a time, in plans that allow more than one (2)
      --work FOLDER  keeps keys, results and the server's log (a new temporary folder)
      --suite URL    the suite (https://localhost.emobix.co.uk:8443)
      --suite-ca FILE  the certificate that the suite's TLS is trusted by, PEM`;

export interface Options {
  plans: readonly Plan[];
  /** A glob of their names. */
  modules?: string | undefined;
  /** Modules at a time. */
  parallel?: number | undefined;
  /** Paths are absolute. */
  work?: string | undefined;
  suite: string;
  suiteCa?: string | undefined;
}

const path = (given: string | undefined) => (given === undefined ? undefined : resolve(given));

function read(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      modules: { type: 'string', short: 'm' },
      parallel: { type: 'string', short: 'p' },
      work: { type: 'string' },
      suite: { type: 'string', default: 'https://localhost.emobix.co.uk:8443' },
      'suite-ca': { type: 'string' },
    },
  });
  const parallel = values.parallel === undefined ? undefined : Number(values.parallel);
  if (parallel !== undefined && !(Number.isInteger(parallel) && parallel > 0)) {
    throw new Error('--parallel is a number of modules, such as 2');
  }
  if (!URL.canParse(values.suite)) throw new Error(`--suite is a URL, not ${values.suite}`);
  return {
    plans: select(positionals),
    modules: values.modules,
    parallel,
    work: path(values.work),
    suite: values.suite,
    suiteCa: path(values['suite-ca']),
  };
}

/** @throws with the usage, of an option or a plan that there is not, or that is not as it must be */
export function readOptions(args: readonly string[]): Options {
  try {
    return read(args);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`);
  }
}
