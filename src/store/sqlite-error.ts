import { UnavailableError } from './store.ts';

/** The result codes of SQLite that this store tells apart; the rest are mistakes in its code. */
export const code = {
  busy: 5,
  locked: 6,
  readonly: 8,
  ioError: 10,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  notDatabase: 26,
} as const;

/** The primary result code of an error of `node:sqlite`; the bits above it only refine it. */
export function codeOf(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: number };
  return errcode === undefined ? undefined : errcode & 0xff;
}

const passing: readonly (number | undefined)[] = [
  code.busy,
  code.locked,
  code.readonly,
  code.ioError,
  code.full,
  code.cannotOpen,
];

/** What a caller is to see of an error: that the store does not answer, where that is the reason. */
export function asUnavailable(error: unknown): unknown {
  return passing.includes(codeOf(error)) ? new UnavailableError({ cause: error }) : error;
}
