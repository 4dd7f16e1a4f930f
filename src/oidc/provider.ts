/**
 * The protocol: `oidc-provider`, configured from our configuration and bound to our clients,
 * accounts, resources and store. This folder is the only one that imports it. A registration decides
 * what a client may do; the engine enforces it; what the engine leaves to its operator is here.
 */
import { type Configuration, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Accounts } from '../accounts/accounts.ts';
import type { Clients } from '../clients/clients.ts';
import { authMethods, responseTypes } from '../clients/metadata.ts';
import { allowedScopes } from '../clients/resource.ts';
import type { Resources } from '../clients/resources.ts';
import type { Config } from '../config/schema.ts';
import { epoch } from '../lib/time.ts';
import { accountFinder } from './account.ts';
import { enforceSecrets, extraProperties } from './client.ts';
import { createPolicy, loadGrant } from './consent.ts';

/** The pages that the engine itself asks for; the web folder draws them. */
export interface Pages {
  error(ctx: KoaContextWithOIDC, out: { error: string }, error: Error): Promise<void>;
  logout(ctx: KoaContextWithOIDC, form: string): Promise<void>;
  signedOut(ctx: KoaContextWithOIDC): Promise<void>;
}

export interface Parts {
  config: Config;
  adapter: NonNullable<Configuration['adapter']>;
  keys: NonNullable<Configuration['jwks']>['keys'];
  clients: Clients;
  accounts: Accounts;
  resources: Resources;
  pages: Pages;
}

const routes = {
  authorization: '/authorize',
  end_session: '/logout',
  introspection: '/introspect',
  jwks: '/jwks',
  pushed_authorization_request: '/par',
  revocation: '/revoke',
  token: '/token',
  userinfo: '/userinfo',
} as const;

/** Endpoints that no browser shows a page of. */
export const programPaths: readonly string[] = [
  routes.introspection,
  routes.jwks,
  routes.pushed_authorization_request,
  routes.revocation,
  routes.token,
  routes.userinfo,
];

/** Cookies as narrow as the issuer allows (RFC 6265bis, section 4.1.3). */
function cookies(issuer: string): NonNullable<Configuration['cookies']> {
  const secure = issuer.startsWith('https:');
  const attributes = { httpOnly: true, sameSite: 'lax', overwrite: true, signed: false } as const;
  return {
    // Not signed: the values are 256 random bits that only the store knows.
    long: attributes,
    short: attributes,
    names: {
      session: secure ? '__Host-session' : 'session',
      interaction: secure ? '__Secure-interaction' : 'interaction',
      resume: secure ? '__Secure-resume' : 'resume',
    },
  };
}

/** Browsers of single-page applications, from the origins that they are registered with. */
const allowedOrigin: Configuration['clientBasedCORS'] = (_ctx, origin, client) =>
  (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin);

function resourceIndicators(resources: Resources) {
  return {
    enabled: true,
    // `audience` is what other servers call it; so do their users' libraries.
    defaultResource: async (ctx: KoaContextWithOIDC, _client: unknown, oneOf?: string[]) => {
      const { audience } = (ctx.oidc.body ?? ctx.query) as { audience?: unknown };
      return typeof audience === 'string' && audience ? audience : (oneOf as unknown as string);
    },
    // A code or refresh token redeemed with `audience` instead of `resource`.
    useGrantedResource: async (
      ctx: KoaContextWithOIDC,
      { resource }: { resource?: string | string[] },
    ) => {
      const { audience } = (ctx.oidc.body ?? {}) as { audience?: unknown };
      if (typeof audience !== 'string' || !audience) return false;
      if ([resource].flat().includes(audience)) return true;
      throw new errors.InvalidTarget('the person did not sign in for this audience');
    },
    getResourceServerInfo: async (
      _ctx: KoaContextWithOIDC,
      identifier: string,
      client: { clientId: string },
    ) => {
      const resource = await resources.find(identifier);
      const scopes = resource && allowedScopes(resource, client.clientId);
      if (!resource || !scopes) {
        throw new errors.InvalidTarget('this client may not ask for tokens for this resource');
      }
      return {
        scope: scopes.join(' '),
        audience: identifier,
        accessTokenFormat: resource.access_token_format,
        accessTokenTTL: resource.access_token_ttl,
        ...(resource.access_token_format === 'jwt' && {
          jwt: { sign: { alg: resource.access_token_signing_alg } },
        }),
      };
    },
  } as NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>;
}

function lifetimes(ttl: Config['ttl']): NonNullable<Configuration['ttl']> {
  return {
    AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? ttl.access_token,
    AuthorizationCode: ttl.authorization_code,
    ClientCredentials: (_ctx, token) =>
      token.resourceServer?.accessTokenTTL ?? ttl.client_credentials,
    Grant: ttl.grant,
    IdToken: ttl.id_token,
    Interaction: ttl.interaction,
    RefreshToken: (ctx, token, client) => {
      const rotated = ctx?.oidc?.entities.RotatedRefreshToken;
      // A browser's family of refresh tokens ends when its first would have (RFC 9700, 4.14.2).
      const absolute =
        rotated &&
        client.applicationType === 'web' &&
        client.clientAuthMethod === 'none' &&
        !token.isSenderConstrained();
      return absolute ? rotated.remainingTTL : ttl.refresh_token;
    },
    Session: ttl.session,
  };
}

/** Builds the engine. It is cheap enough to be built again when keys change. */
export function createProvider(parts: Parts): Provider {
  const { config, pages } = parts;
  const { claims, ttl } = config;

  const provider = new Provider(config.issuer, {
    adapter: parts.adapter,
    jwks: { keys: parts.keys },
    cookies: cookies(config.issuer),
    claims: { openid: ['sub'], acr: null, sid: null, auth_time: null, iss: null, ...claims },
    scopes: ['openid', 'offline_access', ...Object.keys(claims)],
    clientAuthMethods: [...authMethods],
    // An assertion for several is one that each of them can present (CVE-2025-27370).
    assertJwtClientAuthClaimsAndHeader: (ctx, { aud }) => {
      const one = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
      if (ctx.oidc.isFapi('2.0') ? aud !== config.issuer : typeof one !== 'string') {
        throw new errors.InvalidClientAuth('the assertion must be for this server alone');
      }
    },
    responseTypes: [...responseTypes],
    subjectTypes: ['public'],
    // Each client decides (openid_conformance); see account.ts.
    conformIdTokenClaims: false,
    clientBasedCORS: allowedOrigin,
    extraClientMetadata: { properties: [...extraProperties] },
    extraParams: ['audience'],
    findAccount: accountFinder(parts.accounts),
    interactions: {
      policy: createPolicy(),
      url: (_ctx, interaction) =>
        `${new URL(config.issuer).pathname.replace(/\/$/, '')}/interaction/${interaction.uid}`,
    },
    loadExistingGrant: loadGrant,
    pkce: { required: () => true },
    ttl: lifetimes(ttl),
    // A client with the grant gets refresh tokens: without offline_access they end with the session.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async (_ctx, source) => !source.scopes.has('offline_access'),
    rotateRefreshToken: async (ctx) => {
      const { Grant } = ctx.oidc.entities;
      // A grant in use must not end before the tokens that live on it.
      if (Grant && Grant.ttlPercentagePassed() >= 50) {
        Grant.exp = epoch() + ttl.grant;
        await Grant.save();
      }
      return true;
    },
    renderError: pages.error,
    routes,
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      introspection: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) =>
          client.clientAuthMethod !== 'none' || token.clientId === client.clientId,
      },
      resourceIndicators: resourceIndicators(parts.resources),
      revocation: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: pages.logout,
        postLogoutSuccessSource: pages.signedOut,
      },
    },
  });
  enforceSecrets(provider, parts.clients);
  return provider;
}
