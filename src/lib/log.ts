import { type Logger, pino, stdTimeFunctions } from 'pino';

export type Log = Logger;

/**
 * JSON lines on standard output. What must never be logged is cut by name here as a last line of
 * defence; callers do not hand it in in the first place.
 */
export const createLog = (level: string, destination?: { write(line: string): void }): Log =>
  pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      redact: {
        paths: [
          'client_secret',
          'password',
          'token',
          'authorization',
          'cookie',
          'code_verifier',
        ].flatMap((name) => [name, `*.${name}`]),
        censor: '(hidden)',
      },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
