/** What a plan is, and what it is told of this server once its clients and keys are there. */
import type { Setup } from '../family.ts';

export interface StaticClient {
  client_id: string;
  client_secret?: string;
}

/** What exists when the plans begin. */
export interface Deployment extends Setup {
  /** The clients that plans of OpenID Connect with static registration use. */
  registered: Readonly<Record<string, StaticClient>>;
  /** For the FAPI clients that register themselves. */
  registrationToken: string;
}

export interface Plan {
  name: string;
  /** What the suite calls it. */
  plan: string;
  variant: Readonly<Record<string, string>>;
  /** Whether its clients are there before it, with callbacks that hold the alias. */
  registered: boolean;
  /** Modules at a time; one where they share an alias or a person. */
  parallel: number;
  /** Seconds for a module that need not be waited for as long as others. */
  timeout?: number;
  config(deployment: Deployment): object;
}
