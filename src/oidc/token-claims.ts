import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Accounts } from '../accounts/accounts.ts';
import type { Config } from '../config/schema.ts';
import type { ExtraProperties } from './client.ts';
import { exchangeClaims } from './grants/token-exchange.ts';

type Source = (
  client: Record<string, unknown> & Partial<ExtraProperties>,
  claims: Readonly<Record<string, unknown>>,
) => unknown;

/** The engine's names of what it knows of a client itself. */
const ofClient: Readonly<Record<string, string>> = {
  client_name: 'clientName',
  type: 'type',
  fapi_profile: 'fapi_profile',
};

/** `client.client_name`, `client.extra_metadata.KEY` or `account.CLAIM`. */
function sourceOf(path: string): Source {
  const [of, name = '', ...rest] = path.split('.');
  if (of === 'account') return (_client, claims) => claims[name];
  if (name === 'extra_metadata') {
    const key = rest.join('.');
    return ({ extra_metadata }) =>
      extra_metadata && Object.hasOwn(extra_metadata, key) ? extra_metadata[key] : undefined;
  }
  return (client) => client[ofClient[name] as string];
}

/**
 * Claims that the configuration adds to access tokens (`tokens.access_token_claims`): in a JWT, and
 * in the introspection of an opaque one.
 */
export function tokenClaims(
  { access_token_claims }: Config['tokens'],
  accounts: Accounts,
): NonNullable<Configuration['extraTokenClaims']> {
  const sources = Object.entries(access_token_claims).map(
    ([claim, path]) => [claim, sourceOf(path), path.startsWith('account.')] as const,
  );
  return async (ctx: KoaContextWithOIDC, token) => {
    const ofGrant = exchangeClaims(ctx);
    if (sources.length === 0) return ofGrant;
    const accountId = 'accountId' in token ? token.accountId : undefined;
    const account =
      accountId !== undefined && sources.some(([, , ofAccount]) => ofAccount)
        ? await accounts.find(accountId)
        : undefined;
    const claims = account
      ? { ...account.claims, email: account.email, email_verified: account.email_verified }
      : {};
    const client = (ctx.oidc.client ?? {}) as unknown as Parameters<Source>[0];
    const configured = sources.flatMap(([claim, source]) => {
      const value = source(client, claims);
      return value === undefined ? [] : [[claim, value] as const];
    });
    return { ...Object.fromEntries(configured), ...ofGrant };
  };
}
