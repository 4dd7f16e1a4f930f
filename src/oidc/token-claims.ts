import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Accounts } from '../accounts/accounts.ts';
import type { Config } from '../config/schema.ts';
import type { AddClaims, TokenFacts } from './claims-module.ts';
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

/** What a token is about and for, as a module of the operator's is told. */
function factsOf(
  ctx: KoaContextWithOIDC,
  token: Parameters<NonNullable<Configuration['extraTokenClaims']>>[1],
  account: TokenFacts['account'],
): TokenFacts {
  const { clientId, clientName, type, extra_metadata } = (ctx.oidc.client ?? {}) as unknown as {
    clientId: string;
    clientName?: string;
  } & Partial<ExtraProperties>;
  return {
    client: {
      client_id: clientId,
      client_name: clientName,
      type,
      extra_metadata: extra_metadata ?? {},
    },
    ...(account && { account }),
    token: {
      audience: token.resourceServer?.identifier(),
      scope: token.scope ?? '',
      grant_type: ctx.oidc.params?.grant_type as string | undefined,
    },
  };
}

/**
 * Claims that the configuration adds to access tokens (`tokens`): in a JWT, and in the introspection
 * of an opaque one. Where both name one, the module has the last word.
 */
export function tokenClaims(
  { access_token_claims }: Config['tokens'],
  accounts: Accounts,
  addClaims?: AddClaims,
): NonNullable<Configuration['extraTokenClaims']> {
  const sources = Object.entries(access_token_claims).map(
    ([claim, path]) => [claim, sourceOf(path), path.startsWith('account.')] as const,
  );
  const readsAccount = addClaims !== undefined || sources.some(([, , ofAccount]) => ofAccount);
  const isConfigured = sources.length > 0 || addClaims !== undefined;

  async function configuredClaims(
    ctx: KoaContextWithOIDC,
    token: Parameters<typeof factsOf>[1],
  ): Promise<Record<string, unknown>> {
    const accountId = 'accountId' in token ? token.accountId : undefined;
    const account =
      accountId !== undefined && readsAccount ? await accounts.find(accountId) : undefined;
    const claims = account
      ? { ...account.claims, email: account.email, email_verified: account.email_verified }
      : {};
    const client = (ctx.oidc.client ?? {}) as unknown as Parameters<Source>[0];
    const configured = sources.flatMap(([claim, source]) => {
      const value = source(client, claims);
      return value === undefined ? [] : [[claim, value] as const];
    });
    const person = account && { sub: accountId, ...claims };
    // The administration is left alone: a module that fails must lock nobody out of it.
    const isOurs = token.resourceServer?.identifier() === `${ctx.oidc.provider.issuer}/api/v1`;
    const added = isOurs ? {} : await addClaims?.(factsOf(ctx, token, person));
    return { ...Object.fromEntries(configured), ...added };
  }

  // Not async itself: every token comes by here.
  return (ctx, token) =>
    isConfigured
      ? configuredClaims(ctx, token).then((claims) => ({ ...claims, ...exchangeClaims(ctx) }))
      : exchangeClaims(ctx);
}
