import type { AccessToken, ClientCredentials, Provider } from 'oidc-provider';
import { roles } from '../accounts/account.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Clients } from '../clients/clients.ts';

/** The scopes of the administration API. */
export const apiScopes = [
  { name: 'clients:read', description: 'Read clients' },
  { name: 'clients:write', description: 'Create, change and delete clients' },
  { name: 'accounts:read', description: 'Read accounts' },
  { name: 'accounts:write', description: 'Create, change and delete accounts' },
  { name: 'registration:read', description: 'Read registration policies and tokens' },
  { name: 'registration:write', description: 'Decide who may register which clients' },
  { name: 'resources:read', description: 'Read resources' },
  { name: 'resources:write', description: 'Create, change and delete resources' },
  { name: 'keys:read', description: 'Read signing keys' },
  { name: 'keys:write', description: 'Rotate signing keys' },
  { name: 'audit:read', description: 'Read who changed what' },
] as const;

type Scope = (typeof apiScopes)[number]['name'];

const all = apiScopes.map(({ name }) => name);
const reading = all.filter((name) => name.endsWith(':read'));

type Role = (typeof roles)[number];

/** What a person's roles allow, whatever their token says. */
const allowedBy: Readonly<Record<Role, readonly Scope[]>> = {
  owner: all,
  editor: [...reading, 'clients:write', 'registration:write', 'resources:write'],
  viewer: reading,
};

export const isRole = (name: string): name is Role => roles.some((role) => role === name);

/** The scopes of the administration API that go with these roles. */
export const scopesOfRoles = (held: readonly Role[]): Scope[] =>
  held.flatMap((role) => allowedBy[role]);

/** Who calls the API, and what they may do. */
export interface Caller {
  clientId: string;
  accountId?: string;
  scopes: ReadonlySet<string>;
}

/**
 * Checks access tokens for the server's own API. They are opaque and looked up, so that a revoked
 * token, a disabled account or a lost role ends access at once.
 * @returns undefined when the token is not valid for `audience`
 */
export const tokenChecker =
  (provider: Provider, clients: Clients, accounts: Accounts, audience: string) =>
  async (value: string): Promise<Caller | undefined> => {
    const [accessToken, clientToken] = await Promise.all([
      provider.AccessToken.find(value),
      provider.ClientCredentials.find(value),
    ]);
    const token: AccessToken | ClientCredentials | undefined = accessToken ?? clientToken;
    if (!token?.isValid || token.aud !== audience || !token.clientId) return undefined;
    // No proof of possession is checked here, so a bound token is not one for this API.
    if (token.isSenderConstrained() || !(await clients.find(token.clientId))) return undefined;
    const scopes = new Set(token.scopes);
    if (!accessToken) return { clientId: token.clientId, scopes };

    const [grant, account] = await Promise.all([
      provider.Grant.find(accessToken.grantId),
      accounts.find(accessToken.accountId),
    ]);
    if (!grant || !account || account.disabled) return undefined;
    const allowed = new Set<string>(scopesOfRoles(account.roles));
    return {
      clientId: token.clientId,
      accountId: accessToken.accountId,
      scopes: new Set([...scopes].filter((scope) => allowed.has(scope))),
    };
  };
