/** What a client has beside the property that is asked about. */
import { DEVICE_CODE } from '../../src/clients/values.ts';
import { CALLBACK } from '../support/op.ts';
import type { Case } from './value.ts';

export type Context = Readonly<Record<string, unknown>>;

/** What every client of the table has; so that no default decides, which differ by who registers. */
export const base: Context = {
  type: 'web',
  redirect_uris: [CALLBACK],
  grant_types: ['authorization_code'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_basic',
};

const nobody: Context = { redirect_uris: [], response_types: [] };
export const service: Context = {
  ...nobody,
  type: 'server-to-server',
  grant_types: ['client_credentials'],
};
export const television: Context = {
  ...nobody,
  type: 'device',
  application_type: 'native',
  grant_types: [DEVICE_CODE],
  token_endpoint_auth_method: 'none',
};
export const native: Context = {
  type: 'native',
  application_type: 'native',
  token_endpoint_auth_method: 'none',
};

export const publicClient: Context = {
  type: 'single-page-application',
  token_endpoint_auth_method: 'none',
};

/** Lays a context under cases; what they say themselves counts. */
export const within = (context: Context, cases: readonly Case[]): Case[] =>
  cases.map((one) => ({ ...one, context: { ...context, ...one.context } }));

/** Cases of these values alone get a context, which differs by value. */
export const byValue = (cases: readonly Case[], contextOf: (value: unknown) => Context): Case[] =>
  cases.map((one) => (one.rule ? one : { ...one, context: contextOf(one.value) }));
