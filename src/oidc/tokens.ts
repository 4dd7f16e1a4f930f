import type { IncomingMessage } from 'node:http';
import { type AccessToken, type ClientCredentials, errors, type Provider } from 'oidc-provider';
import { roles } from '../accounts/account.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Clients } from '../clients/clients.ts';
import { isFirstUse, readProof } from './dpop.ts';
import { createNonces } from './dpop-nonces.ts';
import { holds } from './grants/proof.ts';
import type { FindCertificate } from './mtls.ts';

/** The scopes of the administration API. */
export const apiScopes = [
  { name: 'clients:read', description: 'Read clients' },
  { name: 'clients:write', description: 'Create, change and delete clients' },
  { name: 'accounts:read', description: 'Read accounts' },
  { name: 'accounts:write', description: 'Create, change and delete accounts' },
  { name: 'accounts:recover', description: 'Send people the e-mail for a new password' },
  { name: 'registration:read', description: 'Read registration policies and tokens' },
  { name: 'registration:write', description: 'Decide who may register which clients' },
  { name: 'resources:read', description: 'Read resources' },
  { name: 'resources:write', description: 'Create, change and delete resources' },
  { name: 'keys:read', description: 'Read signing keys' },
  { name: 'keys:write', description: 'Rotate signing keys' },
  { name: 'audit:read', description: 'Read who changed what' },
  { name: 'settings:read', description: 'Read the configuration of the server' },
] as const;

type Scope = (typeof apiScopes)[number]['name'];

const all = apiScopes.map(({ name }) => name);
/** How the server is set up is its owners' to know. */
const reading = all.filter((name) => name.endsWith(':read') && name !== 'settings:read');

type Role = (typeof roles)[number];

/** What a person's roles allow, whatever their token says. */
const allowedBy: Readonly<Record<Role, readonly Scope[]>> = {
  owner: all,
  editor: [
    ...reading,
    'accounts:recover',
    'clients:write',
    'registration:write',
    'resources:write',
  ],
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

/** How a token came; its text, and what the request that it came with proves. */
export interface Presented {
  token: string;
  scheme: 'bearer' | 'dpop';
  /** The header DPoP; empty when there is none. */
  proof: string;
  method: string;
  /** The address that the request went to. */
  uri: string;
  request: IncomingMessage;
}

/** Why nobody may call (RFC 6750, section 3.1; RFC 9449, section 7.1). */
export interface Refusal {
  error: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce';
  description?: string;
}

/** Who calls, or why not; and the nonce that the next proof is to carry, where one was sent. */
export type Checked = { nonce?: string } & ({ caller: Caller } | { refusal: Refusal });

interface CheckerParts {
  provider: Provider;
  clients: Clients;
  accounts: Accounts;
  nonceSecret: Buffer;
}

/** In the words of the challenge. Whatever else went wrong is no matter of the caller's. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.InvalidDpopProof || error instanceof errors.UseDpopNonce) {
    const { error: code, error_description: description } = error;
    return { error: code as Refusal['error'], ...(description && { description }) };
  }
  throw error;
}

/**
 * Checks access tokens for the server's own API. They are opaque and looked up, so that a revoked
 * token, a disabled account or a lost role ends access at once; one that is bound is good with its
 * proof, or its certificate, alone.
 */
export function tokenChecker(
  { provider, clients, accounts, nonceSecret }: CheckerParts,
  audience: string,
  find: FindCertificate = () => undefined,
) {
  const nonces = createNonces(nonceSecret);
  const none: { refusal: Refusal } = { refusal: { error: 'invalid_token' } };

  async function callerOf(value: string, presented: Presented) {
    const [accessToken, clientToken] = await Promise.all([
      provider.AccessToken.find(value),
      provider.ClientCredentials.find(value),
    ]);
    const token: AccessToken | ClientCredentials | undefined = accessToken ?? clientToken;
    if (!token?.isValid || token.aud !== audience || !token.clientId) return none;
    const client = await clients.find(token.clientId);
    if (!client) return none;

    const { proof: header, method, uri, scheme } = presented;
    // A proof with a token that needs none, or the other way round, is a token in wrong hands.
    if ((token.jkt === undefined) !== (scheme === 'bearer')) return none;
    const proof =
      scheme === 'dpop'
        ? await readProof(header, {
            method,
            uri,
            nonces,
            needsNonce: client.metadata.dpop_require_nonce,
            accessToken: value,
          })
        : undefined;
    const certificate = find(presented.request)?.certificate;
    const proven = { ...(proof && { jkt: proof.jkt }), ...(certificate && { certificate }) };
    if (!holds(proven, token)) return none;
    if (proof && !(await isFirstUse(provider, token.clientId, proof))) {
      throw new errors.InvalidDpopProof('DPoP proof JWT Replay detected');
    }

    const scopes = new Set(token.scopes);
    if (!accessToken) return { caller: { clientId: token.clientId, scopes } };

    const [grant, account] = await Promise.all([
      provider.Grant.find(accessToken.grantId),
      accounts.find(accessToken.accountId),
    ]);
    if (!grant || !account || account.disabled) return none;
    const allowed = new Set<string>(scopesOfRoles(account.roles));
    const caller: Caller = {
      clientId: token.clientId,
      accountId: accessToken.accountId,
      scopes: new Set([...scopes].filter((scope) => allowed.has(scope))),
    };
    return { caller };
  }

  return async (presented: Presented): Promise<Checked> => ({
    ...(await callerOf(presented.token, presented).catch((error) => ({
      refusal: refusalOf(error),
    }))),
    ...(presented.proof !== '' && { nonce: nonces.next() }),
  });
}
