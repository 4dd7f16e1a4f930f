/** What a command may use of the process it runs in. */
export interface Shell {
  env: Record<string, string | undefined>;
  args: readonly string[];
  stdin: AsyncIterable<Uint8Array> & { isTTY?: boolean; destroy?(): unknown };
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

/** Does what it is named for. @returns the exit code */
export type Command = (shell: Shell) => Promise<number>;
