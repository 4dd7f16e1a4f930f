import type { Account as EngineAccount, FindAccount } from 'oidc-provider';
import type { Account } from '../accounts/account.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { ExtraProperties } from './client.ts';

/** Everything that an account can say; the engine cuts it to what was granted. */
const claimsOf = (sub: string, account: Account) => ({
  ...account.claims,
  sub,
  email: account.email,
  email_verified: account.email_verified,
  updated_at: account.updated,
});

/**
 * Looks an account up for the engine. A disabled account is none: its sessions, codes and refresh
 * tokens stop working at once.
 */
export const accountFinder =
  (accounts: Accounts): FindAccount =>
  async (ctx, sub): Promise<EngineAccount | undefined> => {
    const account = await accounts.find(sub);
    if (!account || account.disabled) return undefined;
    return {
      accountId: sub,
      async claims(use, _scope, requested) {
        const client = ctx.oidc.client as (ExtraProperties & object) | undefined;
        const all = claimsOf(sub, account);
        // OpenID conformance: profile claims come from UserInfo, unless there is no access token to
        // ask it with (OpenID Connect Core 1.0, section 5.4), or one was asked for individually as a
        // claim of the ID token and granted, which is what `requested` holds (section 5.5).
        const onlyIdentity =
          use === 'id_token' &&
          client?.openid_conformance === true &&
          ctx.oidc.params?.response_type !== 'id_token';
        if (!onlyIdentity) return all;
        const explicit = Object.entries(all).filter(([claim]) => Object.hasOwn(requested, claim));
        return { ...Object.fromEntries(explicit), sub };
      },
    };
  };
