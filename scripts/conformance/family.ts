/** What a family of plans needs beyond the server that every plan meets; a family is a file in this folder. */
import type { Keys } from './driver/keys.ts';
import type { Suite } from './driver/suite.ts';
import { fapi } from './fapi.ts';
import type { Plan } from './plans/plan.ts';
import { rotation } from './rotation.ts';
import { visits } from './visits.ts';

/** Creates through the REST API: `POST /api/v1{path}`, answered with what was made. */
export type Call = (path: string, body: object) => Promise<Record<string, unknown>>;

export interface Setup {
  suite: Suite;
  /** Of the plans in the suite; the callbacks of clients with static registration hold it. */
  alias: string;
  /** Origins: the issuer's, its listener for client certificates, and somebody else's resource. */
  addresses: Readonly<Record<'issuer' | 'mutual' | 'bank', string>>;
  keys: Keys;
  /** Whom the suite's browser signs in. */
  person: { email: string; password: string };
  /** What the server keeps while it runs; its e-mails are in `mail`. */
  folder: string;
  /** What is going to run. */
  plans: readonly Plan[];
}

/** What is done when a module, by its name, waits for the server's operator before it starts. */
export type Hooks = Readonly<Record<string, () => Promise<unknown>>>;

/** What a family made and began. */
export interface Prepared {
  registrationToken?: string;
  hooks?: Hooks;
  /** Ends what was begun. */
  close?(): Promise<void>;
}

export interface Family {
  /** Laid over the server's configuration (RFC 7396). */
  configuration?(setup: Setup): object;
  prepare(setup: Setup, call: Call): Promise<Prepared>;
}

/** Every family, in the order in which they are laid over one another. */
export const families: readonly Family[] = [rotation, visits, fapi];
