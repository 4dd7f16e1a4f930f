import type { Violation } from '../../lib/problem.ts';
import type { Visit } from '../page.ts';
import type { Rest } from '../rest.ts';

export interface Secret {
  id: string;
  name?: string;
  prefix: string;
  /** Seconds since the epoch, as all times here. */
  created: number;
  expires?: number;
  last_used?: number;
}

/** A client as the API shows it. */
export interface Shown extends Record<string, unknown> {
  client_id: string;
  client_name?: string;
  type: string;
  disabled: boolean;
  client_secret?: string;
  secrets: Secret[];
  conforming: boolean;
  violations: Violation[];
  warnings: Violation[];
}

export interface Found {
  client: Shown;
  version: number | undefined;
}

/** The address of a client, in the API and below `/dashboard`. */
export const pathOf = (clientId: string) => `/clients/${encodeURIComponent(clientId)}`;

export const placeOf = (clientId: string, more = '') => `/dashboard${pathOf(clientId)}${more}`;

export const idOf = ({ params }: Visit): string => params.id as string;

/** The client that a page is about. @throws {Refused} `not_found` */
export async function find(rest: Rest, clientId: string): Promise<Found> {
  const { body, version } = await rest.call<Shown>('GET', pathOf(clientId));
  return { client: body, version };
}

/** The version that a form was made from. */
export const versionOf = (form: URLSearchParams): number | undefined =>
  /^\d{1,15}$/.test(form.get('version') ?? '') ? Number(form.get('version')) : undefined;
