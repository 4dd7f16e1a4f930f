import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  /** Parts of names; what has none of them is left out. Empty: everything. */
  only: readonly string[];
  /** Length of one batch. */
  seconds: number;
  /** Batches of each server for each operation. */
  rounds: number;
  /** Requests under way at once. */
  lanes: number;
  /** Where our server keeps its state; absent: a SQLite file in a temporary folder. */
  store?: string;
  json: boolean;
  /** Profile both servers instead of judging them. */
  prof: boolean;
  /** The folder of another checkout that is measured in the place of plain `oidc-provider`. */
  against?: string;
  /** How often both checkouts' servers are started. */
  starts: number;
}

/** The help of the command line. */
export const usage = `npm run bench -- [--only NAME]… [--seconds 2] [--rounds 5] [--lanes 32]
                 [--store mongodb://…] [--json] [--prof]
npm run bench -- --against FOLDER [--starts 5] [--only NAME]… [--seconds 2] [--rounds 5] [--lanes 32] [--json]`;

const atLeastOne = (name: string, value: string): number => {
  const number = Number(value);
  if (number >= 1) return number;
  throw new Error(`--${name} is a number from 1 on, not ${value}`);
};

/** @throws {Error} at what it does not know */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      seconds: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '5' },
      lanes: { type: 'string', default: '32' },
      store: { type: 'string' },
      json: { type: 'boolean', default: false },
      prof: { type: 'boolean', default: false },
      against: { type: 'string' },
      starts: { type: 'string', default: '5' },
    },
  });
  return {
    only: values.only,
    seconds: atLeastOne('seconds', values.seconds),
    rounds: Math.trunc(atLeastOne('rounds', values.rounds)),
    lanes: Math.trunc(atLeastOne('lanes', values.lanes)),
    ...(values.store && { store: values.store }),
    json: values.json,
    prof: values.prof,
    ...(values.against && { against: values.against }),
    starts: Math.trunc(atLeastOne('starts', values.starts)),
  };
}

/** Whether `name` is among what the options ask for. */
export const isWanted = ({ only }: Options, name: string): boolean =>
  only.length === 0 || only.some((part) => name.toLowerCase().includes(part.toLowerCase()));

/** Whether `name` is asked for, or a part of it by `name: ` and what the part is called. */
export const hasPartWanted = (options: Options, name: string): boolean =>
  isWanted(options, name) || options.only.some((part) => part.startsWith(`${name}:`));
