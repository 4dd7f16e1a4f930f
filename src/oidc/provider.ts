/**
 * The protocol: `oidc-provider`, configured from our configuration and bound to our clients,
 * accounts, resources and store. This folder is the only one that imports it. A registration decides
 * what a client may do; the engine enforces it; what the engine leaves to its operator is here.
 */
import {
  type AdapterFactory,
  type Configuration,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
import type { Accounts } from '../accounts/accounts.ts';
import type { Consents } from '../accounts/consents.ts';
import type { Clients } from '../clients/clients.ts';
import type { Resources } from '../clients/resources.ts';
import type { Usage } from '../clients/usage.ts';
import { responseTypes } from '../clients/values.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../lib/log.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import { accountFinder } from './account.ts';
import { enabledJWA } from './algorithms.ts';
import { logoutDiscovery } from './browser-state.ts';
import { addCiba, type CibaLimits, ciba, cibaRoutes, limitCibaPolls, type Notify } from './ciba.ts';
import { claimsParameter } from './claims-parameter.ts';
import { enforceSecrets, extraProperties } from './client.ts';
import { grantLoader } from './consent.ts';
import { addDeviceFlow, type DevicePages, deviceFlow, deviceRoutes } from './device.ts';
import { type DeviceLimits, limitDeviceCodes } from './device-codes.ts';
import { addExtensionGrants } from './grants/extension-grants.ts';
import { requestedFinder } from './interactions.ts';
import type { Keys } from './keys.ts';
import { lifetimes } from './lifetimes.ts';
import {
  type MetadataDocuments,
  metadataDocuments,
  refuseOwnProperties,
} from './metadata-documents.ts';
import { certificateMethods, endpointAliases, type FindCertificate, mutualTls } from './mtls.ts';
import { createOutgoing } from './outgoing.ts';
import { guardOwners } from './owners.ts';
import { pairwiseIdentifier } from './pairwise.ts';
import { createPolicy } from './policy.ts';
import {
  checkAssertion,
  checkIntrospectionType,
  checkNonceOrState,
  fapiProfile,
  pkceRequired,
  profileOfClient,
} from './profile-requests.ts';
import { protocolClaims } from './requested-claims.ts';
import { resourceIndicators } from './resource-indicators.ts';
import { serveWholeRing } from './signer.ts';
import { tokenClaims } from './token-claims.ts';

/** The pages that the engine itself asks for; the web folder draws them. */
export interface Pages extends DevicePages {
  error(ctx: KoaContextWithOIDC, out: { error: string }, error: Error): Promise<void>;
  logout(ctx: KoaContextWithOIDC, form: string): Promise<void>;
  signedOut(ctx: KoaContextWithOIDC): Promise<void>;
}

export interface Parts {
  config: Config;
  adapter: AdapterFactory;
  /** undefined where no requests are answered. */
  limits: (DeviceLimits & CibaLimits) | undefined;
  keys: Pick<Keys, 'signers' | 'jwks'>;
  clients: Clients;
  accounts: Accounts;
  resources: Resources;
  consents: Consents;
  usage: Usage;
  vault: Vault;
  log: Log;
  /** Makes pairwise subjects; see `pairwise.ts`. */
  pairwiseSalt: Buffer;
  pages: Pages;
  /** How people learn of back-channel requests; absent where none are answered. */
  notify?: Notify | undefined;
  /** Absent while clients must be registered. */
  documents?: MetadataDocuments | undefined;
  /** Where client certificates come from; without it none does. */
  findCertificate?: FindCertificate | undefined;
}

const routes = {
  ...deviceRoutes,
  ...cibaRoutes,
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
  routes.backchannel_authentication,
  routes.device_authorization,
  routes.introspection,
  routes.jwks,
  routes.pushed_authorization_request,
  routes.revocation,
  routes.token,
  routes.userinfo,
  '/register',
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

/** Builds the engine. */
export function createProvider(parts: Parts): Provider {
  const { config, pages } = parts;
  const { claims, ttl } = config;
  const adapter = guardOwners(parts.adapter);
  const outgoing = createOutgoing(config, parts.log);
  const scopes = ['openid', 'offline_access', ...Object.keys(claims)];
  const acrs = config.authentication.acr_values;

  const provider = new Provider(config.issuer, {
    acrValues: Object.keys(acrs),
    adapter: parts.limits
      ? limitCibaPolls(limitDeviceCodes(adapter, parts.limits), parts.limits)
      : adapter,
    jwks: { keys: parts.keys.signers },
    cookies: cookies(config.issuer),
    claims: { openid: ['sub'], ...protocolClaims, ...claims },
    scopes,
    clientAuthMethods: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      ...(config.mtls.mode === 'off' ? [] : certificateMethods),
    ],
    assertJwtClientAuthClaimsAndHeader: checkAssertion(config.issuer),
    enabledJWA,
    responseTypes: [...responseTypes],
    subjectTypes: ['public', 'pairwise'],
    pairwiseIdentifier: pairwiseIdentifier(parts.pairwiseSalt),
    // Each client decides (openid_conformance); see account.ts.
    conformIdTokenClaims: false,
    discovery: {
      ...endpointAliases(config, routes),
      ...logoutDiscovery(config.issuer),
      // Registration is ours; see src/registration.
      ...(config.registration.mode !== 'off' && {
        registration_endpoint: `${config.issuer}/register`,
      }),
    },
    clientBasedCORS: allowedOrigin,
    extraTokenClaims: tokenClaims(config.tokens, parts.accounts),
    fetch: outgoing,
    extraClientMetadata: { properties: [...extraProperties], validator: refuseOwnProperties },
    // A parameter of ours, and a place where every authorization request comes by.
    extraParams: { audience: (ctx) => checkNonceOrState(ctx) },
    findAccount: accountFinder(parts.accounts),
    interactions: {
      policy: createPolicy(acrs),
      url: (_ctx, interaction) =>
        `${new URL(config.issuer).pathname.replace(/\/$/, '')}/interaction/${interaction.uid}`,
    },
    loadExistingGrant: grantLoader({ consents: parts.consents, claims }),
    pkce: { required: pkceRequired },
    ttl: lifetimes(ttl),
    // A client with the grant gets refresh tokens: without offline_access they end with the session.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async (_ctx, source) => !source.scopes.has('offline_access'),
    rotateRefreshToken: async (ctx) => {
      const { Client, Grant } = ctx.oidc.entities;
      // A grant in use must not end before the tokens that live on it.
      if (Grant && Grant.ttlPercentagePassed() >= 50) {
        Grant.exp = epoch() + ttl.grant;
        await Grant.save();
      }
      return !profileOfClient(Client)?.keepsRefreshTokens;
    },
    renderError: pages.error,
    routes,
    features: {
      backchannelLogout: { enabled: true },
      ciba: ciba({ accounts: parts.accounts, acrs, notify: parts.notify, limits: parts.limits }),
      claimsParameter: claimsParameter(acrs, claims),
      clientCredentials: { enabled: true },
      clientIdMetadataDocument: metadataDocuments(parts.documents),
      deviceFlow: deviceFlow(pages, requestedFinder(parts.resources, new Set(scopes))),
      devInteractions: { enabled: false },
      dPoP: { enabled: true },
      encryption: { enabled: true },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      fapi: { enabled: true, profile: fapiProfile },
      introspection: {
        enabled: true,
        allowedPolicy: async (ctx, client, token) => {
          checkIntrospectionType(ctx, client);
          return client.clientAuthMethod !== 'none' || token.clientId === client.clientId;
        },
      },
      jwtIntrospection: { enabled: true },
      jwtResponseModes: { enabled: true },
      jwtUserinfo: { enabled: true },
      mTLS: mutualTls(config.mtls.mode, parts.findCertificate),
      pushedAuthorizationRequests: { enabled: true },
      requestObjects: { enabled: true },
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
  enforceSecrets(provider, parts);
  addExtensionGrants(provider, parts, outgoing);
  addDeviceFlow(provider);
  serveWholeRing(provider, parts.keys.jwks);
  addCiba(provider);
  return provider;
}
