/** What a family of plans needs beyond the server that every plan meets; a family is a file in this folder. */
import { fapi } from './fapi.ts';
import { rotation } from './rotation.ts';
import { visits } from './visits.ts';

/** Creates through the REST API: `POST /api/v1{path}`, answered with what was made. */
export type Call = (path: string, body: object) => Promise<Record<string, unknown>>;

export interface Driver {
  alias: string;
  issuer: string;
  port: number;
  /** The absolute path of a file in the driver's folder. */
  at(path: string): string;
  /** Whom the suite's browser signs in. */
  person: { email: string; password: string };
  /** What the server keeps while it runs; its e-mails are in `mail`. */
  folder: string;
}

/** A plan as its file says. */
export interface Plan {
  /** Its name in the suite. */
  plan: string;
  /** Of which of the driver's profiles. Default: `core`. */
  issuer?: string;
  variant: Readonly<Record<string, string>>;
  config: object;
}

export interface Family {
  /** Laid over the server's configuration (RFC 7396). */
  configuration?(driver: Driver): object;
  /** Makes its clients; what it answers is laid over the driver's settings (RFC 7396). */
  prepare?(driver: Driver, call: Call): Promise<object>;
  /** Laid over each plan (RFC 7396): what depends on this server and is not among the settings. */
  plan?(driver: Driver, plan: Plan): object;
  /** Ends what `prepare` began. */
  close?(): Promise<void>;
}

/** Every family, in the order in which they are laid over one another. */
export const families: readonly Family[] = [rotation, visits, fapi];
